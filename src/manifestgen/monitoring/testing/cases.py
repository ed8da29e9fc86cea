"""The cases of one alert: inputs with which it fires, not yet fires, and just does not fire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring.rules import Alert
from manifestgen.monitoring.testing.decoys import with_decoys
from manifestgen.monitoring.testing.evaluate import Records, Vector, World
from manifestgen.monitoring.testing.goals import Margin, Scope
from manifestgen.monitoring.testing.plans import Plan, firing_plans, quiet_plans
from manifestgen.monitoring.testing.series import Series
from manifestgen.monitoring.testing.settle import Clock, settled
from manifestgen.monitoring.testing.solve import Solver, size
from manifestgen.monitoring.testing.templates import filled, labels_in
from manifestgen.monitoring.testing.tree import Node, Selector, children, parse, selectors
from manifestgen.monitoring.testing.unsolved import Unsolved

_MARGINS: Final = (Margin(), Margin(at_threshold=False), Margin(0.1, at_threshold=False), Margin(0.5, False))
"""How close to the threshold is tried, one after the other."""
_LATEST: Final = 6 * 24 * 3600
"""Seconds after which a condition must hold; promtool evaluates every rule every minute until then."""
_SLACK: Final = 300


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

    kind: str
    """``fires`` or ``quiet``."""
    series: tuple[Series, ...]
    checks: tuple[Check, ...]


class Question(NamedTuple):
    """An alert, the recording rules it may build on, other alerts of its name, seconds between evaluations."""

    alert: Alert
    records: Records
    siblings: tuple[Alert, ...]
    interval: int


class _Solution(NamedTuple):
    """Series for a plan, and what they give: from when on the alert fires, and what then."""

    series: tuple[Series, ...]
    onset: int
    found: Vector


def cases_of(question: Question) -> tuple[Case, ...]:
    """The cases of an alert. Raises Unsolved where there is none that makes it fire, or none that does not."""
    return _Cases(question).all()


class _Cases:
    def __init__(self, question: Question) -> None:
        self._question = question
        self._node = parse(question.alert.expr)
        self._records = question.records
        self._closure = tuple(_closure(self._node, question.records))
        self._identity = _identity(self._closure)
        used = (name for text in question.alert.body["annotations"].values() for name in labels_in(text))
        self._scope = Scope(frozenset(used))
        self._wait = int(parse_duration(question.alert.for_)) if question.alert.for_ else 0
        self._reach = _reach(self._node, question.records)

    def all(self) -> tuple[Case, ...]:
        fires = [self._first(plan, self._firing) for plan in firing_plans(self._node)[:1]]
        fires += self._possible(firing_plans(self._node)[1:], self._firing)
        if not self._closure:
            return tuple(self._firing_case(one, ()) for one in fires)
        end = max(one.onset for one in fires) + self._wait
        plans = quiet_plans(self._node)
        calm = self._possible(plans, lambda plan, margin: self._quiet(plan, margin, end))
        if not calm:
            self._first(plans[0], lambda plan, margin: self._quiet(plan, margin, end))
        return (
            *(self._firing_case(one, calm[0].series) for one in fires),
            *(self._quiet_case(one, fires[0].series) for one in calm),
        )

    def _first(self, plan: Plan, solve: Any) -> _Solution:
        """The solution with the smallest margin. Raises Unsolved with what kept the first from it."""
        reasons: list[Unsolved] = []
        for margin in _MARGINS:
            try:
                solution: _Solution = solve(plan, margin)
            except Unsolved as error:
                reasons.append(error)
            else:
                return solution
        raise reasons[0]

    def _possible(self, plans: Iterable[Plan], solve: Any) -> list[_Solution]:
        found: list[_Solution] = []
        for plan in plans:
            try:
                found.append(self._first(plan, solve))
            except Unsolved:
                continue
        return found

    def _series(self, plan: Plan, margin: Margin) -> tuple[Series, ...]:
        solver = Solver(self._records, margin)
        # What is simple first: it settles series that what is built of them can use.
        for step in sorted(plan, key=lambda one: size(one.node, self._records)):
            if step.holds:
                solver.hold(step.node, self._scope, below=step.below)
            else:
                solver.fail(step.node, self._scope)
        interval = self._question.interval
        clock = Clock(interval, self._reach.window + self._wait + _SLACK, self._reach.total + self._wait + _LATEST)
        return settled(solver.finish(), self._identity, clock)

    def _firing(self, plan: Plan, margin: Margin) -> _Solution:
        series = self._series(plan, margin)
        world = self._world(series)
        onset = self._onset(world)
        found = world.vector(self._node, onset + self._wait)
        if not found:
            raise Unsolved("the condition does not hold as long as `for` asks")
        return _Solution(series, onset, found)

    def _quiet(self, plan: Plan, margin: Margin, end: int) -> _Solution:
        series = self._series(plan, margin)
        world = self._world(series)
        # Rates begin below what they come to, so what looks for a low one may hold for as long as they look back.
        for time in (end, self._reach.whole(self._question.interval) + self._wait):
            if not world.vector(self._node, time):
                return _Solution(series, time - self._wait, [])
        raise Unsolved("no input is found with which it does not fire")

    def _world(self, series: Sequence[Series]) -> World:
        return World(series, self._records, self._question.interval)

    def _onset(self, world: World) -> int:
        """The first evaluation from which on the condition holds."""
        interval = self._question.interval
        holds = self._some_time(world)
        before = -interval
        for early in (0, interval, 2 * interval):
            if early < holds and world.vector(self._node, early):
                return early
            before = max(before, min(early, holds - interval))
        while holds - before > interval:
            middle = before + (holds - before) // (2 * interval) * interval
            if world.vector(self._node, middle):
                holds = middle
            else:
                before = middle
        return holds

    def _some_time(self, world: World) -> int:
        interval = self._question.interval
        start = self._reach.whole(interval)
        wait = 0
        while wait <= _LATEST:
            if world.vector(self._node, start + wait):
                return start + wait
            wait = wait * 2 or interval
        raise Unsolved("no input is found with which it fires")

    def _firing_case(self, solution: _Solution, others: Sequence[Series]) -> Case:
        end = solution.onset + self._wait
        alert = self._question.alert
        expected = tuple(_expected(alert, labels, value) for labels, value in solution.found)
        checks = [Check(end, expected)]
        if self._wait:
            checks.insert(0, Check(end - self._question.interval, ()))
        series = self._alone(solution.series, end)
        return Case("fires", self._finished(series, others, end), tuple(checks))

    def _quiet_case(self, solution: _Solution, others: Sequence[Series]) -> Case:
        end = solution.onset + self._wait
        series = self._alone(solution.series, end)
        return Case("quiet", self._finished(series, others, end), (Check(end, ()),))

    def _finished(self, series: Sequence[Series], others: Sequence[Series], end: int) -> tuple[Series, ...]:
        samples = end // self._question.interval + 1
        whole = with_decoys(series, others, self._closure)
        return tuple(one.cut(samples) for one in whole)

    def _alone(self, series: tuple[Series, ...], end: int) -> tuple[Series, ...]:
        """With series that keep alerts of the same name quiet: a test sees all of them."""
        for sibling in self._question.siblings:
            node = parse(sibling.expr)
            if self._world(series).vector(node, end):
                calming = _Cases(self._question._replace(alert=sibling, siblings=()))
                plan = quiet_plans(node)[0]
                series += tuple(
                    one for one in calming._series(plan, Margin()) if one.title not in {s.title for s in series}
                )
                if self._world(series).vector(node, end):
                    raise Unsolved(f"another alert named {sibling.name} always fires with it")
        return series


def _expected(alert: Alert, labels: Mapping[str, str], value: float) -> Expected:
    body = alert.body
    all_labels = {**labels, **body["labels"]}
    annotations = {name: filled(text, all_labels | dict(labels), value) for name, text in body["annotations"].items()}
    return Expected(all_labels, annotations)


def _identity(closure: Iterable[Selector]) -> dict[str, str]:
    """The value that a label has in all series, as far as they may agree on it."""
    found: dict[str, str] = {}
    for selector in closure:
        for matcher in selector.matchers:
            if matcher.op == "=" and matcher.value:
                found.setdefault(matcher.label, matcher.value)
    return found


def _closure(node: Node, records: Records) -> Iterator[Selector]:
    """Every selector of the expression, and of the records it uses."""
    for selector in selectors(node):
        yield selector
        for expr in records.get(selector.name, ()):
            yield from _closure(expr, records)


class _Reach(NamedTuple):
    """How far an expression looks back: its longest window, and window and offset together, in seconds."""

    window: float
    total: float

    def whole(self, interval: int) -> int:
        """The first evaluation that sees all."""
        return -int(-self.total // interval) * interval


def _reach(node: Node, records: Records) -> _Reach:
    below = [_reach(child, records) for child in children(node)]
    own = offset = 0.0
    if isinstance(node, Selector):
        below = [_reach(expr, records) for expr in records.get(node.name, ())]
    if hasattr(node, "window"):
        own, offset = node.window, max(node.offset, 0.0)
    window = own + max((one.window for one in below), default=0.0)
    return _Reach(window, own + offset + max((one.total for one in below), default=0.0))
