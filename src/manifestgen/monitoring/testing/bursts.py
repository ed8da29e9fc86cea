"""Samples in bursts: so many, or of such a sum, within every window that is looked at.

Prometheus 2 takes the sample at the very start of a range and Prometheus 3 does not. So none stands where a
window may begin or end: both see the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby
from typing import Final, NamedTuple

from manifestgen.monitoring.testing.evaluate import Records
from manifestgen.monitoring.testing.labelling import may_select
from manifestgen.monitoring.testing.series import Stretch
from manifestgen.monitoring.testing.tree import Call, Node, Selector, children
from manifestgen.monitoring.testing.unsolved import UnsolvedError

READINGS: Final = {"sum_over_time": "sum", "count_over_time": "count"}
"""How the functions read a series."""

_STEPS: Final = (30, 20, 15, 10, 5, 2, 1)
_CLOSE: Final = 10
"""Seconds between two samples that are counted, at most."""


class Burst(NamedTuple):
    """What every window of a series has to hold: a sum, or a number of samples, each of a ``level``."""

    reading: str
    value: float
    window: float
    level: float = 1.0


def step_for(node: Node, records: Records, interval: int) -> int | None:
    """Seconds between two samples, so that some stand between two evaluations; None for other functions."""
    read = list(_read(node, records))
    if not read:
        return None
    closest = _CLOSE if any(call.function == "count_over_time" for call in read) else interval
    windows = [call.arguments[0].window for call in read if isinstance(call.arguments[0], Selector)]
    fitting = (one for one in _STEPS if 2 * one <= interval and interval % one == 0 and one <= closest)
    return next((one for one in fitting if all(window % one == 0 for window in windows)), None)


def _read(node: Node, records: Records) -> Iterator[Call]:
    if isinstance(node, Call) and node.function in READINGS:
        argument = node.arguments[0]
        if isinstance(argument, Selector) and argument.name not in records:
            yield node
    below = list(children(node))
    if isinstance(node, Selector):
        below = [one.node for one in records.get(node.name, ()) if may_select(node, one.labels)]
    for one in below:
        yield from _read(one, records)


def stretches(burst: Burst, step: int, interval: int, count: int) -> Iterator[Stretch]:
    """``count`` samples with the same burst in each window.

    Raises UnsolvedError where it does not find room between two evaluations.
    """
    every = interval // step
    if interval % step or every < 2 or burst.window % interval:
        raise UnsolvedError("its window is no whole number of evaluations")
    period = int(burst.window // step)
    if burst.reading == "count":
        yield from _repeated(_counted(burst, period, every), count)
        return
    yield Stretch(math.nan, 0.0, 1)
    once = (Stretch(burst.value, 0.0, 1), Stretch(0.0, 0.0, period - 1))
    yield from _repeated([one for one in once if one.length], count - 1)


def _counted(burst: Burst, period: int, every: int) -> list[Stretch]:
    """One period of samples and gaps."""
    if not burst.value.is_integer() or burst.value < 0:
        raise UnsolvedError(f"there are never {burst.value:g} samples")
    room = [index for index in range(period) if index % every]
    number = int(burst.value)
    if number > len(room):
        raise UnsolvedError(f"it takes {burst.value:g} samples within {burst.window:g} seconds")
    # Far and wide: a level is seen for five minutes after a sample.
    taken = {room[index * len(room) // number] for index in range(number)}
    runs = ((there, len(list(run))) for there, run in groupby(range(period), key=taken.__contains__))
    return [Stretch(burst.level if there else math.nan, 0.0, length) for there, length in runs]


def _repeated(once: list[Stretch], count: int) -> Iterator[Stretch]:
    while count > 0:
        for one in once:
            if count > 0:
                yield one._replace(length=min(one.length, count))
            count -= one.length
