"""The case in which an alert goes on firing for its ``keep_firing_for`` when its condition is over.

The input of a firing case turns into that of a quiet one, or ends: whichever ends the condition for good.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring.testing.cases import Case, Check, Question, expected_of, problem_of
from manifestgen.monitoring.testing.evaluate import World
from manifestgen.monitoring.testing.labelling import Vector
from manifestgen.monitoring.testing.problem import Outcome, Problem, trees
from manifestgen.monitoring.testing.search import outcomes
from manifestgen.monitoring.testing.series import Series, Stretch
from manifestgen.monitoring.testing.templates import Answers
from manifestgen.monitoring.testing.tree import Node, Subquery, children, parse, selectors
from manifestgen.monitoring.testing.unsolved import UnsolvedError

_INTERVALS: Final = (3600, 1800, 900, 600, 300, 60, 30, 15, 10, 5)
_EVALUATIONS: Final = 6
"""How many `keep_firing_for` takes at least, so that one that is half as long or longer is told from it."""
_LATEST: Final = 48
"""Evaluations after which a condition must have ended."""
_EVEN: Final = 6
"""Stretches that a series has which does not always begin anew."""


class _Ended(NamedTuple):
    """Input with which the condition ends, when that is seen first, and what was true just before."""

    series: tuple[Series, ...]
    end: int
    last: Vector
    answers: Answers


def is_long(keep: float) -> bool:
    """Whether a test takes so many evaluations that it has its own file, where they are rare."""
    return keep > 6 * 3600


def interval_for(questions: Sequence[Question]) -> int:
    """Seconds between two evaluations of a test, so that it has no more of them than it needs."""
    keeps = [_keep(one) for one in questions]
    most = min((_closest(one) for one in questions), default=_INTERVALS[0])
    fitting = (one for one in _INTERVALS if one <= most and all(k % one == 0 for k in keeps))
    return next((one for one in fitting if all(k >= _EVALUATIONS * one for k in keeps)), _INTERVALS[-1])


def kept(question: Question) -> Case:
    """An alert that still fires when its condition is over, and then no more.

    Raises UnsolvedError where no input is found for it.
    """
    if question.alert.test is not None:
        raise UnsolvedError("its input is given")
    keep = int(_keep(question))
    if keep < 4 * question.interval:
        raise UnsolvedError("it takes too few evaluations")
    problem = problem_of(question)
    ended = _ended(problem, keep)
    fired = tuple(expected_of(question.alert, labels, value, ended.answers) for labels, value in ended.last)
    # Prometheus 3 may see an evaluation earlier than 2 that the condition is over.
    checks = (
        Check(ended.end + keep - 2 * question.interval, fired),
        Check(ended.end + keep + question.interval, ()),
    )
    series = tuple((one.title, one.values) for one in ended.series)
    return Case(series, ended.series[0].step, checks)


def _keep(question: Question) -> float:
    return parse_duration(question.alert.keep_firing_for or "0s")


def _closest(question: Question) -> float:
    """Seconds after which a record must be there again: it may be asked for between two evaluations."""
    try:
        problem = problem_of(question)
        nodes = [parse(text) for text in (problem.expr, *problem.queries)]
        nodes += [parse(expr) for _, rules in problem.records for expr, _ in rules]
    except UnsolvedError:
        return _INTERVALS[0]
    names = dict(problem.records)
    moved = any(one.offset for node in nodes for one in selectors(node) if one.name in names)
    return 60.0 if moved or any(map(_has_subquery, nodes)) else math.inf


def _has_subquery(node: Node) -> bool:
    return isinstance(node, Subquery) or any(map(_has_subquery, children(node)))


@lru_cache(maxsize=512)
def _ended(problem: Problem, keep: int) -> _Ended:
    found = outcomes(problem)
    firing = next(one for one in found if one.found)
    quiet = [one.series for one in found if not one.found]
    length = firing.end + (_LATEST + 2) * problem.interval + keep
    for after in (*quiet, ()):
        ended = _tried(problem, firing, tuple(_followed(firing, after, length)), keep)
        if ended is not None:
            return ended
    raise UnsolvedError("no input is found with which its condition ends")


def _tried(problem: Problem, firing: Outcome, series: tuple[Series, ...], keep: int) -> _Ended | None:
    """What the series do, where they end the condition until it is seen that it no longer fires."""
    world = World(series, trees(problem.records), problem.interval)
    node = parse(problem.expr)
    shown = _shown(firing.found, problem)
    time, last = firing.end, world.vector(node, firing.end)
    while _shown(last, problem) == shown:
        after = world.vector(node, time + problem.interval)
        if not after:
            break
        time, last = time + problem.interval, after
        if time > firing.end + _LATEST * problem.interval:
            return None
    else:
        return None
    end = time + problem.interval
    looks = [*_looks(series, end, end + keep + problem.interval, problem.interval)]
    meanwhile = [*range(firing.end, end, problem.interval), *looks]
    others = map(parse, problem.siblings)  # a test sees all of the same name
    if any(world.vector(node, when) for when in looks) or any(
        world.vector(other, when) for other in others for when in meanwhile
    ):
        return None
    answers = {text: tuple(world.vector(parse(text), time)) for text in problem.queries}
    samples = (end + keep + 2 * problem.interval) // firing.step + 1
    return _Ended(tuple(one.cut(samples) for one in series), end, last, answers)


def _shown(found: Iterable[tuple[dict[str, str], float]], problem: Problem) -> dict[object, float]:
    """What people see of a result: its series, and where every digit is shown, their values."""
    return {frozenset(labels.items()): value if problem.exact else 0.0 for labels, value in found}


def _looks(series: Iterable[Series], first: int, last: int, interval: int) -> Iterator[int]:
    """Times from the first to the last: ever fewer where the input goes on evenly, and so the result."""
    is_even = all(len(one.stretches) <= _EVEN for one in series)
    time, apart = first, interval
    while time < last:
        yield time
        time, apart = time + apart, apart * (2 if is_even else 1)
    yield last


def _followed(firing: Outcome, quiet: Sequence[Series], length: int) -> Iterator[Series]:
    """The series of the firing case, each followed by what the quiet one has in its place."""
    there = {one.key: one for one in quiet}
    samples = length // firing.step + 1
    for one in firing.series:
        after = there.pop(one.key, None)
        yield (
            one
            if after is None
            else _longer(one._replace(stretches=one.stretches + after.stretches), samples)
        )
    for one in there.values():
        gap = Stretch(math.nan, 0.0, firing.end // firing.step + 1)
        yield _longer(one._replace(stretches=(gap, *one.stretches)), samples)


def _longer(one: Series, samples: int) -> Series:
    """The series with its end drawn out to so many samples."""
    *before, last = one.stretches
    more = max(0, samples - one.length)
    return one._replace(stretches=(*before, last._replace(length=last.length + more)))
