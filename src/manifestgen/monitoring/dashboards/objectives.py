"""Panels of objectives: whether they are kept, what is left of the error budget, how fast it burns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from manifestgen.facts.burnrates import burn_alerts
from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring import promql
from manifestgen.monitoring.dashboards.shapes import Drawn, Limit, Row, lines, number
from manifestgen.monitoring.dashboards.watching import Watch
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Slo


def slo_rows(platform: ResolvedPlatform, watch: Watch) -> Iterator[Row]:
    """A row for each objective, of what rules record about it."""
    for name, slo in platform.spec.slos.items():
        goal = f"{promql.number(slo.objective)} % within {slo.window}"
        yield Row(f"{name}: {goal}", tuple(_panels(_Figures(name, slo), watch)))


class _Figures(NamedTuple):
    """The recorded figures of an objective."""

    name: str
    slo: Slo

    def failed(self, window: str) -> str:
        """The share that failed within ``window``."""
        return self._recorded(f"errors:ratio_rate{window}")

    def burn(self, window: str) -> str:
        """How many times as fast as it may the budget burns."""
        return f"{self.failed(window)} / {promql.number(self.slo.budget)}"

    @property
    def left(self) -> str:
        """The share of the budget that is left."""
        return self._recorded("error_budget_remaining:ratio")

    def _recorded(self, metric: str) -> str:
        return f"slo:{metric}{{{promql.matcher('slo', [self.name])}}}"


def _panels(figures: _Figures, watch: Watch) -> Iterator[Drawn]:
    name, slo = figures.name, figures.slo
    what = slo.description or f"What {slo.workload} does that is good."
    kept = number(
        "Good",
        "percentunit",
        f"{what} Share that was good within {slo.window}.",
        f"1 - {figures.failed(slo.window)}",
        width=6,
        height=8,
    )
    yield Drawn(kept, (Limit(round(slo.objective / 100, 12), "critical", above=False),))
    left = number(
        "Error budget left",
        "percentunit",
        f"Share of what may fail within {slo.window} that has not failed yet.",
        figures.left,
        watch=("SloErrorBudgetSpent",),
        width=6,
        height=8,
    )
    yield watch.draw(left, slo.workload, name)
    failing = lines(
        "Share of failures",
        "percentunit",
        "Share that failed within an hour and within six.",
        *((figures.failed(window), window) for window in ("1h", "6h")),
        watch=("SloNotMeasured",),
        width=12,
    )
    yield watch.draw(failing, slo.workload, name)
    for alert in burn_alerts(parse_duration(slo.window)):
        long, short = alert.window.long, alert.window.short
        burn = lines(
            f"Burn over {long}",
            "none",
            f"How many times as fast as it may the error budget burns, over {long} and over {short}. "
            "Somebody is told when both are above the line.",
            *((figures.burn(window), window) for window in (long, short)),
            watch=(f"SloBurnRate{long}",),
            width=6,
        )
        yield watch.draw(burn, slo.workload, name)
