"""What the namespace lets in: pods by its Pod Security Standard, containers by its LimitRanges.

Sources: "Pod Security Standards" of the Kubernetes documentation, and the admission plugin LimitRanger.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts.conventions import THIS_NAMESPACE
from manifestgen.facts.quantities import amount
from manifestgen.verify.lint.world import Pods, World

_ENFORCE: Final = "pod-security.kubernetes.io/enforce"
_BASELINE_CAPABILITIES: Final = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)
_RESTRICTED_VOLUMES: Final = frozenset(
    {
        *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected"),
        "secret",
    }
)


def check(world: World) -> Iterator[Finding]:
    """All pods, by what is enforced in their namespace."""
    level = _enforced(world)
    for pods in world.pods:
        yield from _bounds(world, pods)
        breaches = list(dict.fromkeys(_breaches(pods, level)))
        if breaches:
            yield world.objection(
                pods.made,
                "pod-security",
                f"the namespace enforces the standard {level} and refuses the pods of {pods.name}: "
                f"{', '.join(breaches)}",
                "mend the pods, or enforce a lower standard under tenancy.namespace.podSecurity",
                ("security",),
            )


def _enforced(world: World) -> str:
    """The standard that the platform's own namespace enforces, if it says so."""
    for made in world.of("Namespace"):
        if made.id.name in (THIS_NAMESPACE, world.inventory.namespace):
            return str((made.manifest["metadata"].get("labels") or {}).get(_ENFORCE, "privileged"))
    return "privileged"


def _breaches(pods: Pods, level: str) -> Iterator[str]:
    if level not in ("baseline", "restricted"):
        return
    yield from _baseline_of_pod(pods.spec)
    for container in pods.containers():
        for breach in _baseline_of_container(container):
            yield f"container {container['name']} {breach}"
    if level == "restricted":
        yield from _restricted_of_pod(pods.spec)
        for container in pods.containers():
            for breach in _restricted_of_container(container, pods.spec.get("securityContext") or {}):
                yield f"container {container['name']} {breach}"


def _baseline_of_pod(spec: dict[str, Any]) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield f"the pod has {field}"
    for volume in spec.get("volumes") or ():
        if "hostPath" in volume:
            yield f"the pod has the hostPath of volume {volume['name']}"
    if _seccomp(spec.get("securityContext") or {}) == "Unconfined":
        yield "the pod has the seccomp profile Unconfined"


def _baseline_of_container(container: dict[str, Any]) -> Iterator[str]:
    context = container.get("securityContext") or {}
    if context.get("privileged"):
        yield "is privileged"
    if _seccomp(context) == "Unconfined":
        yield "has the seccomp profile Unconfined"
    for capability in (context.get("capabilities") or {}).get("add") or ():
        if capability not in _BASELINE_CAPABILITIES:
            yield f"has the capability {capability}"
    if any(port.get("hostPort") for port in container.get("ports") or ()):
        yield "has a hostPort"


def _restricted_of_pod(spec: dict[str, Any]) -> Iterator[str]:
    for volume in spec.get("volumes") or ():
        kinds = set(volume) - {"name"}
        if kinds and not kinds & (_RESTRICTED_VOLUMES | {"hostPath"}):
            yield f"the pod has the {min(kinds)} of volume {volume['name']}"


def _restricted_of_container(container: dict[str, Any], of_pod: dict[str, Any]) -> Iterator[str]:
    own = container.get("securityContext") or {}
    context = {**of_pod, **own}
    if own.get("allowPrivilegeEscalation") is not False:
        yield "lacks allowPrivilegeEscalation: false"
    if context.get("runAsNonRoot") is not True:
        yield "lacks runAsNonRoot: true"
    if context.get("runAsUser") == 0:
        yield "has runAsUser: 0"
    if (_seccomp(own) or _seccomp(of_pod)) not in ("RuntimeDefault", "Localhost"):
        yield "lacks a seccomp profile"
    yield from _restricted_capabilities(own.get("capabilities") or {})


def _restricted_capabilities(capabilities: dict[str, Any]) -> Iterator[str]:
    if "ALL" not in (capabilities.get("drop") or ()):
        yield "does not drop the capability ALL"
    for capability in capabilities.get("add") or ():
        if capability in _BASELINE_CAPABILITIES - {"NET_BIND_SERVICE"}:
            yield f"has the capability {capability}"


def _seccomp(context: dict[str, Any]) -> str:
    return str((context.get("seccompProfile") or {}).get("type", ""))


def _bounds(world: World, pods: Pods) -> Iterator[Finding]:
    """Requests and limits of containers that are outside of what a LimitRange allows each."""
    for made in world.of("LimitRange"):
        for item in (made.manifest.get("spec") or {}).get("limits") or ():
            if item.get("type") != "Container":
                continue
            for container in pods.containers():
                for kind, resource, given, bound in _outside(container, item):
                    yield world.objection(
                        pods.made,
                        "limit-range-broken",
                        f"container {container['name']} of {pods.name} has {kind}.{resource} of {given}, and "
                        f"the LimitRange {made.id.name} {bound}: its pods are refused",
                        "change one of the two",
                        ("resources", kind, resource),
                        ("resources",),
                    )


def _outside(container: dict[str, Any], item: dict[str, Any]) -> Iterator[tuple[str, str, Any, str]]:
    for kind in ("requests", "limits"):
        for resource, given in ((container.get("resources") or {}).get(kind) or {}).items():
            value = amount(given)
            least, most = ((item.get(bound) or {}).get(resource) for bound in ("min", "max"))
            low, high = amount(least), amount(most)
            if value is not None and low is not None and value < low:
                yield kind, resource, given, f"asks for {least} at least"
            if value is not None and high is not None and value > high:
                yield kind, resource, given, f"allows {most} at most"
