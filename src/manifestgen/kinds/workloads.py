"""Objects of a workload: Deployment, Services, autoscalers, budgets."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts import conventions as names
from manifestgen.kinds.pods import pod_context
from manifestgen.kinds.rights import account_views
from manifestgen.kinds.scaling import scaling_views
from manifestgen.kinds.secrets import secret_view
from manifestgen.kinds.settings import config_view
from manifestgen.kinds.views import Owner, View, owner_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.workloads import Replicated, Scheduler, Served, Service, Workload


def workload_views(platform: ResolvedPlatform) -> Iterator[View]:
    """All objects of all workloads, in the order people read them."""
    for name, workload in platform.spec.workloads.items():
        owner = owner_of(platform, "workloads", name)
        yield from account_views(owner, workload)
        yield from config_view(owner, workload.config)
        yield from secret_view(platform, owner, workload.secrets)
        yield _deployment_view(platform, owner, workload)
        if isinstance(workload, Served):
            yield from _service_views(owner, workload)
        yield from scaling_views(platform, owner, workload)


def _deployment_view(platform: ResolvedPlatform, owner: Owner, workload: Workload) -> View:
    fixed = workload.replicas if isinstance(workload, Replicated) else 1
    return owner.view(
        "deployment",
        description=workload.description,
        replicas=fixed,
        recreate=isinstance(workload, Scheduler),
        update=workload.update if isinstance(workload, Replicated) else None,
        selector=owner.selector,
        pod=pod_context(platform, owner, workload),
    )


def _service_views(owner: Owner, workload: Served) -> Iterator[View]:
    services = dict(workload.services)
    if not services and workload.ports:
        services = {names.MAIN_SERVICE: Service(ports=workload.main_ports)}
    for key, service in services.items():
        yield owner.view(
            "service",
            names.service(owner.name, key),
            annotations=service.annotations,
            headless=service.type == "Headless",
            type="ClusterIP" if service.type == "Headless" else service.type,
            traffic_policy=service.external_traffic_policy,
            allow_from=service.allow_from,
            publish_not_ready=service.publish_not_ready,
            selector=owner.selector,
            ports=service.ports,
        )
