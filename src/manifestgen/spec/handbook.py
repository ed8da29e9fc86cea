"""What the documents say that only people know: whom to call, how soon, and how much may be lost."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import Duration, Form, Model, Name, Text, WebUrl, defaults_of, problem, refuse
from manifestgen.spec.prometheus import Severity
from manifestgen.spec.receivers import EmailAddress

Phone = Annotated[
    str,
    StringConstraints(pattern=r"^\+?[0-9][0-9 ()/.-]{2,30}$"),
    Form("write it with the code of the country, e.g. +1 555 0100"),
    Field(examples=["+1 555 0100"]),
]
"""A telephone number."""

ChatChannel = Annotated[
    str,
    StringConstraints(pattern=r"^[#@][A-Za-z0-9._-]{1,80}$"),
    Form("write e.g. #incidents"),
    Field(examples=["#incidents"]),
]
"""A channel of a chat, or somebody in it."""


class Contact(Model):
    """Somebody who can be reached, and how."""

    role: Text
    """What they know or decide: `Incident commander`."""
    person: Text | None = None
    """Who it is, where that does not change."""
    phone: Phone | None = None
    """Telephone."""
    chat: ChatChannel | None = None
    """Channel of the chat: `#incidents`."""
    email: EmailAddress | None = None
    """Mail."""
    url: WebUrl | None = None
    """Page where they are paged, or that says who is on duty."""
    hours: Text | None = None
    """When they can be reached; left out, always."""
    severities: list[Severity] = []
    """Incidents that they are called for; left out, all."""

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if all(way is None for way in (self.phone, self.chat, self.email, self.url)):
            raise problem(
                "contact-unreachable",
                "nothing says how to reach them",
                "give at least one of phone, chat, email and url",
                ("role",),
            )
        return self


class Responses(Model):
    """How soon somebody acts, by severity."""

    critical: Duration = "5m"
    """After a critical alert."""
    warning: Duration = "30m"
    """After a warning."""
    info: Duration = "1d"
    """After what is for information; `1d` is said as "at the daily review"."""

    @model_validator(mode="after")
    def _the_worse_the_sooner(self) -> Self:
        critical, warning, info = map(parse_duration, (self.critical, self.warning, self.info))
        if not critical <= warning <= info:
            raise problem(
                "response-order",
                "what is less severe is acted upon sooner",
                "let critical be at most warning, and warning at most info",
                ("critical",),
                ("warning",),
                ("info",),
            )
        return self


class RecoveryTime(Model):
    """How long it may take until the platform works again (RTO)."""

    scenario: Text
    """What has happened: `Database corruption`."""
    rto: Duration
    """How long it may take."""
    procedure: Literal["rollback", "restore", "isolation", "other"]
    """What is done: take the release back, restore a backup of the database, cut the namespace off from the
    network and take the release back, or what `steps` say."""
    backup: Name | None = None
    """Backup that is restored, with `procedure: restore`; left out, the only one."""
    steps: list[Text] = []
    """What else is done, in this order."""

    @model_validator(mode="after")
    def _says_what_to_do(self) -> Self:
        refuse(self._gaps())
        return self

    def _gaps(self) -> Iterator[PydanticCustomError]:
        if self.procedure == "other" and not self.steps:
            yield problem("recovery-procedure", "nothing says what to do", "give `steps`", ("procedure",))
        if self.backup is not None and self.procedure != "restore":
            message = f"a backup says nothing about `procedure: {self.procedure}`"
            yield problem("recovery-procedure", message, "write restore, or remove it", ("backup",))


class RecoveryPoint(Model):
    """How much may be lost (RPO), and what keeps it to that."""

    data: Text
    """What may be lost: `Companies, filings and metrics`."""
    rpo: Duration | Literal["none"]
    """Of how long the last changes may be lost."""
    backup: Name | None = None
    """Backup that holds it to that."""
    how: Text | None = None
    """What else does, where no backup of this platform does."""

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if (self.backup is None) == (self.how is None):
            raise problem(
                "recovery-point",
                "either a backup keeps it, or something else that is to be said",
                "give one of backup and how",
                ("backup",),
                ("how",),
            )
        return self


class Documentation(Model):
    """The guide and the runbook of deployments, in `docs/deployment/`; `{}` is enough to have them."""

    contacts: dict[Name, Contact] = {}
    """Who is called in an emergency, in this order."""
    responses: Responses = defaults_of(Responses)
    """How soon somebody acts; the pages of alerts say it, too."""
    recovery_times: dict[Name, RecoveryTime] = {}
    """How long it may take until all works again (RTO), by what has happened."""
    recovery_points: dict[Name, RecoveryPoint] = {}
    """How much may be lost (RPO), by what is lost."""
    takes: Text | None = None
    """How long a deployment takes, as people have seen it: `30 to 45 minutes`."""
