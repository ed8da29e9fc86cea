"""Data services: a union by `type`, run by a Helm chart beside the platform."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

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
from manifestgen.spec.containers import Resources

Url = Annotated[
    str,
    StringConstraints(pattern=r"^(https|oci|file)://[^\s\x00-\x1f]+$"),
    Form("write e.g. https://charts.example.com or oci://registry.example.com/charts"),
]


class ChartSource(Model):
    """The Helm chart that runs the service."""

    repository: Url
    """Repository of the chart: `https://…` or `oci://…`."""
    name: Name
    """Name of the chart there."""
    version: Annotated[
        str, StringConstraints(pattern=r"^[0-9A-Za-z.~^<>=*| +-]+$"), Form("write e.g. 16.4.2 or 16.x.x")
    ]
    """Version or range of versions."""


class Storage(Model):
    """Where the data lies: a volume that outlives the pod, or nothing that lasts."""

    size: Bytes | None = None
    """Size of the volume of each pod."""
    storage_class: Name | None = None
    """StorageClass; left out, the cluster's default."""
    ephemeral: bool = False
    """Keep the data only as long as the pod lives."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Storage:
        if not self.ephemeral and self.size is None:
            raise problem("storage", "it has no size", "give `size: 10Gi`, or `ephemeral: true`")
        if self.ephemeral and self.size is not None:
            raise problem(
                "storage",
                "it has a size and is ephemeral",
                "keep one; an environment removes what it inherits with `ephemeral: null`",
                ("size",),
                ("ephemeral",),
            )
        return self


class DatastoreBase(Model):
    """What all data services have in common."""

    description: Text | None = None
    """What it holds, in a sentence."""
    chart: ChartSource
    """The chart that runs it."""
    credentials: Name
    """Set of `settings` whose Secret holds its passwords."""
    storage: Storage
    """Where its data lies."""
    resources: Resources
    """Requests and limits of each pod."""
    metrics: bool = True
    """Run the exporter beside it."""
    values: dict[str, Any] = {}
    """More values for the chart, as its documentation names them; they win."""


class PostgreSQL(DatastoreBase):
    """PostgreSQL: a primary and read replicas (chart `postgresql` of Bitnami)."""

    type: Literal["postgresql"]
    database: Text
    """Database that is created."""
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


class Redis(DatastoreBase):
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
    def _quorum_is_possible(self) -> Redis:
        if self.quorum > self.replicas:
            raise problem(
                "redis-quorum",
                f"a quorum of {self.quorum} cannot be reached by {self.replicas} sentinels",
                "lower the quorum or add replicas",
                ("quorum",),
                ("replicas",),
            )
        return self


class RabbitMQ(DatastoreBase):
    """A RabbitMQ cluster (chart `rabbitmq` of Bitnami)."""

    type: Literal["rabbitmq"]
    username: Text
    """User that is created."""
    password_key: Text
    """Key of the user's password in the credentials."""
    erlang_cookie_key: Text
    """Key of the cluster's shared secret in the credentials."""
    url_key: Text
    """Key of the AMQP address in the credentials. KEDA reads queue lengths with it from its own namespace, so
    the host must be the full one: `rabbitmq.<namespace>.svc`."""
    replicas: PositiveCount = 3
    """Nodes of the cluster; odd, so that one side of a split has the majority."""


class MinIO(DatastoreBase):
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
    def _can_be_distributed(self) -> MinIO:
        if self.replicas in (2, 3):
            raise problem(
                "minio-replicas",
                f"MinIO cannot be distributed over {self.replicas} nodes",
                "use 1, or 4 and more",
                ("replicas",),
            )
        return self


Datastore = Annotated[PostgreSQL | Redis | RabbitMQ | MinIO, Field(discriminator="type")]
