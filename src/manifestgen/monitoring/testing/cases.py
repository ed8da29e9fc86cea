"""The cases of one alert: inputs with which it fires, not yet fires, and just does not fire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring.rules import Alert
from manifestgen.monitoring.testing.problem import Outcome, Problem, outcomes
from manifestgen.monitoring.testing.series import Series
from manifestgen.monitoring.testing.templates import filled, labels_in
from manifestgen.monitoring.testing.tree import parse, selectors

Records = Mapping[str, tuple[str, ...]]
"""The expressions of the recording rules by the name they record to."""


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

    fires: bool
    series: tuple[Series, ...]
    checks: tuple[Check, ...]
    recorded: tuple[tuple[str, int], ...]
    """How many series the records in use have at the last check."""


class Question(NamedTuple):
    """An alert, the recording rules it may build on, other alerts of its name, seconds between evaluations."""

    alert: Alert
    records: Records
    siblings: tuple[Alert, ...]
    interval: int


def cases_of(question: Question) -> tuple[Case, ...]:
    """The cases of an alert: those in which it fires come first.

    Raises Unsolved where there is none that makes it fire, or none that does not.
    """
    alert = question.alert
    templates = alert.body["annotations"].values()
    siblings = tuple(sibling.expr for sibling in question.siblings)
    problem = Problem(
        expr=alert.expr,
        wait=int(parse_duration(alert.for_)) if alert.for_ else 0,
        needed=frozenset(label for text in templates for label in labels_in(text)),
        records=_used((alert.expr, *siblings), question.records),
        siblings=siblings,
        interval=question.interval,
    )
    return tuple(_case(one, problem, alert) for one in outcomes(problem))


def _case(outcome: Outcome, problem: Problem, alert: Alert) -> Case:
    expected = tuple(_expected(alert, labels, value) for labels, value in outcome.found)
    checks = [Check(outcome.end, expected)]
    if expected and problem.wait:
        checks.insert(0, Check(outcome.end - problem.interval, ()))
    return Case(bool(expected), outcome.series, tuple(checks), outcome.recorded)


def _expected(alert: Alert, labels: Mapping[str, str], value: float) -> Expected:
    body = alert.body
    annotations = {name: filled(text, labels, value) for name, text in body["annotations"].items()}
    return Expected({**labels, **body["labels"]}, annotations)


def _used(exprs: tuple[str, ...], records: Records) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The records that the expressions use, also by way of other records."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = list(exprs)
    while waiting:
        for selector in selectors(parse(waiting.pop())):
            if selector.name in records and selector.name not in found:
                found[selector.name] = records[selector.name]
                waiting += found[selector.name]
    return tuple(found.items())
