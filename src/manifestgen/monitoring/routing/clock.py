"""Time intervals: when a route is muted, and when that ends. Moments are given; no clock is read here."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

Moment = datetime
Range = tuple[int, int]

_LOOKED_AHEAD: Final = timedelta(days=400)
FIRST: Final = datetime(2028, 1, 3, 12, tzinfo=UTC)
"""A Monday to begin with where no moment is given; the year after it has every day that there is."""
_STEP: Final = 15
"""Minutes: every zone changes its clocks at a multiple of this."""
_DAY: Final = 24 * 60
_DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NUMBERS: Final = {
    **{day: number for number, day in enumerate(_DAYS)},
    **{month: number for number, month in enumerate(_MONTHS, 1)},
}


class Period(NamedTuple):
    """A part of the calendar by the clock of a place; all that is given must hold, empty holds always."""

    location: str
    times: tuple[Range, ...]
    """Minutes of the day, the first in it, the last no more."""
    weekdays: tuple[Range, ...]
    """Days from Sunday (0) to Saturday (6), both ends in it, as in the following."""
    days: tuple[Range, ...]
    """Days of the month; those below zero count from its end."""
    months: tuple[Range, ...]
    years: tuple[Range, ...]

    def holds(self, moment: datetime) -> bool:
        """Whether the moment is in it."""
        local = moment.astimezone(ZoneInfo(self.location))
        minute = local.hour * 60 + local.minute
        return (
            (not self.times or any(first <= minute < last for first, last in self.times))
            and (not self.days or any(_in_month(one, local) for one in self.days))
            and _within(self.months, local.month)
            and _within(self.weekdays, local.isoweekday() % 7)
            and _within(self.years, local.year)
        )


Intervals = dict[str, tuple[Period, ...]]
"""Intervals by name; one of the periods must hold."""


def parse_moment(text: str) -> datetime:
    """A moment in ISO 8601 with its offset from UTC: ``2026-11-27T22:00+01:00``.

    Raises ValueError when it is none, or has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} does not say of which time zone it is")
    return moment


def muted_by(
    intervals: Intervals, moment: datetime, *, muted: Iterable[str], active: Iterable[str]
) -> tuple[str, ...]:
    """The intervals that mute a route then: those that hold, or all ``active`` ones when none does."""
    wanted = tuple(active)
    if wanted and not any(_holds(intervals[name], moment) for name in wanted):
        return wanted
    return tuple(name for name in muted if _holds(intervals[name], moment))


def next_unmuted(
    intervals: Intervals, moment: datetime, *, muted: Iterable[str], active: Iterable[str]
) -> datetime | None:
    """The first minute from ``moment`` on in which the route speaks; None when that is not within a year."""
    mute, wake = tuple(muted), tuple(active)
    named = [period for name in (*mute, *wake) for period in intervals[name]]
    candidate, last = moment, moment + _LOOKED_AHEAD
    while candidate <= last:
        if not muted_by(intervals, candidate, muted=mute, active=wake):
            return candidate
        start = candidate.astimezone(UTC).replace(second=0, microsecond=0)
        candidate = min(_change(period, start) for period in named)
    return None


def shown(moment: datetime, location: str) -> str:
    """The moment by the clock of a place: ``Mon 2026-11-30 09:00 EST``."""
    return moment.astimezone(ZoneInfo(location)).strftime("%a %Y-%m-%d %H:%M %Z")


def read_period(body: dict[str, object]) -> Period:
    """A period from its body in ``alertmanager.yml``."""
    return Period(
        location=str(body.get("location", "UTC")),
        times=tuple(_times(body)),
        weekdays=_ranges(body, "weekdays"),
        days=_ranges(body, "days_of_month"),
        months=_ranges(body, "months"),
        years=_ranges(body, "years"),
    )


def _holds(periods: tuple[Period, ...], moment: datetime) -> bool:
    return any(period.holds(moment) for period in periods)


def _within(ranges: tuple[Range, ...], value: int) -> bool:
    return not ranges or any(first <= value <= last for first, last in ranges)


def _in_month(days: Range, local: datetime) -> bool:
    """Whether the day is between two others of its month; they are cut to what the month has."""
    length = monthrange(local.year, local.month)[1]
    first, last = (length + 1 + day if day < 0 else day for day in days)
    if first > length or last < 1:
        return False
    return max(first, 1) <= local.day <= min(last, length)


def _change(period: Period, minute: datetime) -> datetime:
    """The first minute after another at which the period may begin or end: at its hours, or with the day."""
    zone = ZoneInfo(period.location)
    local = minute.astimezone(zone)
    passed = local.hour * 60 + local.minute
    edges = (_DAY, *(edge for times in period.times for edge in times))
    change = minute + timedelta(minutes=min(edge for edge in edges if edge > passed) - passed)
    if change.astimezone(zone).utcoffset() == local.utcoffset():
        return change
    # The clock is set on the way there. Nobody asks when: the next place where that may be is near enough.
    return min(change, minute + timedelta(minutes=_STEP - minute.minute % _STEP))


def _times(body: dict[str, object]) -> Iterator[Range]:
    given = body.get("times") or ()
    assert isinstance(given, list | tuple)
    for one in given:
        yield _minute(one["start_time"]), _minute(one["end_time"])


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _ranges(body: dict[str, object], key: str) -> tuple[Range, ...]:
    given = body.get(key) or ()
    assert isinstance(given, list | tuple)
    return tuple(_range(str(one)) for one in given)


def _range(text: str) -> Range:
    """``monday:friday``, ``-3:-1``, ``12``: its ends as numbers."""
    first, _, last = text.partition(":")
    low, high = (int(_NUMBERS.get(end, end)) for end in (first, last or first))
    return low, high
