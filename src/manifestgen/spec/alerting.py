"""Alerting: who is told about which alerts, by which way, at what times."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.nearest import nearest_hint
from manifestgen.spec.base import Duration, Form, Model, Name, Place, Text, TimeZone, problem, refuse
from manifestgen.spec.expectations import Expectation
from manifestgen.spec.prometheus import (
    AlertName,
    Category,
    HostPort,
    HttpUrl,
    LabelName,
    SecretFile,
    Severity,
)
from manifestgen.spec.receivers import EmailAddress, Receiver

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

Clock = Annotated[
    str,
    StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"),
    Form("write e.g. 08:00-18:00"),
]
"""A part of a day, `08:00-18:00`; midnight at its end is `24:00`."""

AlertmanagerVersion = Annotated[
    str,
    StringConstraints(pattern=r"^0\.(2[2-9]|[3-9][0-9])$"),
    Form('write two numbers, e.g. "0.28"; from 0.22 on'),
]
"""A version of Alertmanager."""

PlainValue = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9 ._:/@+-]+$"),
    Form("use letters, digits, spaces and . _ : / @ + -"),
]
"""Value of a label as a person writes it in a matcher, where nothing needs an escape."""

Date = Annotated[
    str,
    StringConstraints(pattern=r"^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"),
    Form("write month and day, e.g. 12-25, or 2026-04-03 for one year"),
]
"""A day of every year, `12-25`, or of one, `2026-04-03`."""


class Smtp(Model):
    """The mail server."""

    smarthost: HostPort
    """Server that takes the mail."""
    from_: EmailAddress
    """Sender."""
    username: Text | None = None
    """User to log in as."""
    password_file: SecretFile | None = None
    """File that holds the user's password."""
    require_tls: bool = True
    """Refuse to send without TLS."""


LABELS: Final = {"alert": "alertname"}
"""Labels that are called otherwise than the field of ``Match`` for them."""


class Match(Model):
    """Which alerts are meant: all that is given must hold; of several values, one."""

    severity: Severity | Annotated[list[Severity], Field(min_length=1)] | None = None
    """Severity."""
    category: Category | Annotated[list[Category], Field(min_length=1)] | None = None
    """Category."""
    component: Name | Annotated[list[Name], Field(min_length=1)] | None = None
    """Part of the platform."""
    team: Name | Annotated[list[Name], Field(min_length=1)] | None = None
    """Team that answers."""
    environment: Name | Annotated[list[Name], Field(min_length=1)] | None = None
    """Environment."""
    alert: AlertName | Annotated[list[AlertName], Field(min_length=1)] | None = None
    """Name of the alert."""
    labels: dict[LabelName, PlainValue | Annotated[list[PlainValue], Field(min_length=1)]] = {}
    """Other labels, by their names."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, field) for field in type(self).model_fields):
            raise problem(
                "match-empty", "it matches every alert", "give a severity, category, component, team …"
            )
        refuse(self._labels_with_a_key())
        return self

    def _labels_with_a_key(self) -> Iterator[PydanticCustomError]:
        keys = {LABELS.get(field, field): field for field in type(self).model_fields if field != "labels"}
        for label in self.labels:
            if label in keys:
                advice = f"write `{keys[label]}` of the match"
                yield problem("match-label", f"{label} has a key of its own", advice, ("labels", label))

    @property
    def conditions(self) -> dict[str, list[str]]:
        """The values that each label may have."""
        given = {LABELS.get(field, field): getattr(self, field) for field in type(self).model_fields}
        given |= given.pop("labels")
        return {
            label: [value] if isinstance(value, str) else value
            for label, value in given.items()
            if value is not None
        }


class AlertRoute(Model):
    """Where some of the alerts go. The routes are asked in their order; the first that matches decides."""

    match: Match
    """Alerts that go this way."""
    to: Annotated[list[Name], Field(min_length=1)]
    """Receivers that are told."""
    continue_: bool = False
    """Ask the routes below as well."""
    group_by: Annotated[list[LabelName], Field(min_length=1)] | None = None
    """Labels by which alerts are put into one message; left out, those of `alerting`."""
    group_wait: Duration | None = None
    """How long the first message of a group waits for company."""
    group_interval: Duration | None = None
    """How long the next message about a group waits."""
    repeat_interval: Duration | None = None
    """After what time a message is repeated while nothing changes."""
    muted: list[Name] = []
    """Intervals in which nobody is told."""
    active: list[Name] = []
    """Intervals outside of which nobody is told."""


class Inhibition(Model):
    """While an alert of `source` fires, those of `target` whose `equal` labels are the same are silent."""

    description: Text | None = None
    """Why, in a sentence."""
    source: Match
    """The cause."""
    target: Match
    """What follows from it."""
    equal: Annotated[list[LabelName], Field(min_length=1)]
    """Labels whose values must be the same on both."""

    @model_validator(mode="after")
    def _silences_something_else(self) -> Self:
        if self.source == self.target:
            raise problem(
                "inhibition-self",
                "source and target are the same",
                "let them differ, e.g. in severity",
                ("target",),
            )
        return self


class Period(Model):
    """A part of a week, or single days; all that is given must hold."""

    weekdays: list[Weekday] = []
    """Days of the week; empty: all."""
    times: list[Clock] = []
    """Parts of the day; empty: the whole day."""
    dates: list[Date] = []
    """Single days; empty: all."""

    @model_validator(mode="after")
    def _is_some_time(self) -> Self:
        if not (self.weekdays or self.times or self.dates):
            raise problem("period-empty", "it is all the time", "give weekdays, times or dates")
        refuse(self._backward_times())
        return self

    def _backward_times(self) -> Iterator[PydanticCustomError]:
        for index, clock in enumerate(self.times):
            start, end = clock.split("-")
            if start >= end:
                advice = f"split it at midnight: {start}-24:00 and 00:00-{end}"
                yield problem("period-times", f"{clock} ends before it begins", advice, ("times", index))


class Interval(Model):
    """A time by the clock of a place; one of its periods must hold."""

    location: TimeZone = "UTC"
    """Time zone by its name in the IANA database: `Europe/Zurich`."""
    periods: Annotated[dict[Name, Period], Field(min_length=1)]
    """Its periods."""


class Alerting(Model):
    """Who is told about alerts, and how: the configuration of Alertmanager."""

    version: AlertmanagerVersion = "0.25"
    """Version of Alertmanager that reads the files; quote it: `"0.28"`. It decides what may be used."""
    delivery: Literal["files", "operator", "both"] = "files"
    """How Alertmanager is told: by files, or by an AlertmanagerConfig of the Prometheus operator."""
    secret: Name | None = None
    """Secret in the namespace of the platform with what the files of receivers hold, each under the name of
    its file; needed with an AlertmanagerConfig, which knows no files."""
    receivers: Annotated[dict[Name, Receiver], Field(min_length=1)]
    """Who can be told."""
    default: Name
    """Receiver of what no route matches."""
    teams: dict[Name, Name] = {}
    """Team that answers for a component or a category; the component wins. Others are the owner's."""
    routes: dict[Name, AlertRoute] = {}
    """Where alerts go; asked in this order."""
    inhibitions: dict[Name, Inhibition] = {}
    """Which alerts silence others."""
    topology_inhibitions: bool = True
    """Add the inhibitions that follow from the platform: what is critical silences what is less of the same
    component, what is gone silences, below critical, what connects to it and what it measured."""
    intervals: dict[Name, Interval] = {}
    """Times at which routes are muted or active."""
    tests: dict[Name, Expectation] = {}
    """Who is to be told about which alerts; `manifestgen alerts test` holds the routes to it."""
    group_by: Annotated[list[LabelName], Field(min_length=1)] = ["alertname", "component", "environment"]
    """Labels by which alerts are put into one message."""
    group_wait: Duration = "30s"
    """How long the first message of a group waits for company."""
    group_interval: Duration = "5m"
    """How long the next message about a group waits."""
    repeat_interval: Duration = "4h"
    """After what time a message is repeated while nothing changes."""
    resolve_timeout: Duration = "5m"
    """After what time an alert counts as resolved when it comes without an end."""
    smtp: Smtp | None = None
    """Mail server; needed when a receiver has `email`."""
    pagerduty_url: HttpUrl | None = None
    """Address of PagerDuty's Events API; left out, Alertmanager's own default."""

    @model_validator(mode="after")
    def _routes_lead_somewhere(self) -> Self:
        refuse((*self._unknown_names(), *self._mail_without_server(), *self._beyond_the_operator()))
        refuse((*self._unused_receivers(), *self._unused_intervals()))
        return self

    def _unknown_names(self) -> Iterator[PydanticCustomError]:
        named: list[tuple[Place, str]] = [(("default",), self.default)]
        for name, route in self.routes.items():
            named += [(("routes", name, "to", index), to) for index, to in enumerate(route.to)]
            for field, intervals in (("muted", route.muted), ("active", route.active)):
                for index, interval in enumerate(intervals):
                    if interval not in self.intervals:
                        message = f"there is no interval {interval!r}"
                        hint = nearest_hint(interval, self.intervals)
                        yield problem("alert-route-interval", message, hint, ("routes", name, field, index))
        for name, test in self.tests.items():
            named += [(("tests", name, "tells", index), to) for index, to in enumerate(test.tells)]
        for place, receiver in named:
            if receiver not in self.receivers:
                hint = nearest_hint(receiver, self.receivers)
                yield problem("alert-route-receiver", f"there is no receiver {receiver!r}", hint, place)

    def _mail_without_server(self) -> Iterator[PydanticCustomError]:
        for name, receiver in self.receivers.items():
            if receiver.email is not None and self.smtp is None:
                advice = "add `smtp: {smarthost: …, from: …}` to alerting"
                place = ("receivers", name, "email")
                yield problem("alert-smtp", "there is no mail server to send by", advice, place)

    def _beyond_the_operator(self) -> Iterator[PydanticCustomError]:
        """What an AlertmanagerConfig cannot say."""
        if self.delivery == "files":
            return
        if self.secret is None:
            advice = "name the Secret with the secrets of the receivers: `secret: alertmanager-receivers`"
            yield problem("alert-secret", "an AlertmanagerConfig knows no files", advice, ("delivery",))
        for name, interval in self.intervals.items():
            if interval.location != "UTC":
                clock = interval.location
                message = f"an AlertmanagerConfig has no time zones, and this is by the clock of {clock}"
                advice = "use `location: UTC`, or `delivery: files`"
                yield problem("alert-time-zone", message, advice, ("intervals", name, "location"))

    def _unused_receivers(self) -> Iterator[PydanticCustomError]:
        used = {self.default, *(name for route in self.routes.values() for name in route.to)}
        for name in self.receivers:
            if name not in used:
                message, advice = "nothing is sent to this receiver", "name it in a route or remove it"
                yield problem("alert-receiver-unused", message, advice, ("receivers", name))

    def _unused_intervals(self) -> Iterator[PydanticCustomError]:
        used = {name for route in self.routes.values() for name in (*route.muted, *route.active)}
        for name in self.intervals:
            if name not in used:
                message, advice = "no route is muted or active in it", "name it in a route or remove it"
                yield problem("alert-interval-unused", message, advice, ("intervals", name))
