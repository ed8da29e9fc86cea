"""Input for the test of an alert, where none can be worked out from its expression."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import Duration, Form, Model, problem
from manifestgen.spec.prometheus import LabelName, LabelValue
from manifestgen.spec.slos import Series

_NUMBER = r"-?[0-9]+(\.[0-9]+)?"
_SAMPLES = rf"(_(x[0-9]+)?|stale|{_NUMBER}([+-][0-9]+(\.[0-9]+)?)?(x[0-9]+)?)"

Samples = Annotated[
    str,
    StringConstraints(pattern=rf"^{_SAMPLES}( {_SAMPLES})*$"),
    Form('write a value for each minute, in quotes, e.g. "0+60x30" (0, 60 … 1800) or "1x10 0x20"'),
    Field(examples=["0+60x30"]),
]
"""The values of a series, one a minute, in promtool's notation."""


class QuietInput(Model):
    """Series with which the alert just does not fire."""

    series: dict[Series, Samples]
    """Values by series: `{'up{job="api"}': "1x30"}`; empty: there is nothing."""
    at: Duration
    """When it is looked at, from the first value on."""


class FiringInput(QuietInput):
    """Series with which the alert just fires."""

    labels: dict[LabelName, LabelValue] = {}
    """Labels that the result of its expression has."""
    value: float = 1
    """Value that the expression gives then."""


class AlertTest(Model):
    """What `promtool test rules` is given to prove an alert, and what comes of it."""

    firing: FiringInput
    """It fires at this moment, and a minute before it does not yet, when it has a `for`."""
    quiet: QuietInput
    """It does not fire."""

    @model_validator(mode="after")
    def _is_looked_at_every_minute(self) -> Self:
        for name in ("firing", "quiet"):
            at = getattr(self, name).at
            if parse_duration(at) % 60:
                advice = "give whole minutes: the rules are evaluated every minute"
                raise problem("alert-test-time", f"{at} is between two evaluations", advice, (name, "at"))
        return self
