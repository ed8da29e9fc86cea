"""Expectations about who is told: `manifestgen alerts test` runs them."""

from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from manifestgen.spec.base import Form, Model, Name, Text, problem
from manifestgen.spec.prometheus import AlertName, LabelName, LabelValue

Moment = Annotated[
    str,
    StringConstraints(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]"
        r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$"
    ),
    Form('write e.g. "2026-11-27T22:00+01:00", in quotes'),
]
"""A minute with its offset from UTC."""

_LONG_MONTHS = ("01", "03", "05", "07", "08", "10", "12")


class Expectation(Model):
    """Who is to be told about an alert. Its labels are filled in as the rules give them."""

    description: Text | None = None
    """Why, in a sentence."""
    alert: AlertName
    """The alert that fires."""
    labels: dict[LabelName, LabelValue] = {}
    """Labels that say which of several is meant, or that the series has: `{component: api}`."""
    at: Moment | None = None
    """When it fires; left out, no interval mutes anything."""
    firing: list[AlertName] = []
    """Alerts that fire as well, of every component that has them."""
    tells: list[Name]
    """Receivers that are told at that moment, in any order; empty: nobody, it is muted or inhibited."""

    @model_validator(mode="after")
    def _is_a_day(self) -> Self:
        year, month, day = (self.at or "2000-01-01")[:10].split("-")
        leap = int(year) % 4 == 0  # the pattern ends with 2099
        last = 31 if month in _LONG_MONTHS else 30 if month != "02" else 29 if leap else 28
        if int(day) > last:
            advice = f"that month has {last} days"
            raise problem("alert-test-day", f"there is no day {year}-{month}-{day}", advice, ("at",))
        return self
