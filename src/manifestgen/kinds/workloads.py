"""Objects of a workload: Deployment, Services, autoscalers, budgets, permissions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.pods import pod_context
from manifestgen.kinds.scaling import scaling_views
from manifestgen.kinds.settings import config_view, secret_view
from manifestgen.kinds.views import Owner, View, owner_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.workloads import Replicated, Scheduler, Served, Service, Workload


def workload_views(platform: ResolvedPlatform) -> Iterator[View]:
    """All objects of all workloads, in the order people read them."""
    for name, workload in platform.spec.workloads.items():
        owner = owner_of(platform, "workloads", name)
        yield from _account_views(owner, workload)
        yield from config_view(owner, workload.config)
        yield from secret_view(owner, workload.secrets, platform.spec.vault)
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


def _account_views(owner: Owner, workload: Workload) -> Iterator[View]:
    yield owner.view("service-account", annotations=workload.service_account.annotations)
    if not workload.permissions:
        return
    rules = [_rule(permission) for permission in workload.permissions.values()]
    yield owner.view("role", rules=rules)
    yield owner.view("role-binding", account=owner.name)


def _rule(permission: Any) -> dict[str, list[str]]:
    rule = {"apiGroups": permission.api_groups, "resources": permission.resources}
    if permission.names:
        rule["resourceNames"] = permission.names
    return {**rule, "verbs": permission.verbs}


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
