"""What selects pods selects some, and what scales does not fight over requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.errors import Finding
from manifestgen.kube.objects import KubeObject
from manifestgen.kube.scale import AUTOSCALERS, target_of
from manifestgen.verify.lint.selectors import selects
from manifestgen.verify.lint.world import World


def check(world: World) -> Iterator[Finding]:
    """Services, budgets, policies, monitors and spreading."""
    for made in world.of("Service", "PodDisruptionBudget", "NetworkPolicy", "PodMonitor"):
        selector = _selector(made)
        if selector and not world.selected(selector) and _is_ours(world, selector):
            yield _nothing(world, made, selector, "pods")
    services = [made.manifest["metadata"].get("labels") or {} for made in world.of("Service")]
    for made in world.of("ServiceMonitor"):
        selector = _selector(made)
        if (
            selector
            and _is_ours(world, selector)
            and not any(selects(selector, labels) for labels in services)
        ):
            yield _nothing(world, made, selector, "Services")
    yield from _spreading(world)
    yield from _vertical(world)
    yield from _closed(world)


def _selector(made: KubeObject) -> dict[str, Any]:
    spec = made.manifest.get("spec") or {}
    if made.id.kind == "Service":
        return {"matchLabels": spec["selector"]} if spec.get("selector") else {}
    found = spec.get("podSelector" if made.id.kind == "NetworkPolicy" else "selector") or {}
    return found if isinstance(found, dict) else {}


def _is_ours(world: World, selector: dict[str, Any]) -> bool:
    """Whether it means pods of objects that are here: charts and operators make others.

    It does if all its labels are of a sort that our pods have, and none names a data service.
    """
    exact = selector.get("matchLabels") or {}
    keys = set(exact) | {one["key"] for one in selector.get("matchExpressions") or ()}
    known = {key for pods in world.pods for key in pods.labels}
    return keys <= known and not set(exact.values()) & set(world.platform.spec.datastores)


def _nothing(world: World, made: KubeObject, selector: dict[str, Any], what: str) -> Finding:
    labels = ", ".join(f"{key}: {value}" for key, value in (selector.get("matchLabels") or {}).items())
    return world.objection(
        made,
        "selects-nothing",
        f"{made.id.kind} {made.id.name} selects no {what}{f' ({labels})' if labels else ''}",
        f"give it the labels of the {what} that are meant, or remove it",
    )


def _spreading(world: World) -> Iterator[Finding]:
    for pods in world.pods:
        for constraint in pods.spec.get("topologySpreadConstraints") or ():
            selector = constraint.get("labelSelector")
            if selector is None or not selects(selector, pods.labels):
                yield world.objection(
                    pods.made,
                    "spread-without-effect",
                    f"the spreading of {pods.name} over {constraint['topologyKey']} counts pods with other "
                    "labels "
                    "than its own, so it spreads nothing",
                    "give its labelSelector the labels of the pods",
                    ("spread",),
                )


def _vertical(world: World) -> Iterator[Finding]:
    scaled = {target_of(made.manifest): made for made in world.of(*AUTOSCALERS)}
    for made in world.of("VerticalPodAutoscaler"):
        mode = ((made.manifest.get("spec") or {}).get("updatePolicy") or {}).get("updateMode", "Auto")
        other = scaled.get(target_of(made.manifest))
        if mode != "Off" and other is not None and _scales_on_requests(other.manifest):
            yield world.objection(
                made,
                "vertical-and-horizontal",
                f"VerticalPodAutoscaler {made.id.name} changes the requests that {other.id.kind} "
                f"{other.id.name} "
                "measures in per cent: each reacts to what the other did",
                "let it only recommend, or scale on something else than cpu and memory",
                ("verticalAutoscaling",),
            )


def _scales_on_requests(manifest: dict[str, Any]) -> bool:
    spec = manifest["spec"]
    kinds = {metric.get("type") for metric in spec.get("metrics") or ()}
    triggers = {trigger.get("type") for trigger in spec.get("triggers") or ()}
    return bool(kinds & {"Resource", "ContainerResource"} or triggers & {"cpu", "memory"})


def _closed(world: World) -> Iterator[Finding]:
    """Pods of the user's own that are closed like all others, and that nothing opens."""
    policies = [made.manifest["spec"] for made in world.of("NetworkPolicy")]
    closing = any(not policy.get("podSelector") and not policy.get("ingress") for policy in policies)
    opened = {
        id(pods) for one in policies if one.get("podSelector") for pods in world.selected(one["podSelector"])
    }
    for pods in world.pods:
        if closing and pods.made.source[0] != "workloads" and id(pods) not in opened:
            yield world.objection(
                pods.made,
                "pods-closed",
                f"{pods.name} is closed to both sides like all pods of the namespace, and no network policy "
                "opens "
                "anything for it but names",
                "add a NetworkPolicy that says what it talks to",
            )
