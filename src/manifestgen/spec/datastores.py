"""Data services: a union by `type` and `provider`."""

from functools import partial
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Discriminator, StringConstraints, Tag, model_validator

from manifestgen.facts import semver
from manifestgen.facts.services import PORTS
from manifestgen.spec.base import (
    Bytes,
    Count,
    Form,
    Model,
    Name,
    PositiveCount,
    Text,
    problem,
)
from manifestgen.spec.operators import PostgreSQLCluster, RabbitMQCluster
from manifestgen.spec.stores import Database, External, InCluster, QueueServer

Url = Annotated[
    str,
    StringConstraints(pattern=r"^(https|oci|file)://[^\s\x00-\x1f]+$"),
    Form("write e.g. https://charts.example.com or oci://registry.example.com/charts"),
]


_PART: Final = rf"({semver.NUMBER}|[xX*])"
_VERSION: Final = rf"v?{_PART}(\.{_PART}){{0,2}}{semver.SUFFIX}"
_BOUND: Final = rf"((=|!=|[<>]=?|~>?|\^) ?)?{_VERSION}"
_RANGE: Final = rf"({_VERSION} - {_VERSION}|{_BOUND}((, ?| ){_BOUND})*)"
VersionRange = Annotated[
    str,
    StringConstraints(pattern=rf"^{_RANGE}( ?\|\| ?{_RANGE})*$", max_length=256),
    Form('write a version or a range as Helm reads it, e.g. 16.4.2, 16.x.x or ">=16.4.2 <17.0.0"'),
]
"""Versions of a chart (the constraints of Masterminds/semver, which Helm reads)."""


class ChartSource(Model):
    """The Helm chart that runs the service."""

    repository: Url
    """Repository of the chart: `https://…` or `oci://…`."""
    name: Name
    """Name of the chart there."""
    version: VersionRange
    """Version or range of versions."""


class Charted(InCluster):
    """What data services have in common that a Helm chart runs."""

    provider: Literal["chart"] = "chart"
    """A Helm chart runs it: a dependency of the platform's chart, and for Kustomize a tree of its own."""
    chart: ChartSource
    """The chart that runs it."""
    values: dict[str, Any] = {}
    """More values for the chart, as its documentation names them; they win."""


class PostgreSQL(Database, Charted):
    """PostgreSQL: a primary and read replicas (chart `postgresql` of Bitnami)."""

    username: Text
    """User that owns it."""
    password_key: Text
    """Key of the user's password in the credentials."""
    admin_password_key: Text
    """Key of the administrator's password in the credentials."""
    replication_password_key: Text
    """Key of the replication user's password in the credentials."""
    read_replicas: Count = 0
    """Pods beside the primary that answer reads."""
    max_connections: PositiveCount = 100
    """`max_connections` of the server."""
    timescaledb: bool = False
    """Load the TimescaleDB extension (the image must have it)."""


class Redis(Charted):
    """Redis with Sentinel (chart `redis` of Bitnami)."""

    type: Literal["redis"]
    password_key: Text
    """Key of the password in the credentials."""
    replicas: PositiveCount = 3
    """Pods; each runs Redis and a Sentinel."""
    quorum: PositiveCount = 2
    """Sentinels that must agree that the master is down."""
    max_memory: Bytes | None = None
    """`maxmemory` of the server."""
    eviction: Literal[
        "noeviction", "allkeys-lru", "allkeys-lfu", "volatile-lru", "volatile-lfu", "volatile-ttl"
    ] = "noeviction"
    """`maxmemory-policy` of the server."""

    @model_validator(mode="after")
    def _quorum_is_possible(self) -> Self:
        if self.quorum > self.replicas:
            raise problem(
                "redis-quorum",
                f"a quorum of {self.quorum} cannot be reached by {self.replicas} sentinels",
                "lower the quorum or add replicas",
                ("quorum",),
                ("replicas",),
            )
        return self


class RabbitMQ(QueueServer, Charted):
    """A RabbitMQ cluster (chart `rabbitmq` of Bitnami)."""

    username: Text
    """User that is created."""
    password_key: Text
    """Key of the user's password in the credentials."""
    erlang_cookie_key: Text
    """Key of the cluster's shared secret in the credentials."""
    replicas: PositiveCount = 3
    """Nodes of the cluster; odd, so that one side of a split has the majority."""


class MinIO(Charted):
    """MinIO object storage (chart `minio` of Bitnami)."""

    type: Literal["minio"]
    user_key: Text
    """Key of the root user's name in the credentials."""
    password_key: Text
    """Key of the root user's password in the credentials."""
    replicas: PositiveCount = 4
    """Nodes; 1, or at least 4 for distributed mode."""
    buckets: list[Name] = []
    """Buckets that are created."""

    @model_validator(mode="after")
    def _can_be_distributed(self) -> Self:
        if self.replicas in (2, 3):
            raise problem(
                "minio-replicas",
                f"MinIO cannot be distributed over {self.replicas} nodes",
                "use 1, or 4 and more",
                ("replicas",),
            )
        return self


class ExternalPostgreSQL(Database, External):
    """PostgreSQL that somebody else runs.

    Clients connect to the Service NAME-primary, as they do with the chart.
    """


class ExternalRedis(External):
    """Redis that somebody else runs; there are no Sentinels to ask."""

    type: Literal["redis"]


class ExternalRabbitMQ(QueueServer, External):
    """RabbitMQ that somebody else runs."""

    credentials: Name
    """Set of `settings` whose Secret holds the AMQP address."""


class ExternalMinIO(External):
    """An object store that speaks S3 and that somebody else runs."""

    type: Literal["minio"]


_PROVIDERS: Final = ("chart", "operator", "external")
_WITHOUT_OPERATOR: Final = {"redis": "Redis", "minio": "MinIO"}


def _known_provider(data: Any) -> Any:
    """Refuse a provider that there is not, where it stands: the union could only say that nothing fits."""
    provider, kind = (data.get("provider"), data.get("type")) if isinstance(data, dict) else (None, None)
    if provider is not None and provider not in _PROVIDERS:
        shown = repr(provider) if isinstance(provider, str) else "this"
        raise problem(
            "choice", f"it must be 'chart', 'operator' or 'external', not {shown}", "", ("provider",)
        )
    if provider == "operator" and kind in _WITHOUT_OPERATOR:
        raise problem(
            "datastore-provider",
            f"no operator of {_WITHOUT_OPERATOR[kind]} is stable enough to be relied on",
            "run it by `provider: chart`, or use a managed one by `provider: external`",
            ("provider",),
        )
    return data


def tag_of(data: Any) -> str | None:
    """What tells the data services apart: ``redis`` of a chart, ``redis external`` of another provider."""
    look = data.get if isinstance(data, dict) else partial(getattr, data)
    kind, provider = look("type", None), look("provider", None) or "chart"
    if not isinstance(kind, str):
        return None
    return kind if provider == "chart" or kind not in PORTS else f"{kind} {provider}"


Datastore = Annotated[
    Annotated[PostgreSQL, Tag("postgresql")]
    | Annotated[PostgreSQLCluster, Tag("postgresql operator")]
    | Annotated[ExternalPostgreSQL, Tag("postgresql external")]
    | Annotated[Redis, Tag("redis")]
    | Annotated[ExternalRedis, Tag("redis external")]
    | Annotated[RabbitMQ, Tag("rabbitmq")]
    | Annotated[RabbitMQCluster, Tag("rabbitmq operator")]
    | Annotated[ExternalRabbitMQ, Tag("rabbitmq external")]
    | Annotated[MinIO, Tag("minio")]
    | Annotated[ExternalMinIO, Tag("minio external")],
    Discriminator(tag_of),
    BeforeValidator(_known_provider),
]
