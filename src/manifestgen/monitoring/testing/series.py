"""Input series of promtool: a value for each interval, in its expanding notation."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate, repeat
from typing import Final, NamedTuple

from manifestgen.monitoring import promql

LOOKBACK: Final = 300
"""Seconds after which Prometheus no longer uses the last sample of a series (its default)."""

Labels = dict[str, str]


class Stretch(NamedTuple):
    """Samples on a line: the first value, the growth from one to the next, and how many there are.

    Where the first is NaN there are none for as long.
    """

    first: float
    growth: float
    length: int

    def at(self, index: int) -> float:
        """One of its samples, with the error that promtool makes by adding up."""
        if math.isnan(self.first):
            return self.first
        if self.first.is_integer() and self.growth.is_integer():
            return self.first + self.growth * index
        return _added_up(self.first, self.growth, 1 << index.bit_length())[index]


class Series(NamedTuple):
    """A series with a sample every ``step`` seconds from 0 on."""

    name: str
    labels: Labels
    stretches: tuple[Stretch, ...]
    step: int

    @property
    def title(self) -> str:
        """The series as promtool names it."""
        inner = ", ".join(f"{label}={_quoted(value)}" for label, value in self.labels.items())
        return f"{self.name}{{{inner}}}" if inner else self.name

    @property
    def key(self) -> tuple[str, frozenset[tuple[str, str]]]:
        """What tells it apart from other series."""
        return self.name, frozenset(self.labels.items())

    @property
    def values(self) -> str:
        """Its samples in promtool's notation: ``0+60x40`` are 0, 60, 120 … 2400."""
        return " ".join(_notation(stretch) for stretch in self.stretches)

    @property
    def length(self) -> int:
        """How many samples it has."""
        return sum(stretch.length for stretch in self.stretches)

    def cut(self, count: int) -> Series:
        """Its first ``count`` samples."""
        kept: list[Stretch] = []
        for stretch in self.stretches:
            if count > 0:
                kept.append(stretch._replace(length=min(stretch.length, count)))
            count -= stretch.length
        return self._replace(stretches=tuple(kept))


class Samples:
    """The samples of a series, to be read many times."""

    __slots__ = ("_has_gaps", "_last", "_step", "_stretches")

    def __init__(self, series: Series) -> None:
        self._stretches = series.stretches
        self._step = series.step
        self._last = series.length - 1
        self._has_gaps = any(math.isnan(stretch.first) for stretch in series.stretches)

    def at(self, time: float) -> float | None:
        """What an instant selector sees; None before the first sample and long after the last."""
        index = int(time // self._step)
        if index < 0:
            return None
        if index > self._last:
            if time - self._last * self._step >= LOOKBACK:
                return None
            index = self._last
        value = self._value(index)
        return self._before(index - 1, time) if math.isnan(value) else value

    def _before(self, index: int, time: float) -> float | None:
        """The last sample up to one that is in a gap, where it is still seen."""
        while index >= 0 and time - index * self._step < LOOKBACK:
            value = self._value(index)
            if not math.isnan(value):
                return value
            index -= 1
        return None

    def within(self, start: float, end: float) -> list[tuple[float, float]]:
        """The samples from ``start`` to ``end``, each with its time."""
        step, value = self._step, self._value
        first = max(0, -int(-start // step))
        last = min(self._last, int(end // step))
        found: list[tuple[float, float]] = [(index * step, value(index)) for index in range(first, last + 1)]
        return [one for one in found if not math.isnan(one[1])] if self._has_gaps else found

    def _value(self, index: int) -> float:
        for stretch in self._stretches:
            if index < stretch.length:
                return stretch.at(index)
            index -= stretch.length
        raise IndexError(index)


@lru_cache(maxsize=1024)
def _added_up(first: float, growth: float, count: int) -> tuple[float, ...]:
    return tuple(accumulate(repeat(growth, count), initial=first))


@lru_cache(maxsize=1024)
def _quoted(value: str) -> str:
    return promql.string(value)


def _notation(stretch: Stretch) -> str:
    if math.isnan(stretch.first):
        return f"_x{stretch.length}"
    first = number(stretch.first)
    times = stretch.length - 1
    if stretch.growth == 0:
        return f"{first}x{times}" if times else first
    sign = "-" if stretch.growth < 0 else "+"
    return f"{first}{sign}{number(abs(stretch.growth))}x{times}"


def number(value: float) -> str:
    """The number in the shortest way that loses nothing, and without an exponent."""
    text = repr(float(value))
    if "e" in text:
        text = f"{value:.20f}".rstrip("0")
    return text.removesuffix(".0").rstrip(".") if "." in text else text
