"""Objects about the namespace, and those that belong to the whole cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.rights import rules_of
from manifestgen.kinds.views import Owner, View
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Access, Quota, Role
from manifestgen.spec.tenancy import PodSecurity

_POD_SECURITY = "pod-security.kubernetes.io/"
_KEPT = {"helm.sh/resource-policy": "keep"}
"""Else the end of a release would take the namespace with it, and all the data in it."""
_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"


def tenancy_views(platform: ResolvedPlatform) -> Iterator[View]:
    """The Namespace, its quotas and limits, roles and who has them."""
    tenancy = platform.spec.tenancy
    owner = _owner(platform, "tenancy")
    if tenancy.namespace is not None:
        made = tenancy.namespace
        labels = owner.labels | dict(_pod_security(made.pod_security)) | made.labels
        yield _owner(platform, "tenancy", "namespace").view(
            "namespace",
            names.THIS_NAMESPACE,
            description="The namespace itself, which is called as the environment says.",
            labels=labels,
            annotations=_KEPT | made.annotations,
        )
    for name, quota in tenancy.quotas.items():
        yield _owner(platform, "tenancy", "quotas", name).view("resource-quota", name, **_quota(quota))
    if tenancy.limit_range is not None:
        yield _owner(platform, "tenancy", "limitRange").view(
            "limit-range", names.LIMIT_RANGE, limits=tenancy.limit_range.items()
        )
    for name, role in tenancy.roles.items():
        yield _role(_owner(platform, "tenancy", "roles", name), name, role)
    for name, access in tenancy.access.items():
        yield _access(_owner(platform, "tenancy", "access", name), name, access, tenancy.roles)


def priority_views(platform: ResolvedPlatform) -> Iterator[View]:
    """The PriorityClasses."""
    for name, priority in platform.spec.priority_classes.items():
        yield _owner(platform, "priorityClasses", name).view("priority-class", name, priority=priority)


def _owner(platform: ResolvedPlatform, *source: str) -> Owner:
    return Owner(platform.name, names.PLATFORM, "platform", source)


def _pod_security(security: PodSecurity) -> Iterator[tuple[str, str]]:
    levels = {"enforce": security.enforce, "audit": security.audit, "warn": security.warn}
    for mode, level in levels.items():
        yield f"{_POD_SECURITY}{mode}", level
        yield f"{_POD_SECURITY}{mode}-version", security.version


def _quota(quota: Quota) -> dict[str, Any]:
    selector = [{"scopeName": "PriorityClass", "operator": "In", "values": quota.priority_classes}]
    return {
        "hard": quota.counted(),
        "scopes": [quota.scope] if quota.scope else [],
        "scope_selector": selector if quota.priority_classes else [],
    }


def _role(owner: Owner, name: str, role: Role) -> View:
    rules = rules_of(role.permissions)
    if not role.aggregate_to:
        return owner.view("role", name, description=role.description, rules=rules)
    labels = owner.labels | {f"{_AGGREGATE}{to}": "true" for to in role.aggregate_to}
    return owner.view(
        "cluster-role", names.in_cluster(name), description=role.description, labels=labels, rules=rules
    )


def _access(owner: Owner, name: str, access: Access, roles: Mapping[str, Role]) -> View:
    own = roles.get(access.role)
    everywhere = own is None or bool(own.aggregate_to)
    subjects = [
        *(_named("Group", group) for group in access.groups),
        *(_named("User", user) for user in access.users),
        *(_account(account) for account in access.service_accounts),
    ]
    return owner.view(
        "role-binding",
        name,
        description=access.description,
        role_kind="ClusterRole" if everywhere else "Role",
        role=names.in_cluster(access.role) if own is not None and own.aggregate_to else access.role,
        subjects=subjects,
    )


def _named(kind: str, name: str) -> dict[str, str]:
    return {"kind": kind, "apiGroup": "rbac.authorization.k8s.io", "name": name}


def _account(account: str) -> dict[str, str]:
    namespace, _, name = account.partition("/")
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
