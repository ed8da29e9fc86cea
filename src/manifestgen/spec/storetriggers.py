"""Triggers of KEDA, and those on what lies in databases."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from manifestgen.spec.authentication import Authentication
from manifestgen.spec.base import Count, Model, Name, PositiveCount, Text, problem
from manifestgen.spec.prometheus import HostPort

Figure = Annotated[float, Field(gt=0, lt=1e15)]
"""A number above zero."""

Floor = Annotated[float, Field(ge=0, lt=1e15)]
"""A number from zero on."""


class TriggerBase(Model):
    """What triggers have in common."""

    metric_type: Literal["AverageValue", "Value"] = "AverageValue"
    """Whether the target is meant for each pod, or for all of them together."""
    use_cached_metrics: bool = False
    """Answer from the figures of the last poll."""
    authentication: Authentication | None = None
    """How KEDA proves who it is."""


def _one_place(datastore: str | None, address: str | None, authentication: Authentication | None) -> None:
    if (datastore is None) == (address is None):
        raise problem(
            "trigger-place",
            "it is in two places" if datastore else "it does not say where to look",
            "give either datastore or address",
            *((("datastore",), ("address",)) if datastore else ()),
        )
    if datastore is not None and authentication is not None:
        raise problem(
            "trigger-place",
            "KEDA logs in with the credentials of the data service",
            "remove authentication",
            ("authentication",),
        )


class RedisPlace(TriggerBase):
    """Where a Redis is: a data service of the platform, or elsewhere."""

    datastore: Name | None = None
    """The Redis data service; KEDA asks its Sentinels and logs in with its password."""
    address: HostPort | None = None
    """Another Redis, `host:port`."""
    database: Count = 0
    """Number of the database."""
    tls: bool = False
    """Encrypt the connection."""

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        _one_place(self.datastore, self.address, self.authentication)
        return self


class RedisListTrigger(RedisPlace):
    """The length of a list in Redis."""

    type: Literal["redis-lists"]
    list: Text
    """Name of the list."""
    length: PositiveCount
    """Items that one pod shall handle."""
    activation_length: Count = 0
    """Items above which the first pod is started."""


class RedisStreamTrigger(RedisPlace):
    """A stream in Redis: its length, or what a consumer group has not done or not read of it."""

    type: Literal["redis-streams"]
    stream: Text
    """Name of the stream."""
    consumer_group: Text | None = None
    """Consumer group; for `pendingEntries` and `lag`."""
    stream_length: PositiveCount | None = None
    """Entries that one pod shall handle."""
    pending_entries: PositiveCount | None = None
    """Entries that one pod may have taken and not confirmed."""
    lag: PositiveCount | None = None
    """Entries that one pod may be behind (Redis 7); the only target that reaches zero pods."""
    activation_lag: Count = 0
    """Entries above which the first pod is started, with `lag`."""

    @model_validator(mode="after")
    def _counts_one_thing(self) -> Self:
        targets = {
            "streamLength": self.stream_length,
            "pendingEntries": self.pending_entries,
            "lag": self.lag,
        }
        given = [key for key, target in targets.items() if target is not None]
        if len(given) != 1:
            raise problem(
                "trigger-stream",
                "it counts several things" if given else "it does not say what to count",
                "give exactly one of streamLength, pendingEntries and lag",
                *((key,) for key in given),
            )
        alone = self.consumer_group is None
        if alone == (given != ["streamLength"]):
            raise problem(
                "trigger-stream",
                f"{given[0]} is counted for {'a consumer group' if alone else 'no group'}",
                "add consumerGroup" if alone else "remove consumerGroup",
                ("consumerGroup",),
                (given[0],),
            )
        return self


class PostgresqlTrigger(TriggerBase):
    """The result of a query to PostgreSQL."""

    type: Literal["postgresql"]
    datastore: Name | None = None
    """The PostgreSQL data service; KEDA logs in as its user."""
    address: HostPort | None = None
    """Another server, `host:port`; needs `database`, `username` and the parameter `password`."""
    database: Text | None = None
    """Database on the other server."""
    username: Text | None = None
    """User on the other server."""
    ssl_mode: Literal["disable", "require", "verify-ca", "verify-full"] = "require"
    """How the connection is protected."""
    query: Text
    """SQL that gives one number."""
    target: Figure
    """Result that one pod shall stand for."""
    activation_target: Floor = 0
    """Result above which the first pod is started."""

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        _one_place(self.datastore, self.address, self.authentication)
        for key, value in (("database", self.database), ("username", self.username)):
            if (self.address is None) != (value is None):
                raise problem(
                    "trigger-place",
                    f"{key} is missing" if value is None else f"{key} is that of the data service",
                    f"add `{key}: …`" if value is None else "remove it",
                    (key,),
                    ("address",),
                )
        return self
