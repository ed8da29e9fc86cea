"""Expressions as functions of the time, and what gives them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol

from manifestgen.monitoring.testing.functions import Samples
from manifestgen.monitoring.testing.labelling import Kept, Key, Vector, key_of_all
from manifestgen.monitoring.testing.series import Labels
from manifestgen.monitoring.testing.tree import Node, Selector, Subquery

At = Callable[[float], Vector]
"""What an expression gives, by the time."""
NumberAt = Callable[[float], float]
Found = list[tuple[Labels, Samples]]
"""Series with their samples, none of them empty."""
Within = Callable[[float, float], Found]
"""What is found from a time to another."""


class Range(NamedTuple):
    """Series with their samples within a time, and when that begins and ends."""

    series: Found
    start: float
    end: float


RangeAt = Callable[[float], Range]
"""A range, by the time at which it ends but for its offset."""


def nothing(time: float) -> Vector:
    """What is empty at all times."""
    return []


def no_range(time: float) -> Range:
    """A range that is empty at all times."""
    return Range([], time, time)


class Reader(Protocol):
    """What reads trees. Each raises UnsolvedError for what it cannot read."""

    def reading(self, node: Node) -> At:
        """What the expression gives, by the time; ``nothing`` for what is empty at all times."""

    def number(self, node: Node) -> NumberAt:
        """The value of a scalar expression, by the time; NaN for a vector that is not one element."""

    def range(self, node: Node) -> RangeAt:
        """A range, by the time; ``no_range`` where it is empty at all times."""


def recording(reading: At, given: tuple[tuple[str, str], ...]) -> At:
    """What a rule records, with the labels that it puts on it, kept for each time that it is asked for."""
    if reading is nothing:
        return nothing
    known: dict[float, Vector] = {}
    titled = Kept(lambda labels: {**labels, **dict(given)})

    def at(time: float) -> Vector:
        found = known.get(time)
        if found is None:
            found = reading(time)
            if given:
                found = [(titled(labels), value) for labels, value in found]
            known[time] = found
        return found

    return at


def sampled(reading: At, step: float) -> Within | None:
    """An expression as it is every ``step`` seconds; None for what is empty at all times."""
    if reading is nothing:
        return None
    key_of = Kept(key_of_all)

    def within(start: float, end: float) -> Found:
        found: dict[Key, tuple[Labels, list[tuple[float, float]]]] = {}
        for index in range(max(0, math.ceil(start / step)), math.floor(end / step) + 1):
            time = index * step
            for labels, value in reading(time):
                key = key_of(labels)
                known = found.get(key)
                if known is None:
                    known = found[key] = (labels, [])
                known[1].append((time, value))
        return list(found.values())

    return within


def ranging(within: Within, node: Selector | Subquery) -> RangeAt:
    """The range that ``node`` asks for of what is found."""
    offset, window = node.offset, node.window

    def at(time: float) -> Range:
        end = time - offset
        return Range(within(end - window, end), end - window, end)

    return at
