"""Goals become series: labels for each, and values over time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from manifestgen.monitoring.testing.bursts import Burst, stretches
from manifestgen.monitoring.testing.goals import Goal, Line
from manifestgen.monitoring.testing.labelling import selects
from manifestgen.monitoring.testing.series import Labels, Series, Stretch
from manifestgen.monitoring.testing.tree import Matcher, Selector
from manifestgen.monitoring.testing.unsolved import UnsolvedError
from manifestgen.monitoring.testing.words import word_against, word_for

Identity = Mapping[str, str]
"""The values that labels have where nothing asks for another."""

_FEW_BITS: Final = 4096
_BEFORE: Final = 6
"""How many times as long as before a turn it is after it, so that tests are short."""
_LEVEL_ABOVE: Final = 100.0
"""Where a series stands whose end in some time is all that matters."""


_Speeds = Sequence[tuple[float, float]]
"""How fast something grows within windows, the shortest first."""


class Clock(NamedTuple):
    """Seconds between two samples and two evaluations, of a change of phase, and of the whole series."""

    step: int
    interval: int
    phase: float
    length: float
    binary: bool
    """Whether samples are taken that add up without an error."""
    head_start: bool
    """Whether what grows begins with a jump, as high as it grows within its window."""


class _Sheet:
    """One series on its way: what is read of it, by how long ago."""

    def __init__(self, name: str, labels: Labels) -> None:
        self.name = name
        self.labels = labels
        self.goals: dict[tuple[float, str], Goal] = {}
        self.within: dict[tuple[float, float], Goal] = {}
        """How it grows, by how long ago and within how many seconds."""

    def like(self, goal: Goal) -> Goal | None:
        """What is read of it in the same way."""
        shift = goal.scope.shift
        return self.within.get((shift, goal.span), self.goals.get((shift, goal.reading)))

    def take(self, goal: Goal) -> None:
        key = (goal.scope.shift, goal.reading)
        if goal.reading == "growth":
            self.within.setdefault((goal.scope.shift, goal.span), goal)
            self.goals.setdefault(key, goal)
        other = self.like(goal)
        if other is not None and not math.isclose(other.value.start, goal.value.start, rel_tol=1e-9):
            raise UnsolvedError(f"two conditions want different values of {self.name}")
        self.goals[key] = goal


def settled(goals: Iterable[Goal], identity: Identity, clock: Clock) -> tuple[Series, ...]:
    """The series that fulfil ``goals``, in the order of these. Raises UnsolvedError where two contradict."""
    wanted = list(goals)
    sheets: list[_Sheet] = []
    # What a narrow selector reads is part of what a wide one adds up, so the narrow ones come first.
    for goal in sorted(wanted, key=lambda one: -len(one.selector.matchers)):
        _settle(goal, sheets, wanted, identity)
    return tuple(Series(s.name, s.labels, tuple(_stretches(s, clock)), clock.step) for s in sheets)


def _settle(goal: Goal, sheets: list[_Sheet], goals: list[Goal], identity: Identity) -> None:
    labels = labels_for(goal.selector, goal.scope.needed, {**identity, **dict(goal.scope.fixed)}, goal)
    there = [s for s in sheets if s.name == goal.selector.name and selects(goal.selector.matchers, s.labels)]
    if goal.scope.summed:
        there = [s for s in there if all(s.labels.get(k) == v for k, v in goal.scope.fixed)]
        part = [one for one in (s.like(goal) for s in there) if one and _other(one.selector, goal.selector)]
        if part:
            rest = goal.value.start - sum(one.value.start for one in part)
            if rest < -1e-9:
                raise UnsolvedError(f"a part of {goal.selector.name} would have to be more than all of it")
            if rest <= 1e-9:
                return
            goal = goal._replace(value=goal.value._replace(start=rest))
            labels = _apart(labels, goal.selector, [one.selector for one in part])
    sheet = next((s for s in sheets if s.name == goal.selector.name and s.labels == labels), None)
    if sheet is None:
        sheet = _Sheet(goal.selector.name, labels)
        sheets.append(sheet)
    sheet.take(goal)


def _other(one: Selector, another: Selector) -> bool:
    """Whether they select other series; how long a window they look at does not matter."""
    return one._replace(window=0.0) != another._replace(window=0.0)


def labels_for(selector: Selector, needed: Iterable[str], identity: Identity, goal: Goal) -> Labels:
    """Labels with which a series fulfils the matchers of ``selector`` and has all that are ``needed``."""
    by_label: dict[str, list[Matcher]] = {}
    for matcher in selector.matchers:
        by_label.setdefault(matcher.label, []).append(matcher)
    fixed = [label for label, _ in goal.scope.fixed]
    labels: Labels = {}
    for label in dict.fromkeys((*by_label, *fixed, *sorted(needed))):
        rules = by_label.get(label, [])
        wanted = identity.get(label)
        if wanted is None and (label in needed or label in fixed):
            wanted = f"{label}-1"
        word = word_for(label, rules, wanted)
        if word:
            labels[label] = word
    return labels


def _apart(labels: Labels, selector: Selector, narrow: list[Selector]) -> Labels:
    """Labels that ``selector`` takes and none of the ``narrow`` ones does."""
    if not any(selects(one.matchers, labels) for one in narrow):
        return labels
    for matcher in (m for one in narrow for m in one.matchers):
        word = word_against(matcher)
        other = {**labels, matcher.label: word} if word else labels
        if selects(selector.matchers, other) and not any(selects(one.matchers, other) for one in narrow):
            return other
    raise UnsolvedError(f"two selectors of {selector.name} take the same series and want different values")


def _stretches(sheet: _Sheet, clock: Clock) -> Iterator[Stretch]:
    """The values over time: what is read as it was long ago comes first."""
    shifts = sorted({shift for shift, _ in sheet.goals}, reverse=True)
    samples = math.ceil(clock.length / clock.step) + 1
    value = 0.0
    for number, shift in enumerate(shifts):
        goals = {reading: goal for (at, reading), goal in sheet.goals.items() if at == shift}
        count = samples
        if number + 1 < len(shifts):
            count = max(1, math.ceil((shifts[0] - shifts[number + 1]) / clock.step)) if number else 0
            count = count or math.ceil(clock.phase / clock.step)
            samples -= count
        speeds = [(span, goal.value.start) for (at, span), goal in sheet.within.items() if at == shift]
        phase = list(_phase(goals, sorted(speeds), count, clock, value))
        yield from phase
        if phase and number + 1 < len(shifts):
            value = phase[-1].at(phase[-1].length - 1)


def _phase(
    goals: Mapping[str, Goal], speeds: _Speeds, count: int, clock: Clock, before: float
) -> Iterator[Stretch]:
    level = goals["level"].value if "level" in goals else None
    if "growth" in goals:
        growth = goals["growth"].value.start
        first = before if level is None else level.start
        each = _growing(growth, clock)
        if clock.head_start:
            yield Stretch(_plain(first), 0.0, 1)
            first += _plain(each * (goals["growth"].span // clock.step + 1))
            count -= 1
        turn, earlier = _turn(speeds, clock.interval)
        if turn:
            slow, length = _growing(earlier, clock), int(turn // clock.step)
            yield Stretch(_plain(first), slow, length)
            first += slow * length
            count -= length
        yield Stretch(_plain(first), each, count)
    elif "sum" in goals or "count" in goals:
        goal = goals.get("sum") or goals["count"]
        burst = Burst(goal.reading, goal.value.start, goal.span, 1.0 if level is None else level.start)
        yield from stretches(burst, clock.step, clock.interval, count)
    elif "ahead" in goals:
        yield _aimed(goals["ahead"], level, clock, count)
    elif "changes" in goals or "resets" in goals:
        yield from _changing(goals, clock.step, count)
    elif level is not None:
        yield Stretch(_plain(level.start), _growing(level.slope, clock), count)


def before_turn(window: float, interval: float) -> float:
    """Seconds before a turn after which all that ``window`` sees is new."""
    return math.ceil(window / _BEFORE / interval) * interval


def _turn(speeds: _Speeds, interval: float) -> tuple[float, float]:
    """How long something grows before it turns to the speed of the shortest window, and how fast.

    0 where it never turns. Raises UnsolvedError where it would have to fall, or for more than two speeds.
    """
    now = speeds[0][1]
    short = max(span for span, speed in speeds if math.isclose(speed, now, rel_tol=1e-9))
    others = [speed for span, speed in speeds if not math.isclose(speed, now, rel_tol=1e-9)]
    if not others:
        return 0.0, now
    before = before_turn(short, interval)
    earlier = others[0] + (others[0] - now) * short / before
    if earlier < 0 or any(not math.isclose(one, others[0], rel_tol=1e-9) for one in others):
        raise UnsolvedError("its speeds within different windows are too far apart")
    return before, earlier


def _aimed(goal: Goal, level: Line | None, clock: Clock, count: int) -> Stretch:
    start = _LEVEL_ABOVE if level is None else level.start
    slope = (goal.value.start - start) / goal.span if goal.span else 0.0
    return Stretch(_plain(start), _growing(slope, clock), count)


def _changing(goals: Mapping[str, Goal], step: int, count: int) -> Iterator[Stretch]:
    """Steps up (each a change) or down (each a reset of a counter), so that every window sees enough."""
    goal = goals.get("changes") or goals["resets"]
    up = 1.0 if "changes" in goals else -1.0
    first = 1.0 if up > 0 else float(count)
    if goal.value.start <= 0:
        yield Stretch(first, 0.0, count)
        return
    # One sample less than the share of the window: Prometheus 3 does not see the sample at its very start.
    each = int(goal.span / goal.value.start / step) - 1
    if each < 1:
        raise UnsolvedError(f"{goal.value.start:g} changes within {goal.span:g}s are more than samples show")
    for index in range(math.ceil(count / each)):
        yield Stretch(first + up * index, 0.0, min(each, count - index * each))


def _growing(slope: float, clock: Clock) -> float:
    growth = _plain(slope * clock.step)
    if not clock.binary or growth.is_integer():
        return growth
    mantissa, exponent = math.frexp(growth)
    return math.ldexp(round(mantissa * _FEW_BITS) / _FEW_BITS, exponent)


def _plain(value: float) -> float:
    """Without the error of a division, where six digits say all that matters."""
    return value if value.is_integer() else float(f"{value:.9g}")
