"""Autoscalers: they find what they scale and can measure it, and nothing else decides about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.kube.objects import KubeObject
from manifestgen.kube.scale import AUTOSCALERS, SCALED, target_of
from manifestgen.verify.lint.world import Pods, World


def check(world: World) -> Iterator[Finding]:
    """All autoscalers, those of single pods, too."""
    by_target = {(pods.made.id.kind, pods.made.id.name): pods for pods in world.pods}
    seen: dict[tuple[str, str], KubeObject] = {}
    for made in world.of(*AUTOSCALERS, "VerticalPodAutoscaler"):
        target = target_of(made.manifest)
        pods = by_target.get(target)
        if pods is None:
            if target[0] in SCALED or target[0] == "DaemonSet":
                yield _missing(world, made, target, by_target)
            continue
        if made.id.kind == "VerticalPodAutoscaler":
            continue
        other = seen.setdefault(target, made)
        if other is not made:
            yield _twice(world, made, other, pods)
        yield from _unmeasurable(world, made, pods)


def _missing(
    world: World, made: KubeObject, target: tuple[str, str], known: dict[tuple[str, str], Pods]
) -> Finding:
    kind, name = target
    names = [other for of, other in known if of == kind]
    message = f"{made.id.kind} {made.id.name} scales {kind} {name}, which is not there"
    return world.objection(made, "scale-target-missing", message, nearest_hint(name, names))


def _twice(world: World, made: KubeObject, other: KubeObject, pods: Pods) -> Finding:
    return world.objection(
        made,
        "scaled-twice",
        f"{pods.name} is scaled by {other.id.kind} {other.id.name} and by {made.id.kind} {made.id.name}, "
        "which undo each other's work",
        "keep one of them; KEDA takes triggers on cpu and memory, too",
        ("autoscaling",),
    )


def _unmeasurable(world: World, made: KubeObject, pods: Pods) -> Iterator[Finding]:
    yield from _unknown_containers(world, made, pods)
    for resource, container in _shares(made.manifest):
        lacking = [
            one["name"]
            for one in pods.running()
            if container in (None, one["name"]) and resource not in _requests(one)
        ]
        if lacking:
            yield world.objection(
                made,
                "autoscaling-request",
                f"it scales on {resource} in per cent of a request that is not there"
                + (f", in container {lacking[0]}" if len(list(pods.running())) > 1 else ""),
                f"add resources.requests.{resource}",
                *((("autoscaling", "containers", container, resource),) if container else ()),
                ("autoscaling", resource),
                ("spec", "metrics"),
            )


def _unknown_containers(world: World, made: KubeObject, pods: Pods) -> Iterator[Finding]:
    names = [one["name"] for one in pods.running()]
    for container in dict.fromkeys(_containers(made.manifest)):
        if container not in names:
            yield world.objection(
                made,
                "autoscaling-container",
                f"it scales on the container {container}, which {pods.name} does not have",
                nearest_hint(container, names),
                ("autoscaling", "containers", container),
            )


def _requests(container: dict[str, Any]) -> dict[str, Any]:
    """What a container asks for; a limit alone counts as a request, too (API defaults)."""
    resources = container.get("resources") or {}
    return {**(resources.get("limits") or {}), **(resources.get("requests") or {})}


def _shares(autoscaler: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The resources whose use is measured in per cent, each with the container that is meant, if one is."""
    spec = autoscaler["spec"]
    for metric in spec.get("metrics") or ():
        source = metric.get("resource") or metric.get("containerResource") or {}
        if "averageUtilization" in (source.get("target") or {}):
            yield source["name"], source.get("container")
    for trigger in spec.get("triggers") or ():
        if (
            trigger.get("type") in ("cpu", "memory")
            and trigger.get("metricType", "Utilization") == "Utilization"
        ):
            yield trigger["type"], (trigger.get("metadata") or {}).get("containerName")


def _containers(autoscaler: dict[str, Any]) -> Iterator[str]:
    """The containers whose use is looked at apart from the rest of their pods."""
    spec = autoscaler["spec"]
    for metric in spec.get("metrics") or ():
        if "containerResource" in metric:
            yield metric["containerResource"]["container"]
    for trigger in spec.get("triggers") or ():
        container = (trigger.get("metadata") or {}).get("containerName")
        if trigger.get("type") in ("cpu", "memory") and container:
            yield container
