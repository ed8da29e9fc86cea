"""Services of a workload, and how gateways speak TLS to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.sharing import new_version_service
from manifestgen.kinds.views import Owner, View, present, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.ports import Port
from manifestgen.spec.services import Service, ServicePort
from manifestgen.spec.workloads import Served


def service_views(owner: Owner, workload: Served) -> Iterator[View]:
    """The Services of a workload."""
    for key, service in workload.all_services.items():
        yield _service_view(owner, workload, names.service(owner.name, key), service)


def new_version_views(platform: ResolvedPlatform, owner: Owner, workload: Served) -> Iterator[View]:
    """The Service of the pods of a new version; Argo Rollouts tells them from the others by their hash."""
    name = new_version_service(platform, owner.name)
    if name is not None and workload.main_ports:
        description = "Leads to the new version alone: Argo Rollouts adds its hash to the selector."
        service = Service(ports=dict(workload.main_ports))
        yield _service_view(owner, workload, name, service, description=description)


def _service_view(
    owner: Owner, workload: Served, name: str, service: Service, *, description: str | None = None
) -> View:
    return owner.view(
        "service",
        name,
        description=description,
        annotations=service.annotations,
        headless=service.type == "Headless",
        type="ClusterIP" if service.type == "Headless" else service.type,
        external_name=None,
        ip_families=[],
        ip_family_policy=service.ip_family_policy,
        publish_not_ready=service.publish_not_ready,
        load_balancer_class=service.load_balancer_class,
        internal_traffic_policy=service.internal_traffic_policy,
        traffic_policy=service.external_traffic_policy,
        traffic_distribution=service.traffic_distribution,
        allow_from=service.allow_from if service.type == "LoadBalancer" else [],
        affinity=seconds(service.session_affinity.timeout) if service.session_affinity else None,
        selector=owner.selector,
        ports=[_port(key, port, workload.listens.get(key)) for key, port in service.ports.items()],
    )


def _port(name: str, given: int | ServicePort, target: Port | None) -> dict[str, Any]:
    """A port of a Service; what is spoken there is what the port of the container speaks."""
    number = given if isinstance(given, int) else given.port
    protocol = target.protocol if target is not None else "TCP"
    return present(
        name=name,
        port=number,
        targetPort=name,
        nodePort=None if isinstance(given, int) else given.node_port,
        protocol=protocol if protocol != "TCP" else None,
        appProtocol=target.app_protocol if target is not None else None,
    )
