"""New versions that Argo Rollouts brings out: something looks at them before they have everything."""

from __future__ import annotations

import json
from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.verify.lint.world import World


def check(world: World) -> Iterator[Finding]:
    """Every Rollout has an analysis somewhere in its strategy, or waits for a person."""
    for made in world.of("Rollout"):
        strategy = made.manifest["spec"].get("strategy") or {}
        canary, switch = strategy.get("canary") or {}, strategy.get("blueGreen") or {}
        asks = any(step.get("pause") == {} for step in canary.get("steps") or ())
        if asks or switch.get("autoPromotionEnabled") is False or "nalysis" in json.dumps(strategy):
            continue
        yield world.objection(
            made,
            "rollout-unwatched",
            f"nothing looks at what a new version of {made.id.name} does, so a bad one is brought out, too",
            f"add an objective of {made.id.name} under `slos`, or let a person look",
            ("strategy",),
        )
