"""Services: they lead to ports that there are, and say only what their type can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.services import Service, ServicePort
from manifestgen.spec.workloads import Served
from manifestgen.verify.spec.finding import finding

Path = tuple[str, ...]

_OUTSIDE: Final = ("LoadBalancer", "NodePort")
_WITH_ADDRESS: Final = ("ClusterIP", *_OUTSIDE)
_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "load_balancer_class": ("LoadBalancer",),
    "allow_from": _OUTSIDE,
    "external_traffic_policy": _OUTSIDE,
    "internal_traffic_policy": _WITH_ADDRESS,
    "traffic_distribution": _WITH_ADDRESS,
    "session_affinity": _WITH_ADDRESS,
    "publish_not_ready": ("Headless",),
    "tls": _WITH_ADDRESS,
}
"""Which types of Service have a field, or take notice of it."""

_DISTRIBUTES_SINCE: Final = {"PreferClose": 31, "PreferSameZone": 34, "PreferSameNode": 34}
"""Minor version of Kubernetes from which it is on by default (KEP-4444, KEP-3015)."""
_DAY: Final = 86_400


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """The Services of all workloads."""
    node_ports: dict[tuple[int, str], Path] = {}
    for name, workload in platform.spec.workloads.items():
        if not isinstance(workload, Served):
            continue
        for key, service in workload.services.items():
            path = ("workloads", name, "services", key)
            yield from _ports(platform, path, workload, service)
            yield from _fields(platform, path, service)
            yield from _figures(platform, path, service)
            yield from _node_ports(platform, path, (workload, service), node_ports)


def _ports(platform: ResolvedPlatform, path: Path, workload: Served, service: Service) -> Iterator[Finding]:
    seen: dict[tuple[int, str], str] = {}
    for port, number in service.numbers.items():
        place = (*path, "ports", port)
        if port not in workload.listens:
            message, hint = f"workloads.{path[1]} has no port {port!r}", nearest_hint(port, workload.listens)
            yield finding(platform, place, "service-port", message, hint, on_key=True)
        key = (number, _protocol(workload, port))
        if key in seen:
            message = f"ports {seen[key]} and {port} of the Service are both {number}"
            yield finding(platform, place, "port-clash", message, "give each its own number")
        seen[key] = port


def _protocol(workload: Served, port: str) -> str:
    return workload.listens[port].protocol if port in workload.listens else "TCP"


def _fields(platform: ResolvedPlatform, path: Path, service: Service) -> Iterator[Finding]:
    for field, kinds in _TYPES.items():
        if getattr(service, field) and service.type not in kinds:
            alias = type(service).model_fields[field].alias or field
            message = f"a Service of type {service.type} has no {alias}"
            advice = f"use type: {kinds[0]}, or remove it"
            yield finding(platform, (*path, alias), "service-field", message, advice, on_key=True)
    for name, port in service.ports.items():
        if isinstance(port, ServicePort) and port.node_port is not None and service.type not in _OUTSIDE:
            message = f"a Service of type {service.type} has no nodePort"
            place = (*path, "ports", name, "nodePort")
            yield finding(
                platform, place, "service-field", message, "use type: NodePort, or remove it", on_key=True
            )


def _figures(platform: ResolvedPlatform, path: Path, service: Service) -> Iterator[Finding]:
    affinity, distribution = service.session_affinity, service.traffic_distribution
    if affinity is not None and parse_duration(affinity.timeout) > _DAY:
        place = (*path, "sessionAffinity", "timeout")
        message = "Kubernetes remembers an address for a day at the most"
        yield finding(platform, place, "session-affinity", message, "use at most 24h")
    version = platform.spec.cluster.kubernetes_version
    since = _DISTRIBUTES_SINCE.get(distribution or "", 0)
    if int(version.removeprefix("1.")) < since:
        message = f"Kubernetes {version} does not know {distribution}; 1.{since} and later do"
        advice = (
            "remove it" if since == _DISTRIBUTES_SINCE["PreferClose"] else "use PreferClose, or remove it"
        )
        yield finding(platform, (*path, "trafficDistribution"), "traffic-distribution", message, advice)


def _node_ports(
    platform: ResolvedPlatform,
    path: Path,
    served: tuple[Served, Service],
    seen: dict[tuple[int, str], Path],
) -> Iterator[Finding]:
    workload, service = served
    for name, port in service.ports.items():
        if isinstance(port, ServicePort) and port.node_port is not None:
            place = (*path, "ports", name, "nodePort")
            other = seen.setdefault((port.node_port, _protocol(workload, name)), place)
            if other != place:
                message = f"{'.'.join(other[:-1])} has the node port {port.node_port} already"
                yield finding(platform, place, "service-node-port", message, "give each its own number")
