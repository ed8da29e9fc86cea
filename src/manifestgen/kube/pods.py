"""Where the pods of an object are described, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifestgen.kube.identity import group
from manifestgen.kube.objects import Manifest

_TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "Rollout", "StatefulSet"), ("spec", "template")
    ),
    "Pod": (),
}

_GROUPS: Final = frozenset({"", "apps", "batch", "argoproj.io"})
"""Others have kinds of these names, too."""


def pod_template(manifest: Manifest) -> Manifest | None:
    """The part with the ``metadata`` and ``spec`` of the pods that an object makes, None if it makes none."""
    steps = _TEMPLATES.get(manifest["kind"])
    if steps is None or group(manifest["apiVersion"]) not in _GROUPS:
        return None
    found: Any = manifest
    for step in steps:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) and isinstance(found.get("spec"), dict) else None


def all_containers(pod: Mapping[str, Any]) -> Iterator[Manifest]:
    """The init containers and the containers of a pod's spec, in this order."""
    for key in ("initContainers", "containers"):
        yield from pod.get(key) or ()


def side_by_side(pod: Mapping[str, Any]) -> list[Manifest]:
    """The containers that run at the same time: the init containers that stay, and the containers."""
    stay = [one for one in pod.get("initContainers") or () if one.get("restartPolicy") == "Always"]
    return [*stay, *pod["containers"]]


def one_before_the_other(pod: Mapping[str, Any]) -> list[Manifest]:
    """The containers that are over when the others begin."""
    return [one for one in pod.get("initContainers") or () if one.get("restartPolicy") != "Always"]
