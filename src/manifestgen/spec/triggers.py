"""What KEDA scales on: a union by `type`.

Keys are those of the scalers in KEDA 2.17 (keda.sh/docs, "Scalers").
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.authentication import Parameter
from manifestgen.spec.base import Count, Form, Model, PositiveCount, Text, WebUrl, problem
from manifestgen.spec.ondemand import BY_TYPE
from manifestgen.spec.prometheus import HostPort, HttpUrl
from manifestgen.spec.storetriggers import (
    Figure,
    Floor,
    PostgresqlTrigger,
    RedisListTrigger,
    RedisStreamTrigger,
    TriggerBase,
)


class KafkaTrigger(TriggerBase):
    """Messages of a Kafka topic that a consumer group has not read."""

    type: Literal["kafka"]
    bootstrap_servers: Annotated[list[HostPort], Field(min_length=1)]
    """Brokers, `host:port`, as KEDA reaches them from its own namespace."""
    consumer_group: Text
    """Consumer group."""
    topic: Text | None = None
    """Topic; left out, all that the group reads."""
    lag: PositiveCount
    """Messages that one pod may be behind."""
    activation_lag: Count = 0
    """Messages above which the first pod is started."""
    offset_reset: Literal["latest", "earliest"] = "latest"
    """Where a group begins that has read nothing yet."""
    allow_idle_consumers: bool = False
    """Allow more pods than the topic has partitions."""
    sasl: Literal["none", "plaintext", "scram_sha256", "scram_sha512"] = "none"
    """How to log in; needs the parameters `username` and `password`."""
    tls: bool = False
    """Encrypt the connection."""

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        given = self.authentication.parameters() if self.authentication else set()
        if self.sasl != "none" and not {"username", "password"} <= given:
            raise problem(
                "trigger-authentication",
                f"sasl: {self.sasl} needs a username and a password",
                "add `authentication: {secrets: {username: …, password: …}}`",
                ("authentication",),
                ("sasl",),
            )
        return self


class PrometheusTrigger(TriggerBase):
    """The result of a PromQL query."""

    type: Literal["prometheus"]
    query: Text
    """PromQL that gives one number."""
    threshold: Figure
    """Result that one pod shall stand for."""
    activation_threshold: Floor = 0
    """Result above which the first pod is started."""
    server: HttpUrl | None = None
    """Address of Prometheus; left out, the data source of type prometheus."""
    ignore_null_values: bool = True
    """Take no result for zero; false: an error, as when Prometheus is away."""
    auth_modes: Literal["basic", "bearer", "tls"] | None = None
    """How to log in: with `username` and `password`, with `bearerToken`, or with `ca`, `cert` and `key`."""

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        if self.auth_modes is not None and self.authentication is None:
            raise problem(
                "trigger-authentication",
                f"authModes: {self.auth_modes} needs secrets",
                "add `authentication: {secrets: …}`",
                ("authModes",),
            )
        return self


CronFields = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Za-z*/,-]+( [0-9A-Za-z*/,-]+){4}$"),
    Form("write five fields: minute, hour, day, month, weekday, e.g. 0 8 * * 1-5"),
]
"""A point in time that comes again, in the five fields of cron."""


class CronTrigger(Model):
    """A number of pods at certain times."""

    type: Literal["cron"]
    timezone: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"),
        Form("write a name of the IANA database, e.g. Europe/Berlin"),
    ]
    """Time zone, e.g. `Europe/Berlin`."""
    start: CronFields
    """When it begins, e.g. `0 8 * * 1-5`."""
    end: CronFields
    """When it ends."""
    replicas: PositiveCount
    """Pods in between, at least."""

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.start == self.end:
            raise problem(
                "trigger-cron", "it ends when it begins", "let end be later than start", ("start",), ("end",)
            )
        return self


class SqsTrigger(TriggerBase):
    """The messages of a queue of AWS SQS."""

    type: Literal["aws-sqs-queue"]
    queue_url: WebUrl
    """Address of the queue."""
    region: Annotated[
        str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$"), Form("write e.g. eu-central-1")
    ]
    """Region of the queue."""
    length: PositiveCount
    """Messages that one pod shall handle."""
    activation_length: Count = 0
    """Messages above which the first pod is started."""
    scale_on_in_flight: bool = True
    """Count messages that are being worked on."""
    scale_on_delayed: bool = False
    """Count messages that are not to be seen yet."""


class OtherTrigger(TriggerBase):
    """Any other scaler of KEDA, in its own words."""

    type: Literal["other"]
    scaler: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"), Form("write e.g. nats-jetstream")
    ]
    """Name of the scaler, e.g. `nats-jetstream`."""
    metadata: Annotated[dict[Parameter, str], Field(min_length=1)]
    """Parameters of the scaler as text; secrets belong under `authentication`."""

    @model_validator(mode="after")
    def _is_no_resource(self) -> Self:
        if self.scaler in ("cpu", "memory"):
            raise problem(
                "trigger-scaler",
                f"{self.scaler} is no event, and has a key of its own",
                f"write `{self.scaler}: 70` beside the triggers",
                ("scaler",),
            )
        return self


Trigger = Annotated[
    KafkaTrigger
    | PrometheusTrigger
    | CronTrigger
    | RedisListTrigger
    | RedisStreamTrigger
    | PostgresqlTrigger
    | SqsTrigger
    | OtherTrigger,
    Field(discriminator="type"),
    BY_TYPE,
]
