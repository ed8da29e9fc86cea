"""How many pods an object may run: by its own figure, or by the autoscaler that decides about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from manifestgen.kube.objects import Manifest

AUTOSCALERS: Final = ("HorizontalPodAutoscaler", "ScaledObject")
SCALED: Final = ("Deployment", "ReplicaSet", "Rollout", "StatefulSet")


class Scale(NamedTuple):
    """The fewest and the most pods."""

    fewest: int
    most: int


def scale(manifest: Manifest, autoscalers: Iterable[Manifest]) -> Scale | None:
    """The numbers of pods there may be, told its autoscalers; None where the nodes or the clock decide."""
    kind, spec = manifest["kind"], manifest.get("spec") or {}
    if kind in SCALED:
        bounds = next(map(_bounds, autoscalers), None)
        fixed = spec.get("replicas", 1)
        return bounds or Scale(fixed, fixed)
    if kind == "Job":
        most = min(spec.get("parallelism", 1), spec.get("completions", spec.get("parallelism", 1)))
        return Scale(most, most)
    return Scale(1, 1) if kind == "Pod" else None


def target_of(autoscaler: Manifest) -> tuple[str, str]:
    """The kind and name of what an autoscaler scales; KEDA means a Deployment if it is not told."""
    target = autoscaler["spec"].get("scaleTargetRef") or autoscaler["spec"].get("targetRef") or {}
    return target.get("kind", "Deployment"), target.get("name", "")


def _bounds(autoscaler: Manifest) -> Scale:
    spec = autoscaler["spec"]
    if autoscaler["kind"] == "ScaledObject":  # KEDA: 0 and 100 if nothing is said
        return Scale(spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", 100))
    return Scale(spec.get("minReplicas", 1), spec["maxReplicas"])
