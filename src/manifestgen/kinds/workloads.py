"""Objects of a workload: its controller, Services, autoscalers, budgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.controllers import controller_view
from manifestgen.kinds.pods.files import file_data
from manifestgen.kinds.rights import account_views
from manifestgen.kinds.rollouts import new_version_service, rollout_views
from manifestgen.kinds.scaling import scaling_views
from manifestgen.kinds.secrets import secret_view
from manifestgen.kinds.settings import config_view
from manifestgen.kinds.views import Owner, View, owner_of, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.ports import Port
from manifestgen.spec.workloads import Replicated, Served, Service, Workload


def workload_views(platform: ResolvedPlatform) -> Iterator[View]:
    """All objects of all workloads, in the order people read them."""
    for name, workload in platform.spec.workloads.items():
        owner = owner_of(platform, "workloads", name)
        yield from account_views(owner, workload)
        yield from config_view(owner, workload.config)
        yield from _files_view(owner, workload)
        yield from secret_view(platform, owner, workload.secrets)
        if isinstance(workload, Replicated) and workload.is_progressive:
            yield from rollout_views(platform, owner, workload)
        else:
            yield controller_view(platform, owner, workload)
        if isinstance(workload, Served):
            yield from _service_views(owner, workload)
            yield from _new_version_views(platform, owner, workload)
        yield from scaling_views(platform, owner, workload)


def _files_view(owner: Owner, workload: Workload) -> Iterator[View]:
    """The ConfigMap of the files whose contents stand in the spec."""
    files = file_data(workload)
    if files:
        groups = [{"description": None, "values": files}]
        yield owner.view("config-map", names.files(owner.name), groups=groups)


def _service_views(owner: Owner, workload: Served) -> Iterator[View]:
    for key, service in workload.all_services.items():
        yield _service_view(owner, workload, names.service(owner.name, key), service)


def _new_version_views(platform: ResolvedPlatform, owner: Owner, workload: Served) -> Iterator[View]:
    """The Service of the pods of a new version; Argo Rollouts tells them from the others by their hash."""
    name = new_version_service(platform, owner.name)
    if name is not None and workload.main_ports:
        description = "Leads to the new version alone: Argo Rollouts adds its hash to the selector."
        service = Service(ports=workload.main_ports)
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
        traffic_policy=service.external_traffic_policy,
        allow_from=service.allow_from,
        publish_not_ready=service.publish_not_ready,
        selector=owner.selector,
        ports=[
            _service_port(name, number, workload.listens.get(name)) for name, number in service.ports.items()
        ],
    )


def _service_port(name: str, number: int, target: Port | None) -> dict[str, Any]:
    """A port of a Service; what is spoken there is what the port of the container speaks."""
    protocol = target.protocol if target is not None else "TCP"
    return {
        "name": name,
        "port": number,
        "targetPort": name,
        **({"protocol": protocol} if protocol != "TCP" else {}),
        **present(appProtocol=target.app_protocol if target is not None else None),
    }
