"""Functions of PromQL in Python, as Prometheus computes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

Samples = Sequence[tuple[float, float]]
"""Times and values within a range, in order."""


def quantile(q: float, values: Sequence[float]) -> float:
    """The φ-quantile with linear interpolation."""
    if q < 0 or q > 1:
        return math.copysign(math.inf, q)
    ordered = sorted(values)
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    weight = rank - low
    return ordered[low] * (1 - weight) + ordered[high] * weight


def bucket_quantile(q: float, buckets: Sequence[tuple[float, float]]) -> float:
    """The φ-quantile of a classic histogram: upper edges with cumulated counts, the last edge +Inf."""
    ordered = sorted(buckets)
    if len(ordered) < 2 or not math.isinf(ordered[-1][0]) or ordered[-1][1] == 0:
        return math.nan
    rank = q * ordered[-1][1]
    index = next((i for i, (_, count) in enumerate(ordered) if count >= rank), len(ordered) - 1)
    if index == len(ordered) - 1:
        return ordered[-2][0]
    end, count = ordered[index]
    if index == 0 and end <= 0:
        return end
    start = 0.0
    if index > 0:
        start, below = ordered[index - 1]
        count -= below
        rank -= below
    return start + (end - start) * (rank / count)


def _extrapolated(samples: Samples, start: float, end: float) -> float:
    """What the growth of a counter between its samples is multiplied by, to be that of the whole range."""
    growth = _growth(samples)
    first = samples[0][1]
    covered = samples[-1][0] - samples[0][0]
    to_zero = covered * (first / growth) if growth > 0 and first >= 0 else math.inf
    return _factor(samples, start, end, to_zero)


def _factor(samples: Samples, start: float, end: float, to_zero: float = math.inf) -> float:
    covered = samples[-1][0] - samples[0][0]
    average = covered / (len(samples) - 1)
    before, after = samples[0][0] - start, end - samples[-1][0]
    before = min(average / 2 if before >= average * 1.1 else before, to_zero)
    after = average / 2 if after >= average * 1.1 else after
    return (covered + before + after) / covered


def _growth(samples: Samples) -> float:
    return samples[-1][1] - samples[0][1] + _lost(samples)


def _lost(samples: Samples) -> float:
    """What a counter had when it was reset."""
    pairs = pairwise(samples)
    return sum(before for (_, before), (_, after) in pairs if after < before)


def regression(samples: Samples, origin: float) -> tuple[float, float] | None:
    """Slope and value at ``origin`` of the line through the samples."""
    if len(samples) < 2:
        return None
    times = [time - origin for time, _ in samples]
    values = [value for _, value in samples]
    if all(value == values[0] for value in values):
        return 0.0, values[0]
    n = len(samples)
    mean_time, mean = sum(times) / n, sum(values) / n
    spread = sum((time - mean_time) ** 2 for time in times)
    slope = sum((t - mean_time) * (v - mean) for t, v in zip(times, values, strict=True)) / spread
    return slope, mean - slope * mean_time


def _rate(samples: Samples, start: float, end: float) -> float | None:
    if len(samples) < 2:
        return None
    # The factor first, as Prometheus does: the last digit depends on it.
    return _growth(samples) * (_extrapolated(samples, start, end) / (end - start))


def _increase(samples: Samples, start: float, end: float) -> float | None:
    return _growth(samples) * _extrapolated(samples, start, end) if len(samples) > 1 else None


def _delta(samples: Samples, start: float, end: float) -> float | None:
    if len(samples) < 2:
        return None
    return (samples[-1][1] - samples[0][1]) * _factor(samples, start, end)


def _idelta(samples: Samples, start: float, end: float) -> float | None:
    return samples[-1][1] - samples[-2][1] if len(samples) > 1 else None


def _irate(samples: Samples, start: float, end: float) -> float | None:
    if len(samples) < 2:
        return None
    (before, old), (after, new) = samples[-2:]
    return (new if new < old else new - old) / (after - before)


def _deriv(samples: Samples, start: float, end: float) -> float | None:
    line = regression(samples, end)
    return None if line is None else line[0]


def _changes(samples: Samples, start: float, end: float) -> float:
    return float(sum(1 for (_, a), (_, b) in pairwise(samples) if a != b))


def _resets(samples: Samples, start: float, end: float) -> float:
    return float(sum(1 for (_, a), (_, b) in pairwise(samples) if b < a))


def _values(samples: Samples) -> list[float]:
    return [value for _, value in samples]


OverTime = Callable[[Samples, float, float], float | None]

OVER_TIME: Final[dict[str, OverTime]] = {
    "rate": _rate,
    "increase": _increase,
    "delta": _delta,
    "irate": _irate,
    "idelta": _idelta,
    "deriv": _deriv,
    "changes": _changes,
    "resets": _resets,
    "avg_over_time": lambda samples, start, end: math.fsum(_values(samples)) / len(samples),
    "sum_over_time": lambda samples, start, end: math.fsum(_values(samples)),
    "min_over_time": lambda samples, start, end: min(_values(samples)),
    "max_over_time": lambda samples, start, end: max(_values(samples)),
    "last_over_time": lambda samples, start, end: samples[-1][1],
    "count_over_time": lambda samples, start, end: float(len(samples)),
    "present_over_time": lambda samples, start, end: 1.0,
}
"""Functions of a range: of its samples, none missing, its start and its end."""

OF_ONE: Final[dict[str, Callable[[float], float]]] = {
    "abs": abs,
    "ceil": lambda v: float(math.ceil(v)),
    "floor": lambda v: float(math.floor(v)),
    "sgn": lambda v: math.copysign(1.0, v) if v else 0.0,
    "sqrt": lambda v: math.sqrt(v) if v >= 0 else math.nan,
    "exp": math.exp,
    "ln": lambda v: math.log(v) if v > 0 else math.nan,
    "log2": lambda v: math.log2(v) if v > 0 else math.nan,
    "log10": lambda v: math.log10(v) if v > 0 else math.nan,
}
"""Functions of one value."""

INVERSE: Final[dict[str, Callable[[float], float]]] = {
    "abs": lambda v: v,
    "ceil": lambda v: v,
    "floor": lambda v: v,
    "sqrt": lambda v: v * v,
    "exp": lambda v: math.log(v) if v > 0 else math.nan,
    "ln": math.exp,
    "log2": lambda v: 2.0**v,
    "log10": lambda v: 10.0**v,
}
"""What gives a value when one of ``OF_ONE`` is applied."""


def divided(a: float, b: float) -> float:
    """``a / b`` as floating-point machines have it."""
    if b == 0:
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def remainder(a: float, b: float) -> float:
    """``a % b`` with the sign of ``a``."""
    return math.nan if b == 0 else math.fmod(a, b)


def power(a: float, b: float) -> float:
    """``a ^ b``."""
    try:
        result = a**b
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return math.nan if isinstance(result, complex) else float(result)


ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divided,
    "%": remainder,
    "^": power,
    "atan2": math.atan2,
}

COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}

AGGREGATE: Final[dict[str, Callable[[list[float]], float]]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
    "count": lambda values: float(len(values)),
    "group": lambda values: 1.0,
}
