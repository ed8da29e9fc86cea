"""Expressions as functions of the time, and what gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from manifestgen.monitoring.testing.functions import Samples
from manifestgen.monitoring.testing.labelling import Vector
from manifestgen.monitoring.testing.series import Labels
from manifestgen.monitoring.testing.tree import Node

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
