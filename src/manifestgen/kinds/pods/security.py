"""Security contexts of pods and containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.kinds.views import present
from manifestgen.spec.base import defaults_of
from manifestgen.spec.security import ContainerSecurity, LocalProfile, Profile, Security, SELinux

_ROOT = {"runAsNonRoot": False, "runAsUser": 0, "runAsGroup": 0}
_DEFAULT = defaults_of(Security)


def pod_security(security: Security) -> dict[str, Any]:
    """The security context of a pod: what holds for each container that says nothing else."""
    groups = security.supplemental_groups
    return {
        **_user(security, security),
        **({"supplementalGroups": groups} if groups else {}),
        **(
            {"fsGroup": security.fs_group, "fsGroupChangePolicy": "OnRootMismatch"}
            if security.fs_group is not None
            else {}
        ),
        "seccompProfile": _profile(security.seccomp_profile or "RuntimeDefault"),
        **_confinement(security),
    }


def own_security(security: Security) -> dict[str, Any]:
    """The security context of a container that is the workload itself: the rest is that of the pod."""
    return _guards(security)


def container_security(security: ContainerSecurity, pod: Security) -> dict[str, Any]:
    """The security context of another container of a pod: root only where it says so itself."""
    seccomp = (
        {} if security.seccomp_profile is None else {"seccompProfile": _profile(security.seccomp_profile)}
    )
    return {**_difference(security, pod), **_guards(security), **seccomp, **_confinement(security)}


def _difference(security: ContainerSecurity, pod: Security) -> dict[str, Any]:
    """The user of a container, where it is not the pod's."""
    if security.run_as_root is not None:
        return {} if pod.run_as_root is not None else dict(_ROOT)
    if pod.run_as_root is not None:
        return _user(security, _DEFAULT)
    return present(runAsUser=security.run_as_user, runAsGroup=security.run_as_group)


def _user(security: ContainerSecurity, otherwise: Security) -> dict[str, Any]:
    if security.run_as_root is not None:
        return dict(_ROOT)
    user = present(
        runAsUser=security.run_as_user or otherwise.run_as_user,
        runAsGroup=security.run_as_group or otherwise.run_as_group,
    )
    return {"runAsNonRoot": True, **user}


def _guards(security: ContainerSecurity) -> dict[str, Any]:
    if security.privileged is not None:
        return {"privileged": True, "readOnlyRootFilesystem": security.read_only_root_filesystem}
    # The API server refuses to take away what CAP_SYS_ADMIN brings with it.
    escalates = security.privilege_escalation is not None or "SYS_ADMIN" in security.capabilities
    kept = {"add": list(security.capabilities)} if security.capabilities else {}
    return {
        "allowPrivilegeEscalation": escalates,
        "readOnlyRootFilesystem": security.read_only_root_filesystem,
        "capabilities": {"drop": ["ALL"], **kept},
    }


def _confinement(security: ContainerSecurity) -> dict[str, Any]:
    profile = security.app_armor_profile
    labels = {} if security.se_linux_options is None else _labels(security.se_linux_options)
    return {
        **({"appArmorProfile": _profile(profile)} if profile is not None else {}),
        **({"seLinuxOptions": labels} if labels else {}),
    }


def _labels(options: SELinux) -> dict[str, str]:
    return present(user=options.user, role=options.role, type=options.type, level=options.level)


def _profile(profile: Profile) -> dict[str, str]:
    if isinstance(profile, LocalProfile):
        return {"type": "Localhost", "localhostProfile": profile.localhost}
    return {"type": profile}


def reasons(security: ContainerSecurity) -> list[str]:
    """Why a container has what others have not, one line for each exception."""
    return list(_reasons(security))


def _reasons(security: ContainerSecurity) -> Iterator[str]:
    exceptions = (
        ("Runs as root", security.run_as_root),
        ("Privileged", security.privileged),
        ("May gain privileges", security.privilege_escalation),
    )
    for what, given in exceptions:
        if given is not None:
            yield f"{what}: {given.reason}"
    for capability, reason in security.capabilities.items():
        yield f"{capability}: {reason}"
