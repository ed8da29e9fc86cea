"""The cases of one alert: inputs with which it fires, not yet fires, and just does not fire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring.rules import Alert
from manifestgen.monitoring.testing.problem import Outcome, Problem, Written, trees
from manifestgen.monitoring.testing.search import outcomes
from manifestgen.monitoring.testing.steady import steady
from manifestgen.monitoring.testing.templates import (
    Answers,
    Shown,
    filled,
    labels_in,
    queries_in,
    shows_every_digit,
)
from manifestgen.monitoring.testing.tree import parse, selectors
from manifestgen.monitoring.testing.unsolved import UnsolvedError
from manifestgen.spec.late import AlertTest

_MINUTE: Final = 60
"""Seconds between the samples that the spec gives."""

Records = Mapping[str, tuple[Written, ...]]
"""The recording rules by the name they record to."""


class Expected(NamedTuple):
    """An alert as Prometheus hands it on."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class Check(NamedTuple):
    """What fires at a time, in seconds from the start."""

    time: int
    expected: tuple[Expected, ...]


class Case(NamedTuple):
    """Input series, and what is looked at when."""

    series: tuple[tuple[str, str], ...]
    """Each as promtool names it, and its samples in promtool's notation."""
    step: int
    """Seconds between two samples."""
    checks: tuple[Check, ...]
    recorded: tuple[tuple[str, int], ...] = ()
    """How many series the records in use have at the last check."""

    @property
    def fires(self) -> bool:
        """Whether the alert fires at last."""
        return bool(self.checks[-1].expected)


def is_even(expr: str, records: Records) -> bool:
    """Whether an alert is shown with speeds that are the same from the beginning; see ``steady``."""
    try:
        found = used((expr,), records)
        return bool(found) and steady(parse(expr), trees(found), _MINUTE) is not None
    except UnsolvedError:
        return False


class Question(NamedTuple):
    """An alert, the recording rules it may build on, others of its name, seconds between evaluations."""

    alert: Alert
    records: Records
    siblings: tuple[Alert, ...]
    interval: int


def cases_of(question: Question) -> tuple[Case, ...]:
    """The cases of an alert: those in which it fires come first.

    Raises UnsolvedError where there is none that makes it fire, or none that does not.
    """
    alert = question.alert
    if alert.test is not None:
        return _given(alert, alert.test, question.interval)
    problem = problem_of(question)
    return tuple(_case(one, problem, alert) for one in outcomes(problem))


def problem_of(question: Question) -> Problem:
    """What has to be solved for an alert. Raises UnsolvedError where it cannot be read."""
    alert = question.alert
    templates = alert.body["annotations"].values()
    siblings = tuple(sibling.expr for sibling in question.siblings)
    asked = queries(alert)
    wait = _seconds(alert.for_) if alert.for_ else 0
    return Problem(
        expr=alert.expr,
        wait=-(-wait // question.interval) * question.interval,
        needed=frozenset(label for text in templates for label in labels_in(text)),
        records=used((alert.expr, *siblings, *asked), question.records),
        siblings=siblings,
        interval=question.interval,
        queries=asked,
        keeps_firing=alert.keep_firing_for is not None,
        exact=any(shows_every_digit(text) for text in templates),
    )


def _given(alert: Alert, test: AlertTest, interval: int) -> tuple[Case, ...]:
    """The cases that the spec gives."""
    fired = (expected_of(alert, test.firing.labels, test.firing.value, {}),)
    return (
        Case(
            tuple(test.firing.series.items()),
            _MINUTE,
            _checks(alert, _seconds(test.firing.at), fired, interval),
        ),
        Case(tuple(test.quiet.series.items()), _MINUTE, (Check(_seconds(test.quiet.at), ()),)),
    )


def _case(outcome: Outcome, problem: Problem, alert: Alert) -> Case:
    expected = tuple(
        expected_of(alert, labels, value, dict(outcome.answers)) for labels, value in outcome.found
    )
    series = tuple((one.title, one.values) for one in outcome.series)
    checks = _checks(alert, outcome.end, expected, problem.interval)
    return Case(series, outcome.step, checks, outcome.recorded)


def _checks(alert: Alert, end: int, expected: tuple[Expected, ...], interval: int) -> tuple[Check, ...]:
    """What fires at last, and before it nothing while `for` is not over."""
    last = Check(end, expected)
    return (Check(end - interval, ()), last) if expected and alert.for_ and end >= interval else (last,)


def expected_of(alert: Alert, labels: dict[str, str], value: float, answers: Answers) -> Expected:
    """The alert that people see for a result of its expression."""
    body = alert.body
    annotations = {
        name: filled(text, Shown(labels, value, answers)) for name, text in body["annotations"].items()
    }
    return Expected({**labels, **body["labels"]}, annotations)


def _seconds(duration: str) -> int:
    return int(parse_duration(duration))


def queries(alert: Alert) -> tuple[str, ...]:
    """What the annotations of an alert ask for."""
    texts = alert.body["annotations"].values()
    return tuple(dict.fromkeys(query for text in texts for query in queries_in(text)))


def used(exprs: tuple[str, ...], records: Records) -> tuple[tuple[str, tuple[Written, ...]], ...]:
    """The records that the expressions use, also by way of other records."""
    found: dict[str, tuple[Written, ...]] = {}
    waiting = list(exprs)
    while waiting:
        for selector in selectors(parse(waiting.pop())):
            if selector.name in records and selector.name not in found:
                found[selector.name] = records[selector.name]  # all of them: a test counts what they record
                waiting += (expr for expr, _ in found[selector.name])
    return tuple(found.items())
