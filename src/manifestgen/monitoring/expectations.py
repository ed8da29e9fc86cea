"""Whether the routes do what ``alerting.tests`` expects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from manifestgen.monitoring.alarms import Alarms
from manifestgen.monitoring.routing.clock import parse_moment
from manifestgen.monitoring.routing.decision import Decision, decide

if TYPE_CHECKING:
    from manifestgen.spec.expectations import Expectation


class Outcome(NamedTuple):
    """One expectation, and what became of it."""

    name: str
    fault: str
    """Why it fails, in a sentence; empty when it holds."""


def outcomes(alarms: Alarms) -> Iterator[Outcome]:
    """Every expectation of the environment, in the order of the spec."""
    for name, test in alarms.alerting.tests.items():
        yield Outcome(name, _fault(alarms, test))


def _fault(alarms: Alarms, test: Expectation) -> str:
    for name in (test.alert, *test.firing):
        if not alarms.called(name):
            return f"there is no alert {name} in {alarms.platform.environment}"
    candidates = alarms.filled({"alertname": test.alert, **test.labels})
    if len(candidates) > 1:
        components = ", ".join(one["component"] for one in candidates)
        return f"{test.alert} is there for {components}: say in `labels` which component is meant"
    firing = [alarms.labels_of(alert) for name in test.firing for alert in alarms.called(name)]
    at = None if test.at is None else parse_moment(test.at)
    decision = decide(alarms.routing, candidates[0], at=at, firing=firing)
    if set(decision.told) == set(test.tells):
        return ""
    return f"it tells {_listed(decision.told)}, not {_listed(tuple(test.tells))}{_because(decision)}"


def _because(decision: Decision) -> str:
    if decision.silenced is not None:
        return f"; {decision.silenced.source['alertname']} inhibits it by {decision.silenced.by.name}"
    muted = {way.receiver: ", ".join(way.muted_by) for way in decision.ways if way.muted_by}
    return "".join(f"; {receiver} waits because of {intervals}" for receiver, intervals in muted.items())


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nobody"
