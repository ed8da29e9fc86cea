"""What cannot change once an object exists: told before it is written, and not by the API server afterwards.

The fields are those that the validation of updates in Kubernetes refuses (``ValidateDeploymentUpdate``,
``ValidateStatefulSetUpdate``, ``ValidatePersistentVolumeClaimUpdate`` and their kin).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from manifestgen.errors import Finding
from manifestgen.facts.quantities import amount
from manifestgen.kube.identity import group
from manifestgen.kube.objects import KubeObject, Manifest
from manifestgen.verify.lint.world import World

_ORPHAN: Final = (
    "to go on: render with --force, `kubectl delete {resource} {name} --cascade=orphan`, which leaves the "
    "pods running, apply, and delete the old pods"
)
_RUN_AGAIN: Final = (
    "leave the Job as it ran; or let it run again with each release (`rerun: everyRelease`) or this once: "
    "render with --force, `kubectl delete {resource} {name}`, and apply"
)
_AGAIN: Final = "to go on: render with --force, `kubectl delete {resource} {name}`, and apply"
_NEW_CLAIM: Final = (
    "to go on: make a claim of another name and move the data; or save them, render with --force, delete the "
    "claim, and apply"
)


class _Fixed(NamedTuple):
    """A kind, its API group, the fields that cannot change, and how to change them all the same."""

    api_group: str
    fields: tuple[str, ...]
    advice: str


_FIXED: Final[Mapping[str, _Fixed]] = {
    "DaemonSet": _Fixed("apps", ("spec.selector",), _ORPHAN),
    "Deployment": _Fixed("apps", ("spec.selector",), _ORPHAN),
    "ReplicaSet": _Fixed("apps", ("spec.selector",), _ORPHAN),
    "StatefulSet": _Fixed(
        "apps",
        ("spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"),
        _ORPHAN,
    ),
    "Job": _Fixed(
        "batch",
        (
            "spec.selector",
            "spec.template",
            "spec.completionMode",
            "spec.completions",
            "spec.backoffLimitPerIndex",
            "spec.podFailurePolicy",
        ),
        _RUN_AGAIN,
    ),
    "PersistentVolumeClaim": _Fixed(
        "",
        ("spec.accessModes", "spec.storageClassName", "spec.volumeMode", "spec.selector", "spec.volumeName"),
        _NEW_CLAIM,
    ),
    "StorageClass": _Fixed(
        "storage.k8s.io", ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"), _AGAIN
    ),
    "PriorityClass": _Fixed("scheduling.k8s.io", ("value", "preemptionPolicy"), _AGAIN),
    "RoleBinding": _Fixed("rbac.authorization.k8s.io", ("roleRef",), _AGAIN),
    "ClusterRoleBinding": _Fixed("rbac.authorization.k8s.io", ("roleRef",), _AGAIN),
    "Service": _Fixed("", ("spec.loadBalancerClass",), _AGAIN),
}
_MAKERS: Final = ("Deployment", "Rollout", "StatefulSet", "DaemonSet")
KINDS: Final = frozenset(_FIXED) | frozenset(_MAKERS)
"""The kinds that are looked at; of others nothing need be read."""

_PLACES: Final = {
    "spec.volumeClaimTemplates": (("storage",), ("claims",), ("volumes",)),
    "spec.serviceName": (("services",),),
    "spec.podManagementPolicy": (("podManagement",),),
    "spec.completions": (("completions",),),
    "spec.completionMode": (("completionMode",),),
    "spec.backoffLimitPerIndex": (("backoffLimitPerIndex",),),
    "spec.podFailurePolicy": (("podFailurePolicy",),),
}


def changes(world: World, before: Iterable[Manifest]) -> Iterator[Finding]:
    """What the API server would refuse, or quietly not do, when the objects of ``before`` become these."""
    now = {
        (group(identity.api_version), identity.kind, identity.name): made
        for identity, made in world.inventory.objects.items()
    }
    for old in before:
        name = old["metadata"]["name"]
        made = now.get((group(old["apiVersion"]), old["kind"], name))
        if made is not None:
            if not _is_made_again(old) and not _is_made_again(made.manifest):
                yield from _changed(world, old, made)
        elif old["kind"] == "Service":
            yield from _vanished(world, name)
        elif old["kind"] in _MAKERS:
            yield from _switched(world, old["kind"], name)


def _switched(world: World, kind: str, name: str) -> Iterator[Finding]:
    """Another kind of object makes the pods from now on, and these start anew."""
    for other in _MAKERS:
        made = world.find(other, name)
        if made is not None and other != kind:
            yield world.objection(
                made,
                "controller-switch",
                f"{kind} {name} becomes a {other}: whoever prunes it ends all its pods at once, while those "
                f"of the {other} may not be ready yet",
                f"apply it without pruning, wait until the {other} is ready, and delete the {kind} then "
                "(Argo CD: sync option PruneLast=true)",
                ("strategy",),
                ("type",),
            )


def _is_made_again(manifest: Manifest) -> bool:
    """Whether something deletes the object before it is applied again: a hook, or Kubernetes itself."""
    annotations = manifest["metadata"].get("annotations") or {}
    return (
        any(annotations.get(key) is not None for key in ("argocd.argoproj.io/hook", "helm.sh/hook"))
        or "Force=true" in annotations.get("argocd.argoproj.io/sync-options", "")
        or annotations.get("kustomize.toolkit.fluxcd.io/force", "").lower() == "enabled"
        or (manifest["kind"] == "Job" and "ttlSecondsAfterFinished" in manifest["spec"])
    )


def _changed(world: World, old: Manifest, made: KubeObject) -> Iterator[Finding]:
    fixed = _FIXED.get(made.id.kind)
    if fixed is None or group(made.id.api_version) != fixed.api_group:
        return
    for field in fixed.fields:
        was, is_now = _at(old, field), _at(made.manifest, field)
        if was != is_now and not _is_elastic(field, made.manifest):
            yield world.objection(
                made,
                "immutable-field",
                f"{field} of {made.id.kind} {made.id.name} changes{_how(was, is_now)}: the API server "
                "refuses that for an object that exists",
                fixed.advice.format(resource=made.id.kind.lower(), name=made.id.name),
                *_PLACES.get(field, ()),
            )
    if made.id.kind == "PersistentVolumeClaim":
        yield from _shrunk(world, old, made)
    if made.id.kind == "Service":
        yield from _headless(world, old, made)


def _is_elastic(field: str, manifest: Manifest) -> bool:
    """Whether an indexed Job grows or shrinks, which it may while as many pods run as must succeed."""
    spec = manifest["spec"]
    return (
        field == "spec.completions"
        and spec.get("completionMode") == "Indexed"
        and spec.get("completions") == spec.get("parallelism")
    )


def _shrunk(world: World, old: Manifest, made: KubeObject) -> Iterator[Finding]:
    was, is_now = (_at(one, "spec.resources.requests.storage") for one in (old, made.manifest))
    before, after = amount(was), amount(is_now)
    if before is not None and after is not None and after < before:
        yield world.objection(
            made,
            "immutable-field",
            f"the claim {made.id.name} shrinks from {was} to {is_now}: the API server refuses "
            "that, a claim only grows",
            _NEW_CLAIM,
        )


def _headless(world: World, old: Manifest, made: KubeObject) -> Iterator[Finding]:
    was, is_now = (_at(one, "spec.clusterIP") for one in (old, made.manifest))
    kinds = {_at(one, "spec.type") or "ClusterIP" for one in (old, made.manifest)}
    if was == is_now or "ExternalName" in kinds:
        return
    if is_now is None:  # the API server fills in what the object had
        what = f"is to get an address of its own, and keeps {was}: the API server takes over what it had"
    else:
        what = (
            f"changes its clusterIP{_how(was, is_now)}: the API server refuses that for a Service that exists"
        )
    yield world.objection(
        made,
        "immutable-field",
        f"Service {made.id.name} {what}",
        _AGAIN.format(resource="service", name=made.id.name) + "; clients are cut off in between",
        ("services",),
    )


def _vanished(world: World, name: str) -> Iterator[Finding]:
    """A Service that goes while settings or commands still name its host."""
    namespace = re.escape(world.inventory.namespace or "")
    host = re.compile(
        rf"(?<![\w.-]){re.escape(name)}(?:\.{namespace}(?:\.svc)?(?![\w-])|(?=:\d)|(?=\.svc(?![\w-])))"
    )
    for made in world.of("ConfigMap"):
        for key, value in (made.manifest.get("data") or {}).items():
            if host.search(value):
                yield _dangling(world, made, name, f"{key} in ConfigMap {made.id.name}")
    for pods in world.pods:
        for container in pods.containers():
            given = [*(container.get("command") or ()), *(container.get("args") or ())]
            given += [one.get("value") or "" for one in container.get("env") or ()]
            if any(host.search(text) for text in given):
                yield _dangling(world, pods.made, name, f"container {container['name']} of {pods.name}")


def _dangling(world: World, made: KubeObject, name: str, where: str) -> Finding:
    return world.objection(
        made,
        "service-vanishes",
        f"Service {name} goes, and {where} still names its host: what connects to it fails "
        "as soon as it is gone",
        "change what names it, or keep the Service until nothing does",
    )


def _at(manifest: Manifest, field: str) -> Any:
    found: Any = manifest
    for step in field.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _how(was: Any, is_now: Any) -> str:
    """The two values, if they are short enough to be read."""
    shown = [_shown(value) for value in (was, is_now)]
    return f" from {shown[0]} to {shown[1]}" if all(shown) else ""


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict) and set(value) == {"matchLabels"}:
        value = ", ".join(f"{key}: {label}" for key, label in value["matchLabels"].items())
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    return str(value) if isinstance(value, str | int) and len(str(value)) <= 120 else ""
