"""The tests of a platform's alerts, one file for each group of rules."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring.rules import Alert, Group
from manifestgen.monitoring.testing.cases import (
    Case,
    Check,
    Question,
    Records,
    cases_of,
    is_even,
    queries,
    used,
)
from manifestgen.monitoring.testing.keeping import interval_for, is_long, kept
from manifestgen.monitoring.testing.problem import Written
from manifestgen.monitoring.testing.unsolved import UnsolvedError

_INTERVALS: Final = (300, 60, 30, 20, 15, 10, 5)
"""Seconds between two evaluations in a test: the first that every `for` of the group is a multiple of.

The first of them is for what looks back over hours and days: each rate is whole when it is first recorded.
"""
_LONG: Final = 6 * 3600
"""Seconds: a longer test is evaluated less often, if each `for` takes two evaluations all the same."""


_ODD: Final = (ArithmeticError, ValueError, LookupError, RecursionError)
"""What figures that nobody thought of may end in: no reason to keep the rules from being written."""


class RuleTest(NamedTuple):
    """One test: what it shows, and its members as promtool reads them."""

    comment: str
    body: dict[str, Any]


class Untested(NamedTuple):
    """An alert without a test, and why."""

    alert: Alert
    reason: str


class RuleTests(NamedTuple):
    """The tests of one group."""

    name: str
    title: str
    interval: str
    order: tuple[str, ...]
    """The groups of rules in use, in the order they are evaluated in: records before what is built on them.

    Each is a file.
    """
    tests: tuple[RuleTest, ...]
    untested: tuple[Untested, ...]


def tests_of(groups: Sequence[Group], names: Container[str] | None = None) -> Iterator[RuleTests]:
    """The tests for all alerts, by group; with ``names`` those of the groups of that name only."""
    records = _records(groups)
    for group in groups:
        if group.alerts and (names is None or group.name in names):
            order = (*_recording(group, groups, records), f"{group.name}.alerts")
            yield _of_group(group, records, order)
            yield from _kept(group, records, order)


def untested(groups: Sequence[Group]) -> Iterator[Untested]:
    """The alerts that no test is found for."""
    for one in tests_of(groups):
        yield from one.untested


def _recording(group: Group, groups: Sequence[Group], records: Records) -> tuple[str, ...]:
    """The groups of the records that the alerts of a group use."""
    used = {name for alert in group.alerts for name in _used(alert, records)}
    return tuple(
        f"{one.name}.records" for one in groups if any(record.name in used for record in one.records)
    )


def _used(alert: Alert, records: Records) -> Iterable[str]:
    try:
        return dict(used((alert.expr, *queries(alert)), records))
    except UnsolvedError:  # it has no test then, but one that the spec gives
        return records if alert.test else ()


def _of_group(group: Group, records: Records, order: tuple[str, ...]) -> RuleTests:
    waits = [parse_duration(alert.for_) for alert in group.alerts if alert.for_]
    looks_far = any(is_even(alert.expr, records) for alert in group.alerts)
    found = _cases(group, records, _interval(waits, _INTERVALS if looks_far else _INTERVALS[1:]))
    if found.end > _LONG and all(wait >= 2 * _INTERVALS[0] for wait in waits):
        found = _cases(group, records, _interval(waits, _INTERVALS))
    tests: list[RuleTest] = []
    for alert, cases, is_shared in found.solved:
        tests += _tests(alert, cases, is_shared)
        if alert.keep_firing_for and not is_long(_keep(alert)):
            tests += _keeping(group, alert, records, found.interval)
    return RuleTests(group.name, group.title, duration(found.interval), order, tuple(tests), found.lacking)


def _kept(group: Group, records: Records, order: tuple[str, ...]) -> Iterator[RuleTests]:
    """The tests of alerts that go on firing for so long that they are evaluated less often."""
    alerts = [alert for alert in group.alerts if is_long(_keep(alert))]
    interval = interval_for([Question(alert, records, (), 1) for alert in alerts])
    tests = [test for alert in alerts for test in _keeping(group, alert, records, interval)]
    if tests:
        title = f"{group.title}, when their conditions are over"
        yield RuleTests(f"{group.name}.keep-firing", title, duration(interval), order, tuple(tests), ())


def _keep(alert: Alert) -> float:
    return parse_duration(alert.keep_firing_for) if alert.keep_firing_for else 0.0


def _keeping(group: Group, alert: Alert, records: Records, interval: int) -> Iterator[RuleTest]:
    """The test of what an alert does when its condition is over, where there is one."""
    try:
        siblings = _siblings(group, alert)
        case = kept(Question(alert, records, siblings, interval))
    except (UnsolvedError, *_ODD):
        return
    still, over = (duration(check.time) for check in case.checks)
    comment = (
        f"Its condition ends: at {still} it still fires, for {alert.keep_firing_for}; at {over} no more."
    )
    yield RuleTest(comment, _body(alert, case, f"{_who(alert, bool(siblings))} goes on firing"))


def _siblings(group: Group, alert: Alert) -> tuple[Alert, ...]:
    return tuple(one for one in group.alerts if one.name == alert.name and one is not alert)


class _Cases(NamedTuple):
    """What is found for the alerts of a group."""

    interval: int
    solved: tuple[tuple[Alert, tuple[Case, ...], bool], ...]
    """Each alert with its cases, and whether others have its name."""
    lacking: tuple[Untested, ...]

    @property
    def end(self) -> int:
        """When the longest case ends."""
        return max((case.checks[-1].time for _, cases, _ in self.solved for case in cases), default=0)


def _cases(group: Group, records: Records, interval: int) -> _Cases:
    solved: list[tuple[Alert, tuple[Case, ...], bool]] = []
    lacking: list[Untested] = []
    for alert in group.alerts:
        siblings = _siblings(group, alert)
        try:
            cases = cases_of(Question(alert, records, siblings, interval))
        except UnsolvedError as error:
            lacking.append(Untested(alert, str(error)))
        except _ODD:
            lacking.append(Untested(alert, "its figures are too odd"))
        else:
            solved.append((alert, cases, bool(siblings)))
    return _Cases(interval, tuple(solved), tuple(lacking))


def _records(groups: Iterable[Group]) -> Records:
    found: dict[str, tuple[Written, ...]] = {}
    for record in (record for group in groups for record in group.records):
        written = (record.expr, tuple(record.labels.items()))
        found[record.name] = (*found.get(record.name, ()), written)
    return found


def _interval(waits: Sequence[float], choice: Sequence[int]) -> int:
    return next((one for one in choice if all(wait % one == 0 for wait in waits)), 1)


def _tests(alert: Alert, cases: Sequence[Case], shared: bool) -> Iterator[RuleTest]:
    who = _who(alert, shared)
    for fires in (True, False):
        same = [case for case in cases if case.fires == fires]
        for number, case in enumerate(same, 1):
            name = f"{who} {'fires' if fires else 'stays quiet'}"
            name += f" ({number} of {len(same)})" if len(same) > 1 else ""
            yield RuleTest(_comment(alert, case, number, len(same)), _body(alert, case, name))


def _who(alert: Alert, shared: bool) -> str:
    return f"{alert.name} of {alert.slo or alert.component}" if shared else alert.name


def _comment(alert: Alert, case: Case, number: int, count: int) -> str:
    last = duration(case.checks[-1].time)
    if not case.fires:
        which = "Its condition" if count == 1 else f"Condition {number} of {count}"
        return f"{which} just does not hold at {last}."
    way = "It just holds" if count == 1 else f"It just holds, in way {number} of {count}"
    if len(case.checks) == 1:
        return f"{way}: at {last} it fires at once."
    return f"{way}: at {duration(case.checks[0].time)} not yet for {alert.for_}, at {last} it fires."


def _body(alert: Alert, case: Case, name: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": name,
        "interval": duration(case.step),
        "input_series": [{"series": title, "values": values} for title, values in case.series],
        "alert_rule_test": [_check(alert, check) for check in case.checks],
    }
    if case.recorded:
        at = duration(case.checks[-1].time)
        body["promql_expr_test"] = [
            {"expr": f"count({name})", "eval_time": at, "exp_samples": [{"labels": "{}", "value": count}]}
            for name, count in case.recorded
        ]
    return body


def _check(alert: Alert, check: Check) -> dict[str, Any]:
    return {
        "eval_time": duration(check.time),
        "alertname": alert.name,
        "exp_alerts": [
            {"exp_labels": dict(one.labels), "exp_annotations": dict(one.annotations)}
            for one in check.expected
        ],
    }


def duration(seconds: int) -> str:
    """Seconds as Prometheus writes a duration: ``1h5m``."""
    parts = [
        (seconds // 86400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "m"),
        (seconds % 60, "s"),
    ]
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
