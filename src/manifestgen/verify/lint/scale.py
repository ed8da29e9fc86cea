"""How many pods an object may run: by its own figure, or by the autoscaler that decides about it."""

from __future__ import annotations

from typing import NamedTuple

from manifestgen.kube.objects import Manifest
from manifestgen.verify.lint.world import Pods, World

SCALED = ("Deployment", "ReplicaSet", "Rollout", "StatefulSet")


class Scale(NamedTuple):
    """The fewest and the most pods."""

    fewest: int
    most: int


def scale_of(world: World, pods: Pods) -> Scale | None:
    """The numbers of pods there may be; None where the nodes or the clock decide."""
    kind, spec = pods.kind, pods.made.manifest.get("spec") or {}
    if kind in SCALED:
        bounds = [
            found
            for made in world.autoscalers.get((kind, pods.made.id.name), ())
            if (found := _bounds(made.manifest))
        ]
        fixed = spec.get("replicas", 1)
        return bounds[0] if bounds else Scale(fixed, fixed)
    if kind == "Job":
        most = min(spec.get("parallelism", 1), spec.get("completions", spec.get("parallelism", 1)))
        return Scale(most, most)
    return Scale(1, 1) if kind == "Pod" else None


def _bounds(autoscaler: Manifest) -> Scale | None:
    spec = autoscaler["spec"]
    if autoscaler["kind"] == "ScaledObject":  # KEDA: 0 and 100 if nothing is said
        return Scale(spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", 100))
    return Scale(spec.get("minReplicas", 1), spec["maxReplicas"])
