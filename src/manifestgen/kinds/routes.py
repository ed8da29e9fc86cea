"""Objects of routes, as ``cluster.routing`` wants them, and what both ways have in common."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.kinds.views import View
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.routes import Destination, Route, RouteRule
from manifestgen.spec.services import ServerTls
from manifestgen.spec.workloads import Served

NamedRule = tuple[str | None, RouteRule]


def route_views(platform: ResolvedPlatform) -> Iterator[View]:
    """The Ingresses, or the Gateway with its routes."""
    if platform.spec.cluster.routing == "ingress":
        from manifestgen.kinds.ingress import ingress_views

        yield from ingress_views(platform)
    else:
        from manifestgen.kinds.gateway import gateway_views

        yield from gateway_views(platform)


def known_rules(platform: ResolvedPlatform, route: Route) -> list[NamedRule]:
    """The rules of a route whose workloads and ports are there; for the others the checks have a finding."""
    return [
        (name, rule)
        for name, rule in route.all_rules()
        if all(port_number(platform, one) is not None for one in rule.asked)
    ]


def port_number(platform: ResolvedPlatform, destination: Destination) -> int | None:
    """The port of the Service that a rule leads to; None when there is no such thing."""
    workload = platform.spec.workloads.get(destination.workload)
    ports = workload.main_ports if isinstance(workload, Served) else {}
    return ports.get(destination.port)


def tls_at(platform: ResolvedPlatform, destination: Destination) -> ServerTls | None:
    """How the pods that a rule leads to speak TLS themselves; None when they do not."""
    workload = platform.spec.workloads.get(destination.workload)
    return workload.tls_at(destination.port) if isinstance(workload, Served) else None
