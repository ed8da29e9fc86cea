"""Schedules of CronJobs, as the parser in Kubernetes reads them (robfig/cron v3, ``ParseStandard``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from manifestgen.facts.names import Complaint, quoted

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9*?/,@ -]*")
_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LEAP_CYCLE: Final = range(2000, 2009)
"""Years with three leap days in them: what falls on no day of these never comes."""
_MINUTES_OF_A_DAY: Final = 24 * 60


class _Field(NamedTuple):
    """A field of a schedule: what it is called, its bounds, and the names that stand for its numbers."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()


_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, ("", *_MONTHS)),
    _Field("day of the week", 0, 6, _DAYS),
)


class Schedule(NamedTuple):
    """The minutes, hours, days and months of a schedule."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    """Whether a day must fit both of the two fields for days; if both are limited, one is enough."""

    def days_of(self, year: int) -> Iterator[int]:
        """The days of a year it falls on, counted from the first of January."""
        start, first = 0, _weekday_of_new_year(year)
        for month, usual in enumerate(_LENGTHS, start=1):
            length = usual + (month == 2 and _is_leap(year))
            if month in self.months:
                for day in range(1, length + 1):
                    if self._has(day, (first + start + day - 1) % 7):
                        yield start + day - 1
            start += length

    def _has(self, day: int, weekday: int) -> bool:
        if self.any_day:
            return day in self.days and weekday in self.weekdays
        return day in self.days or weekday in self.weekdays


def _is_leap(year: int) -> bool:
    """Whether a year between 1901 and 2099 has a 29th of February."""
    return year % 4 == 0


def _weekday_of_new_year(year: int) -> int:
    """0 for a Sunday; the year 2000 began on a Saturday."""
    return (6 + (year - 2000) + (year - 2000 + 3) // 4) % 7


def check_schedule(text: str) -> Complaint | None:
    """None, or why a CronJob can have no such schedule."""
    if "TZ=" in text:
        return Complaint("schedule", "a schedule holds no time zone", "give it as `timeZone`")
    if text.startswith("@") and text not in _MACROS:
        return _macro(text)
    try:
        schedule = parse_schedule(text)
    except ValueError as error:
        return Complaint(
            "schedule",
            f"{quoted(text)} is no schedule: {error}",
            "write minute, hour, day of the month, month and day of the week, e.g. `30 4 * * 1-5`, or @daily",
        )
    if not any(True for year in _LEAP_CYCLE for _ in schedule.days_of(year)):
        return Complaint(
            "schedule", f"{quoted(text)} never comes: no month has such a day", "correct the day"
        )
    return None


def check_time_zone(text: str) -> Complaint | None:
    """None, or why ``text`` is no time zone that every cluster knows."""
    from manifestgen.facts.nearest import nearest_hint  # only CronJobs have one
    from manifestgen.facts.timezones import TIMEZONES

    if text in TIMEZONES:
        return None
    return Complaint("time-zone", f"there is no time zone {quoted(text)}", nearest_hint(text, TIMEZONES))


def _macro(text: str) -> Complaint:
    if text.startswith("@every"):
        advice = "write e.g. `*/15 * * * *`: an interval counts from the start of the controller"
        return Complaint("schedule", f"{quoted(text)} is no time of the clock", advice)
    return Complaint("schedule", f"there is no {quoted(text)}", f"use one of {', '.join(_MACROS)}")


def parse_schedule(text: str) -> Schedule:
    """The schedule that is written as ``text``; ValueError says what is wrong with it."""
    if not _CHARACTERS.fullmatch(text):
        raise ValueError("it holds characters that mean nothing in a schedule")
    fields = _MACROS.get(text, text).split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"it has {len(fields)} fields, not {len(_FIELDS)}")
    minutes, hours, days, months, weekdays = (
        frozenset(_numbers(part, field)) for part, field in zip(fields, _FIELDS, strict=True)
    )
    any_day = any(_is_star(part) for part in (fields[2], fields[4]))
    return Schedule(minutes, hours, days, months, weekdays, any_day)


def _is_star(text: str) -> bool:
    """Whether a field leaves the day to the other one: ``*``, also in a list, but not with steps."""
    return any(part in ("*", "?", "*/1", "?/1") for part in text.split(","))


def _numbers(text: str, field: _Field) -> Iterator[int]:
    for part in text.split(","):
        span, slash, step = part.partition("/")
        low, dash, high = span.partition("-")
        if low in ("*", "?") and not dash:
            first, last = field.least, field.most
        else:
            first = _number(low, field)
            last = _number(high, field) if dash else field.most if slash else first
        every = _step(step, field) if slash else 1
        if first > last:
            raise ValueError(f"the {field.name} {span} ends before it starts")
        yield from range(first, last + 1, every)


def _step(text: str, field: _Field) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise ValueError(f"{quoted(text)} is no step of the {field.name}")
    return int(text)


def _number(text: str, field: _Field) -> int:
    if text and text.lower() in field.names:
        return field.names.index(text.lower())
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{quoted(text)} is no {field.name}")
    if not field.least <= int(text) <= field.most:
        raise ValueError(f"the {field.name} is {int(text)}, and goes from {field.least} to {field.most}")
    return int(text)


def longest_pause(text: str) -> int:
    """The most minutes that pass from one time of a schedule to the next."""
    schedule = parse_schedule(text)
    times = [60 * hour + minute for hour in sorted(schedule.hours) for minute in sorted(schedule.minutes)]
    days: list[int] = []
    start = 0
    for year in _LEAP_CYCLE:
        days += [start + day for day in schedule.days_of(year)]
        start += sum(_LENGTHS) + _is_leap(year)
    within = max((later - earlier for earlier, later in pairwise(times)), default=0)
    between = max((later - earlier for earlier, later in pairwise(days)), default=start)
    return max(within, between * _MINUTES_OF_A_DAY + times[0] - times[-1])
