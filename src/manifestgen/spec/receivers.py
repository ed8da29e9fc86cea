"""Who can be told about alerts, and by which ways. Secrets are files that Alertmanager reads by itself."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import Form, Model, Text, problem
from manifestgen.spec.prometheus import HttpUrl, SecretFile

EmailAddress = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"),
    Form("write e.g. oncall@example.com"),
]
"""A mail address."""


class Slack(Model):
    """Messages to a channel of Slack."""

    url_file: SecretFile
    """File that holds the address of the incoming webhook."""
    channel: Annotated[
        str, StringConstraints(pattern=r"^[#@][a-z0-9._-]+$"), Form('write e.g. "#alerts", in quotes')
    ]
    """Channel: `#alerts`."""
    resolved: bool = True
    """Also tell when it is over."""


class PagerDuty(Model):
    """Events to PagerDuty (Events API v2), which calls whoever is on duty."""

    routing_key_file: SecretFile
    """File that holds the integration key."""
    resolved: bool = True
    """Also tell when it is over."""


class Opsgenie(Model):
    """Alerts to Opsgenie, which calls whoever is on duty."""

    api_key_file: SecretFile
    """File that holds the key of the API integration."""
    region: Literal["us", "eu"] = "us"
    """Where the account is kept, which decides the address of the API."""
    resolved: bool = True
    """Also tell when it is over: Opsgenie closes the alert."""


class Email(Model):
    """Messages by mail."""

    to: Annotated[list[EmailAddress], Field(min_length=1)]
    """Addresses."""
    resolved: bool = False
    """Also tell when it is over."""


class Webhook(Model):
    """Messages in JSON to a program of your own.

    It gets labels and annotations as they are, in
    [Alertmanager's format](https://prometheus.io/docs/alerting/latest/configuration/#webhook_config).
    """

    url: HttpUrl | None = None
    """Address that takes the messages; one that holds a secret belongs into `urlFile`."""
    url_file: SecretFile | None = None
    """File that holds the address; needs Alertmanager 0.26, which 0.28 mended: those before it can crash when
    the address does not answer."""
    token_file: SecretFile | None = None
    """File that holds a bearer token for the program."""
    resolved: bool = True
    """Also tell when it is over."""

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise problem("webhook-address", "it needs one address", "give either url or urlFile")
        return self


class Teams(Model):
    """Messages to a channel of Microsoft Teams, by a workflow "When a Teams webhook request is received".

    Needs Alertmanager 0.28. Earlier ones know only the connectors, which Microsoft has retired.
    """

    url_file: SecretFile
    """File that holds the address of the workflow."""
    resolved: bool = True
    """Also tell when it is over."""


class Receiver(Model):
    """Somebody to tell, by one way or several."""

    description: Text | None = None
    """Who that is, in a sentence."""
    slack: Slack | None = None
    """Tell a channel of Slack."""
    pagerduty: PagerDuty | None = None
    """Tell PagerDuty."""
    opsgenie: Opsgenie | None = None
    """Tell Opsgenie."""
    email: Email | None = None
    """Tell by mail."""
    teams: Teams | None = None
    """Tell a channel of Microsoft Teams."""
    webhook: Webhook | None = None
    """Tell a program of your own."""

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        ways = (self.slack, self.pagerduty, self.opsgenie, self.email, self.teams, self.webhook)
        if all(way is None for way in ways):
            raise problem(
                "receiver-empty",
                "it tells nobody",
                "give at least one of slack, pagerduty, opsgenie, email, teams and webhook",
            )
        return self
