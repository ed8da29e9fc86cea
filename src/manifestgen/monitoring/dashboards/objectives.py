"""Panels of objectives: whether they are kept, what is left of the error budget, how fast it burns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from manifestgen.monitoring import promql
from manifestgen.monitoring.dashboards.shapes import Drawn, Limit, Row, lines, number
from manifestgen.monitoring.dashboards.watching import Watch
from manifestgen.monitoring.slos import Counters, counters_of, error_ratio
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Slo

_WINDOWS: Final = (("1h", "5m"), ("6h", "30m"), ("1d", "2h"), ("3d", "6h"))
"""Windows over which a budget must not burn too fast, each with the shorter one that must agree."""


def slo_rows(platform: ResolvedPlatform, watch: Watch, records: frozenset[str]) -> Iterator[Row]:
    """A row for each objective; ``records`` are the names of all recording rules."""
    for name, slo in platform.spec.slos.items():
        goal = f"{promql.number(slo.objective)} % within {slo.window}"
        counters = counters_of(slo, platform.spec.workloads[slo.workload])
        figures = _Figures(name, slo, counters, records)
        yield Row(f"{name}: {goal}", tuple(_panels(figures, watch)))


class _Figures(NamedTuple):
    """The figures of an objective: those that rules record, else made of its counters."""

    name: str
    slo: Slo
    counters: Counters
    records: frozenset[str]

    def failed(self, window: str) -> str:
        """The share that failed within ``window``."""
        direct = f"({error_ratio(self.counters, window)})"
        return self._recorded(f"slo:errors:ratio_rate{window}", direct)

    def burn(self, window: str) -> str:
        """How many times as fast as it may the budget burns."""
        return f"{self.failed(window)} / {promql.number(self.slo.budget)}"

    @property
    def left(self) -> str:
        """The share of the budget that is left."""
        return self._recorded("slo:error_budget_remaining:ratio", f"1 - {self.burn(self.slo.window)}")

    def _recorded(self, record: str, otherwise: str) -> str:
        return f"{record}{{{promql.matcher('slo', [self.name])}}}" if record in self.records else otherwise


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
    for long, short in _WINDOWS:
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
