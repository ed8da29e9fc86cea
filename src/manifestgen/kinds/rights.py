"""Objects about rights: the service account of a workload, and what it may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import Owner, View
from manifestgen.spec.late import ClusterPermission, Permission
from manifestgen.spec.workloads import ServiceAccount, WorkloadBase


def account_views(owner: Owner, workload: WorkloadBase) -> Iterator[View]:
    """The service account of a workload, its roles and their bindings."""
    yield owner.view("service-account", annotations=_annotations(workload.service_account))
    subjects = [{"kind": "ServiceAccount", "name": owner.name}]
    if workload.permissions:
        yield owner.view("role", rules=rules_of(workload.permissions))
        yield owner.view("role-binding", role_kind="Role", role=owner.name, subjects=subjects)
    if workload.cluster_permissions:
        name = names.in_cluster(owner.name)
        yield owner.view("cluster-role", name, rules=rules_of(workload.cluster_permissions))
        yield owner.view("cluster-role-binding", name, role=name, subjects=subjects)


def _annotations(account: ServiceAccount) -> dict[str, str]:
    """What tells the cloud who the workload is to it, and the annotations of the spec."""
    identity = account.identity
    found = {
        "eks.amazonaws.com/role-arn": identity.aws,
        "iam.gke.io/gcp-service-account": identity.google,
        "azure.workload.identity/client-id": identity.azure,
    }
    return {key: known for key, known in found.items() if known is not None} | account.annotations


def rules_of(permissions: Mapping[str, Permission] | Mapping[str, ClusterPermission]) -> list[dict[str, Any]]:
    """The permissions as the template of a role takes them."""
    return [_rule(permission) for permission in permissions.values()]


def _rule(permission: Permission | ClusterPermission) -> dict[str, Any]:
    wide = permission if isinstance(permission, ClusterPermission) else None
    return {
        "reason": wide and wide.reason,
        "urls": wide.non_resource_urls if wide else [],
        "api_groups": permission.api_groups,
        "resources": permission.resources,
        "names": permission.names,
        "verbs": permission.verbs,
    }
