"""Ports, host names and labels of the data services, as their charts make them.

Sources: values.yaml and templates of Bitnami's charts postgresql 16, redis 20, rabbitmq 16, minio 14 and 17
(github.com/bitnami/charts), and the documentation of each server. With ``fullnameOverride`` set to NAME:

* postgresql, architecture replication: Services ``NAME-primary`` and ``NAME-read`` (5432); those of the
  exporter are ``NAME-primary-metrics`` and ``NAME-read-metrics`` (port ``http-metrics``, 9187).
* redis with Sentinel: Service ``NAME`` (``tcp-redis`` 6379 of any pod, ``tcp-sentinel`` 26379), and
  ``NAME-metrics`` (``http-metrics``, 9121).
* rabbitmq: Service ``NAME`` (``amqp`` 5672, ``http-stats`` 15672, ``metrics``). The chart's own port of the
  metrics is 9419; our values set RabbitMQ's usual 15692.
* minio: Service ``NAME`` (9000, also the metrics).

All pods carry ``app.kubernetes.io/name: NAME`` and the release as ``app.kubernetes.io/instance``, except
those of MinIO's provisioning Job: the chart takes both labels away (``minio.labels.provisioning``).
"""

from __future__ import annotations

from typing import Final, NamedTuple


class ServicePorts(NamedTuple):
    """TCP ports of a data service, by who uses them."""

    client: int
    """What clients connect to and wait for."""
    more: tuple[int, ...]
    """What clients may use besides."""
    peers: tuple[int, ...]
    """What the pods of the service use among themselves."""
    metrics: int
    """Where Prometheus scrapes."""


PORTS: Final[dict[str, ServicePorts]] = {
    "postgresql": ServicePorts(client=5432, more=(), peers=(5432,), metrics=9187),
    "redis": ServicePorts(client=6379, more=(26379,), peers=(6379, 26379), metrics=9121),
    "rabbitmq": ServicePorts(client=5672, more=(), peers=(4369, 5672, 25672), metrics=15692),
    "minio": ServicePorts(client=9000, more=(), peers=(9000,), metrics=9000),
}
SENTINEL_MASTER: Final = "mymaster"
"""What Redis's Sentinels call the set of pods that they watch."""
LONGEST_OPERATED: Final = {"postgresql": 50, "rabbitmq": 45}
"""How long the name of what an operator runs may be: the webhook of CloudNativePG says so, and a StatefulSet
called ``NAME-server`` may have 52 characters, for its revisions become labels of pods."""
MANAGEMENT_PORT: Final = 15672
"""Where RabbitMQ's HTTP API listens; its operators use it."""
CLIENT_PORT_NAMES: Final = {"postgresql": "postgresql", "redis": "redis", "rabbitmq": "amqp", "minio": "s3"}
"""What the port for clients is called in a Service."""


def uses_kubernetes_api(kind: str, provider: str) -> bool:
    """Whether the pods need the Kubernetes API.

    Those of CloudNativePG read the state of their cluster there, those of RabbitMQ find their peers through
    it (before 4.1, that is chart 16).
    """
    return kind == "rabbitmq" or provider == "operator"


def host(name: str, kind: str) -> str:
    """The Service that clients of a data service connect to (for PostgreSQL the one of the primary).

    It is called the same whoever provides it, so that another provider changes no setting of a client.
    """
    return f"{name}-primary" if kind == "postgresql" else name


def readers(name: str) -> str:
    """The Service of PostgreSQL that leads to its read replicas."""
    return f"{name}-read"


def provisioning(name: str) -> dict[str, str]:
    """Label of the pods of the Job that makes MinIO's buckets, in place of those that all others have."""
    return {"client-of": name}
