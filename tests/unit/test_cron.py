"""Schedules: when they come, and how long nothing comes between."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifestgen.facts.cron import check_schedule, longest_pause, parse_schedule

HOUR, DAY = 60, 24 * 60
YEARS = range(2000, 2009)

PAUSES = [
    ("* * * * *", 1),
    ("*/15 * * * *", 15),
    ("0 * * * *", HOUR),
    ("@hourly", HOUR),
    ("30 4 * * *", DAY),
    ("@daily", DAY),
    ("0 8-18 * * *", 14 * HOUR),
    ("0 8,20 * * *", 12 * HOUR),
    ("30 4 * * 1-5", 3 * DAY),
    ("30 4 * * MON-FRI", 3 * DAY),
    ("@weekly", 7 * DAY),
    ("0 0 1 * *", 31 * DAY),
    ("0 0 31 * *", 61 * DAY),
    ("@yearly", 366 * DAY),
    ("0 0 29 2 *", 1461 * DAY),
    ("0 0 13 * 5", 7 * DAY),
]


@pytest.mark.parametrize(("schedule", "minutes"), PAUSES)
def test_the_longest_pause_is_known(schedule: str, minutes: int) -> None:
    assert longest_pause(schedule) == minutes


@pytest.mark.parametrize("schedule", ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *"])
def test_a_day_that_never_comes_is_refused(schedule: str) -> None:
    complaint = check_schedule(schedule)
    assert complaint is not None
    assert "never comes" in complaint.message


def longest_by_calendar(text: str) -> int:
    """The same, found by looking at every day of a calendar."""
    schedule = parse_schedule(text)
    times = [60 * hour + minute for hour in sorted(schedule.hours) for minute in sorted(schedule.minutes)]
    found = [
        datetime(day.year, day.month, day.day) + timedelta(minutes=time)
        for year in YEARS
        for index in schedule.days_of(year)
        for day in [date(year, 1, 1) + timedelta(days=index)]
        for time in dict.fromkeys((times[0], times[-1]))
    ]
    within = [later - earlier for earlier, later in pairwise(times)]
    between = [
        (later - earlier) // timedelta(minutes=1)
        for earlier, later in pairwise(found)
        if earlier.date() != later.date()
    ]
    return max(*within, *between, 0)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    pair = st.tuples(number, number).map(sorted)
    return st.one_of(
        st.just("*"),
        number.map(str),
        pair.map(lambda two: f"{two[0]}-{two[1]}"),
        st.integers(1, high).map(lambda step: f"*/{step}"),
        st.lists(number, min_size=2, max_size=4).map(lambda some: ",".join(map(str, some))),
    )


SCHEDULES = st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)).map(" ".join)


@given(SCHEDULES)
@settings(deadline=None, max_examples=60)
def test_the_days_of_any_schedule_are_those_of_the_calendar(text: str) -> None:
    schedule = parse_schedule(text)
    for year in (2000, 2001):
        first = date(year, 1, 1)
        every = [first + timedelta(days=index) for index in range((date(year + 1, 1, 1) - first).days)]
        fitting = [index for index, day in enumerate(every) if _fits(text, day)]
        assert list(schedule.days_of(year)) == fitting


def _fits(text: str, day: date) -> bool:
    """Whether a day is one of the schedule, by the rules of robfig/cron v3."""
    _, _, days, months, weekdays = text.split()
    if day.month not in _numbers(months, 1, 12):
        return False
    by_day = day.day in _numbers(days, 1, 31)
    by_weekday = day.isoweekday() % 7 in _numbers(weekdays, 0, 6)
    stars = [part == "*" or part == "*/1" for part in (days, weekdays)]
    return (by_day and by_weekday) if any(stars) else (by_day or by_weekday)


def _numbers(text: str, low: int, high: int) -> set[int]:
    if text.startswith("*"):
        return set(range(low, high + 1, int(text[2:] or 1)))
    if "-" in text:
        first, last = map(int, text.split("-"))
        return set(range(first, last + 1))
    return set(map(int, text.split(",")))


@given(SCHEDULES)
@settings(deadline=None, max_examples=40)
def test_the_longest_pause_of_any_schedule_is_that_of_the_calendar(text: str) -> None:
    assert longest_pause(text) == longest_by_calendar(text)
