"""Selectors: controllers own their pods and nobody else's, and everything that selects selects something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.verify.lint.selectors import selects
from manifestgen.verify.lint.world import Pods, World

_CONTROLLERS: Final = frozenset({"DaemonSet", "Deployment", "ReplicaSet", "Rollout", "StatefulSet"})


def check(world: World) -> Iterator[Finding]:
    """The selectors of all controllers."""
    controllers = [pods for pods in world.pods if pods.kind in _CONTROLLERS]
    for pods in controllers:
        selector = _selector(pods)
        if selector is None:
            continue
        if not selects(selector, pods.labels):
            yield world.objection(
                pods.made,
                "selector-mismatch",
                f"the selector of {pods.name} does not choose its own pods: {_why(selector, pods)}; "
                "the API server refuses it",
                "give the pods all labels of the selector",
            )
        for other in world.selected(selector):
            if other.made is not pods.made and other.kind in _CONTROLLERS:
                yield world.objection(
                    pods.made,
                    "selector-overlap",
                    f"the selector of {pods.name} chooses the pods of {other.name}, too; "
                    "the two take pods away from each other",
                    "give each a label of its own, in the selector and on the pods",
                )


def _selector(pods: Pods) -> dict[str, Any] | None:
    selector = (pods.made.manifest.get("spec") or {}).get("selector")
    return selector if isinstance(selector, dict) else None


def _why(selector: dict[str, Any], pods: Pods) -> str:
    for key, value in (selector.get("matchLabels") or {}).items():
        if pods.labels.get(key) != value:
            there = f"is {pods.labels[key]}" if key in pods.labels else "is not there"
            return f"it wants {key}: {value}, which {there}"
    return "its expressions do not hold for them"
