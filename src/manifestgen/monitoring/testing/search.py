"""Inputs are searched with which an expression gives something, and such with which it just does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from manifestgen.monitoring.testing import bursts
from manifestgen.monitoring.testing.decoys import Elsewhere, recorded, with_decoys
from manifestgen.monitoring.testing.evaluate import World
from manifestgen.monitoring.testing.goals import Margin, Scope
from manifestgen.monitoring.testing.labelling import Vector
from manifestgen.monitoring.testing.plans import Plan, Step, firing_plans, quiet_plans
from manifestgen.monitoring.testing.problem import Outcome, Problem, trees
from manifestgen.monitoring.testing.reach import Reaching, closure, identity, sample_step
from manifestgen.monitoring.testing.series import Series
from manifestgen.monitoring.testing.settle import Clock, before_turn, settled
from manifestgen.monitoring.testing.solve import Solver, size
from manifestgen.monitoring.testing.steady import steady, windowed
from manifestgen.monitoring.testing.tree import (
    Selector,
    parse,
    selectors,
)
from manifestgen.monitoring.testing.unsolved import UnsolvedError

_MARGINS: Final = (Margin(), Margin(at_threshold=False), Margin(0.1, at_threshold=False), Margin(0.5, False))
"""How close to the threshold is tried, one after the other."""
_LATEST: Final = 6 * 24 * 3600
"""Seconds after which a condition must hold; promtool evaluates every rule at each step until then."""
_SLACK: Final = 300


class _Solution(NamedTuple):
    """Series for a plan, when the alert fires with them or could, and what the expression gives then."""

    series: tuple[Series, ...]
    end: int
    found: Vector
    turns: bool = False
    """Whether it is only about what happened when: labels are shown by the others."""


@lru_cache(maxsize=2048)
def outcomes(problem: Problem) -> tuple[Outcome, ...]:
    """Inputs with which the alert fires, then such with which it just does not.

    Raises UnsolvedError where there is none of the first, or none of the second where input matters at all.
    """
    return _Search(problem).outcomes()


class _Search:
    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._node = parse(problem.expr)
        self._records = trees(problem.records)
        self._steady = steady(self._node, self._records, problem.interval)
        self._windowed = windowed(self._node, self._records, problem.interval)
        self._closure = tuple(closure(self._node, self._records))
        self._worlds: dict[int, tuple[Sequence[Series], World]] = {}
        step = bursts.step_for(self._node, self._records, problem.interval)
        self._step = step or sample_step(self._closure, problem.interval)
        self._identity = identity(self._closure)
        self._reaching = Reaching(self._records)
        self._reach = self._reaching.of(self._node)

    def outcomes(self) -> tuple[Outcome, ...]:
        node = self._node if self._steady is None else self._steady
        plans = firing_plans(node)
        fires = [self._first(plans[0], self._firing), *self._possible(plans[1:], self._firing)]
        if not self._closure:  # nothing can keep it quiet
            return tuple(self._outcome(one, ()) for one in fires)
        end = max(one.end for one in fires)
        plans = quiet_plans(node)
        calm = self._possible(plans, lambda plan, margin: self._quiet(plan, margin, end))
        if self._steady is not None:
            calm += self._possible(quiet_plans(self._windowed), self._turning)
        if not calm:
            calm = [self._first(plans[0], lambda plan, margin: self._quiet(plan, margin, end))]
        return (
            *(self._outcome(one, calm[0].series) for one in fires),
            *(self._outcome(one, fires[0].series) for one in calm),
        )

    def _first(self, plan: Plan, solve: Callable[[Plan, Margin], _Solution]) -> _Solution:
        """The solution with the smallest margin. Raises UnsolvedError with what kept the first from it."""
        reasons: list[UnsolvedError] = []
        for margin in _MARGINS:
            try:
                return solve(plan, margin)
            except UnsolvedError as error:
                reasons.append(error)
        raise reasons[0]

    def _possible(self, plans: Iterable[Plan], solve: Callable[[Plan, Margin], _Solution]) -> list[_Solution]:
        found: list[_Solution] = []
        for plan in plans:
            try:
                found.append(self._first(plan, solve))
            except UnsolvedError:
                continue
        return found

    def series(self, plan: Plan, margin: Margin, *, head_start: bool = False) -> tuple[Series, ...]:
        """Series that should do what the plan says; whether they do is seen by evaluating them."""
        solver = Solver(self._records, self._identity, margin)
        scope = Scope(self._problem.needed)
        # What is simple first: it settles series that what is built of them can use.
        for step in sorted(plan, key=self._order) if len(plan) > 1 else plan:
            if step.holds:
                solver.hold(step.node, scope, below=step.below)
            else:
                solver.fail(step.node, scope)
        wait = self._problem.wait
        length = self._reach.total + wait + 2 * _LATEST
        phase = self._reach.window + wait + _SLACK
        clock = Clock(self._step, self._problem.interval, phase, length, self._problem.exact, head_start)
        return settled(solver.finish(), self._identity, clock)

    def _order(self, step: Step) -> tuple[float, int]:
        longest = self._reaching.of(step.node).window if self._steady is not None else 0.0
        return -longest, size(step.node, self._records)

    def _firing(self, plan: Plan, margin: Margin) -> _Solution:
        series = self.series(plan, margin)
        world = self._world(series)
        end = self._onset(world) + self._problem.wait
        found = world.vector(self._node, end)
        if not found:
            raise UnsolvedError("the condition does not hold as long as `for` asks")
        return _Solution(series, end, found)

    def _quiet(self, plan: Plan, margin: Margin, end: int) -> _Solution:
        # Rates begin below what they come to: what looks for low ones may hold for as long as they look back.
        if self._steady is not None:
            return self._steadily_quiet(plan, margin, end)
        late = self._whole_reach + self._problem.interval + self._problem.wait
        for head_start in (False, True):
            series = self.series(plan, margin, head_start=head_start)
            world = self._world(series)
            for time in (late,) if head_start else (end, late):
                if not self._has_fired(world, time):
                    return _Solution(series, time, [])
        raise UnsolvedError("no input is found with which it does not fire")

    def _turning(self, plan: Plan, margin: Margin) -> _Solution:
        """Quiet for what one window shows and another does not: the speed turns once."""
        series = self.series(plan, margin)
        end = self._end_of_turn(series)
        if not end or self._has_fired(self._world(series), end):
            raise UnsolvedError("no input is found with which it does not fire")
        return _Solution(series, end, [], turns=True)

    def _end_of_turn(self, series: Sequence[Series]) -> int:
        """When a window is over that a turn is made for; 0 where nothing turns."""
        starts = {one.stretches[0].length * one.step for one in series if len(one.stretches) > 1}
        windows = {one.window for one in selectors(self._windowed)}
        interval = self._problem.interval
        ends = (int(start + w) for start in starts for w in windows if before_turn(w, interval) == start)
        return max(ends, default=0)

    def _steadily_quiet(self, plan: Plan, margin: Margin, end: int) -> _Solution:
        series = self.series(plan, margin)
        if self._has_fired(self._world(series), end):
            raise UnsolvedError("no input is found with which it does not fire")
        return _Solution(series, end, [])

    def _has_fired(self, world: World, end: int) -> bool:
        """Whether the alert fires at ``end``, for what holds then or what held before."""
        if world.vector(self._node, end):
            return True
        if not self._problem.keeps_firing:
            return False
        held = -self._problem.interval
        for time in range(0, end, self._problem.interval):
            held = (
                held + self._problem.interval if world.vector(self._node, time) else -self._problem.interval
            )
            if held >= self._problem.wait:
                return True
        return False

    def _world(self, series: Sequence[Series]) -> World:
        known = self._worlds.get(id(series))
        if known is None:
            known = (series, World(series, self._records, self._problem.interval))
            self._worlds[id(series)] = known
        return known[1]

    @property
    def _whole_reach(self) -> int:
        """The first evaluation that sees all."""
        interval = self._problem.interval
        return -int(-self._reach.total // interval) * interval

    def _onset(self, world: World) -> int:
        """The first evaluation from which on the condition holds."""
        interval = self._problem.interval
        firsts = (0, interval, 2 * interval)
        if self._steady is not None:
            return self._at_once(world, firsts)
        holds = self._some_time(world)
        before = -interval
        for early in firsts:
            if early >= holds:
                break
            if world.vector(self._node, early):
                return early
            before = early
        while holds - before > interval:
            middle = before + (holds - before) // (2 * interval) * interval
            if world.vector(self._node, middle):
                holds = middle
            else:
                before = middle
        return holds

    def _at_once(self, world: World, firsts: Iterable[int]) -> int:
        """The onset of what holds as soon as there are speeds, however far it looks back."""
        for early in firsts:
            if world.vector(self._node, early):
                return early
        raise UnsolvedError("no input is found with which it fires")

    def _some_time(self, world: World) -> int:
        wait = 0
        while wait <= _LATEST:
            if world.vector(self._node, self._whole_reach + wait):
                return self._whole_reach + wait
            wait = wait * 2 or self._problem.interval
        raise UnsolvedError("no input is found with which it fires")

    def _outcome(self, solution: _Solution, others: Sequence[Series]) -> Outcome:
        alone = self._alone(solution.series, solution.end)
        samples = solution.end // self._step + 1
        if solution.turns:
            return Outcome(tuple(one.cut(samples) for one in alone), solution.end, (), (), self._step, ())
        whole = [one.cut(samples) for one in with_decoys(alone, others, self._closure)]
        # Where a record of others is counted, what a wrong rule records must not fall on the same series.
        prefix = "other" if solution.found else "another"
        whole += recorded(
            self._closure, Elsewhere(self._world(others), solution.end, prefix, samples, self._step)
        )
        world = self._world(whole)
        answers = ((text, tuple(world.vector(parse(text), solution.end))) for text in self._problem.queries)
        return Outcome(
            tuple(whole),
            solution.end,
            tuple(solution.found),
            self._counts(world, solution.end),
            self._step,
            tuple(answers) if solution.found else (),
        )

    def _counts(self, world: World, end: int) -> tuple[tuple[str, int], ...]:
        names = dict.fromkeys(selector.name for selector in self._closure if selector.name in self._records)
        counts = {name: len(world.vector(Selector(name, (), 0.0, 0.0), end)) for name in names}
        return tuple((name, count) for name, count in counts.items() if count)

    def _alone(self, series: tuple[Series, ...], end: int) -> tuple[Series, ...]:
        """With series that keep alerts of the same name quiet: a test sees all of them."""
        world = self._world(series)
        for expr in self._problem.siblings:
            node = parse(expr)
            if world.vector(node, end):
                calm = _Search(self._problem._replace(expr=expr, siblings=()))
                there = {one.key for one in series}
                more = calm.series(quiet_plans(node)[0], Margin())
                series += tuple(one for one in more if one.key not in there)
                world = self._world(series)
                if world.vector(node, end):
                    raise UnsolvedError("another alert of the same name always fires with it")
        return series
