"""How long alerts wait and go on firing: as long as somebody wrote, which takes whole evaluations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from manifestgen.errors import Finding
from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring.flaw import Flaw
from manifestgen.verify.lint.expressions import found
from manifestgen.verify.lint.world import World

if TYPE_CHECKING:
    from manifestgen.resolving import ResolvedPlatform


def check(world: World) -> Iterator[Finding]:
    """Durations of alerts that are no whole number of evaluations."""
    platform = world.platform
    interval = parse_duration(platform.spec.monitoring.evaluation_interval)
    for name, entry in platform.spec.monitoring.alerts.items():
        waits = {"for": entry.for_, "keepFiringFor": entry.keep_firing_for} if entry.enabled else {}
        for key, wait in waits.items():
            flaw = _rounded(wait or "0s", interval)
            if flaw is not None:
                yield found(platform, flaw, ("monitoring", "alerts", name, key))
    yield from _presets(platform, interval)


def _rounded(wait: str, interval: float) -> Flaw | None:
    from manifestgen.monitoring.expressions.spans import lasting

    rest = parse_duration(wait) % interval
    if not rest:
        return None
    whole = lasting(math.ceil(parse_duration(wait) / interval) * interval)
    return Flaw(
        "alert-wait",
        f"Prometheus looks every {lasting(interval)}, so {wait} become {whole}",
        f"say {whole}, or change monitoring.evaluationInterval",
    )


def _presets(platform: ResolvedPlatform, interval: float) -> Iterator[Finding]:
    """Alerts of presets that are in more of a hurry than rules are evaluated."""
    from manifestgen.monitoring.expressions.spans import lasting
    from manifestgen.monitoring.rulebook import groups_of

    own = {name for name, entry in platform.spec.monitoring.alerts.items() if entry.for_ is not None}
    alerts = (alert for group in groups_of(platform) for alert in group.alerts if alert.name not in own)
    hurried = {a.name: a.for_ for a in alerts if a.for_ and 0 < parse_duration(a.for_) < interval}
    if hurried:
        told = ", ".join(f"{name} ({wait})" for name, wait in list(hurried.items())[:3])
        more = f" and {len(hurried) - 3} more" if len(hurried) > 3 else ""
        flaw = Flaw(
            "alert-wait",
            f"alerts wait for less than the {lasting(interval)} between two evaluations: {told}{more}",
            "evaluate more often, or give these alerts a `for` that says how long they really wait",
        )
        yield found(platform, flaw, ("monitoring", "evaluationInterval"))
