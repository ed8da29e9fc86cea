"""Ports and host names of the data services, as their charts make them.

Sources: the values and templates of Bitnami's charts postgresql, redis, rabbitmq and minio (container
ports, Service names) and the documentation of each server.
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
USES_KUBERNETES_API: Final = frozenset({"rabbitmq"})
"""Types whose pods find their peers through the Kubernetes API."""


def host(name: str, kind: str) -> str:
    """The Service that clients of a data service connect to (for PostgreSQL the one of the primary)."""
    return f"{name}-primary" if kind == "postgresql" else name
