"""Rules for the objectives of a platform: ratios over all windows, the error budget, alerts on how it burns.

Up to an hour a ratio is made of the counters themselves, each time that rules are evaluated. Over longer
windows it is the sum of what was recorded to have failed by the sum of all, so that each request counts the
same, and no counter is read over days; a slower group does that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from manifestgen.facts.burnrates import WINDOWS, BurnAlert, burn_alerts
from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring import gotemplate, promql
from manifestgen.monitoring.rules import Alert, Group, Record, fill
from manifestgen.monitoring.slos import Counters, counters_of
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Slo

_SHORT: Final = ("30m", "1h")
_LONG: Final = ("2h", "6h", "1d", "3d")
_LONG_INTERVAL: Final = "2m"
"""Between two evaluations of the long windows; a series must come more often than every 5 minutes."""

ALERTS: Final = (
    *(f"SloBurnRate{window.long}" for window in WINDOWS),
    "SloErrorBudgetSpent",
    "SloNotMeasured",
)
"""Names of the alerts on objectives."""


class _Objective(NamedTuple):
    """An objective with what its rules are filled with."""

    name: str
    slo: Slo
    counters: Counters
    is_scraped: bool

    @property
    def matcher(self) -> str:
        return promql.matcher("slo", [self.name])

    def of(self, metric: str) -> str:
        """The record of this objective."""
        return f"slo:{metric}{{{self.matcher}}}"

    def record(self, metric: str, expr: str) -> Record:
        return Record(f"slo:{metric}", expr, {"slo": self.name})


def within_budget(name: str, slo: Slo) -> str:
    """Whether the share that failed lately is within the budget, by the records below: 1 or 0.

    It is where nobody asks; there is no answer where it is not measured.
    """
    matcher = promql.matcher("slo", [name])
    ratio, requests = (f"slo:{metric}{{{matcher}}}" for metric in ("errors:ratio_rate5m", "requests:rate5m"))
    return f"({ratio} <= bool {promql.number(slo.budget)}) or ({requests} == bool 0)"


def slo_groups(platform: ResolvedPlatform) -> Iterator[Group]:
    """The rules for the objectives: those on short windows with the alerts, then those on long ones."""
    objectives = [_objective(platform, name, slo) for name, slo in platform.spec.slos.items()]
    interval = None
    if parse_duration(platform.spec.monitoring.evaluation_interval) < parse_duration(_LONG_INTERVAL):
        interval = _LONG_INTERVAL
    short = tuple(record for one in objectives for record in _short(one))
    alerts = tuple(alert for one in objectives for alert in _alerts(one))
    yield Group("slo", "Objectives, within the last hour", short, alerts)
    long = tuple(record for one in objectives for record in _long(one))
    yield Group("slo-windows", "Objectives, over hours and days", long, interval=interval)


def _objective(platform: ResolvedPlatform, name: str, slo: Slo) -> _Objective:
    workload = platform.spec.workloads[slo.workload]
    return _Objective(name, slo, counters_of(slo, workload), workload.metrics is not None)


def _short(one: _Objective) -> Iterator[Record]:
    yield one.record("requests:rate5m", f"sum(rate({one.counters.total}[5m]))")
    yield one.record("errors:rate5m", _failed(one, "5m", f"sum({one.of('requests:rate5m')})"))
    ratio = f"{one.of('errors:rate5m')} / ({one.of('requests:rate5m')} > 0)"
    yield one.record("errors:ratio_rate5m", ratio)
    for window in _SHORT:
        total = f"sum(rate({one.counters.total}[{window}]))"
        failed = _failed(one, window, total).replace("\n", "\n  ")
        yield one.record(f"errors:ratio_rate{window}", f"(\n  {failed}\n)\n  /\n({total} > 0)")


def _failed(one: _Objective, window: str, total: str) -> str:
    """How much fails in a second; 0 where nothing ever failed, so that no counter of failures is there yet.

    What is counted when it is good must be there: else nobody knows what failed.
    """
    part = f"sum(rate({one.counters.part}[{window}]))"
    if one.counters.part_is_good:
        return f"clamp_min(\n  {total}\n    -\n  {part},\n  0\n)"
    return f"{part}\n  or\n{total} * 0"


def _long(one: _Objective) -> Iterator[Record]:
    period = one.slo.window
    for window in (*_LONG, period):
        failed, total = (
            f"sum_over_time({one.of(f'{metric}:rate5m')}[{window}])" for metric in ("errors", "requests")
        )
        yield one.record(f"errors:ratio_rate{window}", f"{failed}\n  /\n({total} > 0)")
    yield one.record("objective:ratio", f"vector({promql.number(one.slo.objective / 100)})")
    budget = f"(1 - {one.of('objective:ratio')} > 0)"
    spent = f"{one.of(f'errors:ratio_rate{period}')}\n  /\n{budget}"
    yield one.record("error_budget_remaining:ratio", f"1 -\n{spent}")


def _alerts(one: _Objective) -> Iterator[Alert]:
    if not one.slo.alerts:
        return
    for alert in burn_alerts(parse_duration(one.slo.window)):
        yield _about(one, _burn_alert(one, alert))
    yield _about(one, _spent(one))
    yield _about(one, _not_measured(one))


def _about(one: _Objective, alert: Alert) -> Alert:
    return alert._replace(component=one.slo.workload, category=one.slo.category, slo=one.name)


def _burn_alert(one: _Objective, alert: BurnAlert) -> Alert:
    window = alert.window
    budget, factor = promql.number(one.slo.budget), promql.number(alert.factor)
    conditions = [
        f"{one.of(f'errors:ratio_rate{w}')} / {budget} > {factor}" for w in (window.long, window.short)
    ]
    if one.slo.minimum_failures > 1:
        seconds = promql.number(parse_duration(window.long))
        failed = f"avg_over_time({one.of('errors:rate5m')}[{window.long}]) * {seconds}"
        conditions.append(f"{failed} >= {one.slo.minimum_failures}")
    pace = "very fast" if window.is_urgent else "too fast"
    return Alert(
        f"SloBurnRate{window.long}",
        severity="critical" if window.is_urgent else "warning",
        expr="\n  and\n".join(conditions),
        summary=f"An error budget has burned {pace} for {_IN_WORDS[window.long]}",
        description=_burn_description(one, window.long),
    )


_IN_WORDS: Final = {"1h": "an hour", "6h": "six hours", "1d": "a day", "3d": "three days"}


def _burn_description(one: _Objective, window: str) -> str:
    """What burns, how fast, and how long until it is gone; what Prometheus does not know is left out."""
    values = {
        "goal": promql.number(one.slo.objective),
        "what": f" ({gotemplate.literal(one.slo.description)})" if one.slo.description else "",
        "period": one.slo.window,
        "window": window,
        "left": one.of("error_budget_remaining:ratio"),
        "seconds": promql.number(parse_duration(one.slo.window)),
        "burn": f"({one.of(f'errors:ratio_rate{window}')} / {promql.number(one.slo.budget)})",
    }
    return fill(" ".join(_BURNS.split()), values)


_BURNS: Final = """
{{ $labels.slo }}@what, @goal% within @period, burns its error budget {{ $value | humanize }} times as fast as
it may, over the last @window{{ with query `@left` }}; {{ . | first | value | humanizePercentage }} of the
budget is left{{ end }}{{ with query `@left * @seconds / @burn > 0` }} and gone in
{{ . | first | value | humanizeDuration }} at this pace{{ end }}.
"""


def _spent(one: _Objective) -> Alert:
    return Alert(
        "SloErrorBudgetSpent",
        severity="info",
        for_="15m",
        expr=f"{one.of('error_budget_remaining:ratio')} <= 0",
        summary="An objective is not kept",
        description=f"Of the error budget of {{{{ $labels.slo }}}} for {one.slo.window}"
        " {{ $value | humanizePercentage }} is left: what may break it waits until there is some again.",
    )


def _not_measured(one: _Objective) -> Alert:
    there = f"\n  and on ()\nup{{{promql.matcher('job', [one.slo.workload])}}} == 1" if one.is_scraped else ""
    return Alert(
        "SloNotMeasured",
        severity="info",
        for_="1h",
        expr=f"absent({one.of('errors:rate5m')}){there}",
        summary="Nobody knows whether an objective is kept",
        description="There are no figures for {{ $labels.slo }}: nobody has asked @component yet, or it does"
        " not export what the objective counts.".replace("@component", one.slo.workload),
    )
