"""Disruption budgets: nodes can be drained."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.kube.objects import KubeObject
from manifestgen.kube.scale import SCALED
from manifestgen.verify.lint.amounts import share
from manifestgen.verify.lint.scale import scale_of
from manifestgen.verify.lint.world import World


def check(world: World) -> Iterator[Finding]:
    """Every budget lets a pod go, and every pod has one budget at the most."""
    seen: dict[str, KubeObject] = {}
    for made in world.of("PodDisruptionBudget"):
        spec = made.manifest.get("spec") or {}
        pods = world.selected(spec.get("selector") or {}) if spec.get("selector") is not None else []
        for one in pods:
            other = seen.setdefault(one.name, made)
            if other is not made:
                yield world.objection(
                    made,
                    "disruption-twice",
                    f"{one.name} is covered by the PodDisruptionBudgets {other.id.name} and {made.id.name}; "
                    "the API server refuses every eviction of its pods then",
                    "keep one of the two budgets",
                )
        counts = [scale_of(world, one) for one in pods if one.kind in SCALED]
        if counts and len(counts) == len(pods):
            yield from _blocks(world, made, sum(count.fewest for count in counts if count))


def _blocks(world: World, made: KubeObject, fewest: int) -> Iterator[Finding]:
    spec = made.manifest["spec"]
    if "maxUnavailable" in spec:
        field, blocks = "maxUnavailable", share(spec["maxUnavailable"], fewest) == 0
    else:
        # Without figures a budget means minAvailable 1 (policy/v1 of the API).
        kept = share(spec.get("minAvailable", 1), fewest)
        field, blocks = "minAvailable", kept is not None and kept >= fewest
    if blocks and fewest > 0:
        pods = f"{fewest} pods" if fewest > 1 else "one pod"
        yield world.objection(
            made,
            "disruption-blocks",
            f"with {pods} none may ever be evicted, so no node can be drained",
            "use maxUnavailable: 1, or run more pods",
            ("disruptionBudget", field),
            ("spec", field),
        )
