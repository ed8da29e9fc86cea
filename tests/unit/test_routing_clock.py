"""Time intervals: when a route is muted, and when it speaks again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from manifestgen.monitoring.alertmanager.sections import periods_of
from manifestgen.monitoring.routing.clock import (
    Intervals,
    muted_by,
    next_unmuted,
    parse_moment,
    read_period,
    shown,
)
from manifestgen.spec.alerting import Interval

WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday"]


def intervals(**given: dict[str, object]) -> Intervals:
    """Intervals as the spec writes them."""
    return {
        name: tuple(read_period(body) for body in periods_of(Interval.model_validate(one)))
        for name, one in given.items()
    }


KNOWN = intervals(
    work={"location": "Europe/Zurich", "periods": {"day": {"weekdays": WEEK, "times": ["08:00-18:00"]}}},
    new_york={
        "location": "America/New_York",
        "periods": {"day": {"weekdays": WEEK, "times": ["09:00-09:30"]}},
    },
    nights={"periods": {"late": {"times": ["22:00-24:00"]}, "early": {"times": ["00:00-06:00"]}}},
    christmas={"location": "Europe/Zurich", "periods": {"day": {"dates": ["12-25"]}}},
    once={"periods": {"day": {"dates": ["2027-04-03"]}}},
    leap={"periods": {"day": {"dates": ["02-29"]}}},
    spring={"location": "Europe/Zurich", "periods": {"lost": {"times": ["02:30-02:45"]}}},
)


@pytest.mark.parametrize(
    ("name", "moment", "holds"),
    [
        ("work", "2026-11-27T07:59+01:00", False),
        ("work", "2026-11-27T08:00+01:00", True),
        ("work", "2026-11-27T17:59+01:00", True),
        ("work", "2026-11-27T18:00+01:00", False),
        ("work", "2026-11-28T12:00+01:00", False),
        ("work", "2026-11-27T07:30Z", True),
        ("work", "2026-07-03T06:30Z", True),  # in summer the clocks are two hours ahead
        ("work", "2026-07-03T16:30Z", False),
        ("nights", "2026-11-27T23:59Z", True),
        ("nights", "2026-11-28T00:00Z", True),
        ("nights", "2026-11-28T06:00Z", False),
        ("christmas", "2026-12-24T23:30Z", True),
        ("christmas", "2026-12-25T23:30Z", False),
        ("once", "2027-04-03T12:00Z", True),
        ("once", "2028-04-03T12:00Z", False),
        ("leap", "2028-02-29T00:00Z", True),
        ("spring", "2026-03-29T01:30Z", False),  # 03:30 in Zurich: that night has no half past two
    ],
)
def test_an_interval_holds_by_the_clock_of_its_place(name: str, moment: str, holds: bool) -> None:
    assert (muted_by(KNOWN, parse_moment(moment), muted=[name], active=[]) == (name,)) is holds
    assert (muted_by(KNOWN, parse_moment(moment), muted=[], active=[name]) == ()) is holds


@pytest.mark.parametrize(
    ("muted", "active", "moment", "spoken"),
    [
        ([], ["new_york"], "2026-11-27T22:00+01:00", "Mon 2026-11-30 09:00 EST"),
        ([], ["new_york"], "2026-11-27T09:10-05:00", "Fri 2026-11-27 09:10 EST"),
        (["nights"], [], "2026-11-27T23:00Z", "Sat 2026-11-28 01:00 EST"),
        (["work"], [], "2026-11-27T08:00+01:00", "Fri 2026-11-27 12:00 EST"),
        (["christmas"], ["work"], "2026-12-24T20:00+01:00", "Mon 2026-12-28 02:00 EST"),
        ([], ["once"], "2026-11-27T12:00Z", "Fri 2027-04-02 20:00 EDT"),
        # The clocks of New York go forward on 8 March 2026, those of Zurich on the 29th.
        ([], ["new_york"], "2026-03-07T12:00Z", "Mon 2026-03-09 09:00 EDT"),
        ([], ["spring"], "2026-03-28T12:00Z", "Sun 2026-03-29 20:30 EDT"),
        (["nights", "work"], ["new_york"], "2026-11-27T12:00Z", None),
    ],
)
def test_the_next_time_to_speak_is_found_to_the_minute(
    muted: list[str], active: list[str], moment: str, spoken: str | None
) -> None:
    found = next_unmuted(KNOWN, parse_moment(moment), muted=muted, active=active)
    assert (found and shown(found, "America/New_York")) == spoken


def test_it_is_the_first_minute_that_is_not_muted() -> None:
    """Compared with asking every minute, in a night in which the clocks change."""
    start = parse_moment("2026-10-24T21:07Z")
    odd = intervals(
        odd={"location": "Europe/Zurich", "periods": {"x": {"times": ["01:13-02:47", "03:01-03:02"]}}}
    )
    found = next_unmuted(odd, start, muted=[], active=["odd"])
    minutes = (datetime.fromtimestamp(start.timestamp() + 60 * n, tz=start.tzinfo) for n in range(1440))
    assert found == next(one for one in minutes if not muted_by(odd, one, muted=[], active=["odd"]))


@pytest.mark.parametrize("minute", range(0, 3 * 1440, 431))
@pytest.mark.parametrize(
    ("location", "start"),
    [
        ("Europe/Zurich", "2026-03-28T06:00Z"),
        ("Europe/Zurich", "2026-10-24T06:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T00:00Z"),  # goes back by half an hour
        ("Australia/Lord_Howe", "2026-10-03T00:00Z"),
        ("Asia/Kathmandu", "2026-12-30T00:00Z"),  # 5:45 ahead
        ("America/Santiago", "2026-09-05T00:00Z"),  # where midnight is what is left out
    ],
)
def test_no_change_is_missed_where_clocks_are_odd_or_change(location: str, start: str, minute: int) -> None:
    """From any minute on, the next to speak is the one that asking every minute finds."""
    known = intervals(
        muted={"location": location, "periods": {"a": {"times": ["00:00-01:13", "02:07-02:38"]}}},
        active={
            "location": "UTC",
            "periods": {
                "a": {"weekdays": ["sunday", "thursday"], "times": ["13:20-23:59"]},
                "b": {"dates": ["04-05"]},
            },
        },
    )
    moment = parse_moment(start) + timedelta(minutes=minute, seconds=minute % 60)
    whole = moment.replace(second=0)
    asked = (moment, *(whole + timedelta(minutes=later) for later in range(1, 8 * 1440)))
    wanted = next(one for one in asked if not muted_by(known, one, muted=["muted"], active=["active"]))
    assert next_unmuted(known, moment, muted=["muted"], active=["active"]) == wanted


@pytest.mark.parametrize("text", ["tomorrow", "2026-11-27T22:00", "2026-13-01T00:00Z"])
def test_a_moment_without_a_zone_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"time zone|isoformat|month"):
        parse_moment(text)
