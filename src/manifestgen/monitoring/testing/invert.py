"""Arithmetic worked backward."""

from __future__ import annotations

import math

from manifestgen.monitoring.testing.functions import ARITHMETIC
from manifestgen.monitoring.testing.goals import Line
from manifestgen.monitoring.testing.unsolved import UnsolvedError


def combined(op: str, left: Line, right: Line) -> Line | None:
    """``left op right``; None where that is no line."""
    if op in ("+", "-"):
        return Line(ARITHMETIC[op](left.start, right.start), ARITHMETIC[op](left.slope, right.slope))
    if op in ("^", "%"):
        return None if left.slope or right.slope else Line(ARITHMETIC[op](left.start, right.start))
    if right.slope:
        return None if left.slope or op == "/" else combined(op, right, left)
    return Line(ARITHMETIC[op](left.start, right.start), ARITHMETIC[op](left.slope, right.start))


def missing_left(op: str, value: Line, right: Line) -> Line:
    """What stands for x in ``x op right = value``. Raises UnsolvedError where nothing does."""
    match op:
        case "+":
            return Line(value.start - right.start, value.slope - right.slope)
        case "-":
            return Line(value.start + right.start, value.slope + right.slope)
        case "*" if right.constant:
            return Line(value.start / right.constant, value.slope / right.constant)
        case "/":
            return Line(value.start * right.constant, value.slope * right.constant)
        case "%" if 0 <= value.constant < right.constant:
            return value
        case "^" if right.constant:
            return Line(ARITHMETIC["^"](value.constant, 1 / right.constant))
        case _:
            raise UnsolvedError(f"no value fulfils x {op} {right.start:g} = {value.start:g}")


def missing_right(op: str, value: Line, left: Line) -> Line:
    """What stands for x in ``left op x = value``. Raises UnsolvedError where nothing does."""
    match op:
        case "+" | "*":
            return missing_left(op, value, left)
        case "-":
            return Line(left.start - value.start, left.slope - value.slope)
        case "/" if value.constant:
            return Line(left.constant / value.constant)
        case _:
            raise UnsolvedError(f"no value fulfils {left.start:g} {op} x = {value.start:g}")


def edges(value: float, q: float) -> tuple[float, float]:
    """Edges of a bucket with ``value`` in it, 1, 2 and 5 times a power of ten, so that ``q`` can be there."""
    scale = 10.0 ** math.floor(math.log10(value))
    nice = [scale * factor for factor in (0.5, 1, 2, 5, 10, 20, 50, 100, 1000)]
    low = max(edge for edge in nice if edge < value * (1 - 1e-9))
    for high in (edge for edge in nice if edge > value):
        if (value - low) / (high - low) < q * 0.999:
            return low, high
    raise UnsolvedError(f"no buckets are found for a quantile of {q:g}")
