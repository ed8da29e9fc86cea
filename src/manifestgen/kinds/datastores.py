"""Data services: the values of the Bitnami charts that run them.

The values are named as in values.yaml of the charts postgresql 16, redis 20 and 21, rabbitmq 15 and 16, minio
14 to 17 (github.com/bitnami/charts); what the charts make of them is noted in ``facts.services``.
"""

from __future__ import annotations

from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.facts.quantities import parse_quantity
from manifestgen.facts.services import PORTS, provisioning
from manifestgen.kinds.pods import resource_amounts
from manifestgen.kinds.views import present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.datastores import Datastore, MinIO, PostgreSQL, RabbitMQ, Redis, Storage

Values = dict[str, Any]

_REDIS_UNITS: Final = {"k": "k", "M": "m", "G": "g", "Ki": "kb", "Mi": "mb", "Gi": "gb"}


def chart_values(platform: ResolvedPlatform) -> dict[str, Values]:
    """For each data service, by its name in the spec, all values of its chart; the spec's own ones win."""
    return {name: _values(name, service) for name, service in platform.spec.datastores.items()}


def dependencies(platform: ResolvedPlatform) -> list[dict[str, str]]:
    """The charts of the data services as Chart.yaml lists them; ``NAME.enabled`` turns one off."""
    return [
        {
            "name": service.chart.name,
            "alias": name,
            "version": service.chart.version,
            "repository": service.chart.repository,
            "condition": f"{name}.enabled",
        }
        for name, service in platform.spec.datastores.items()
    ]


def _values(name: str, service: Datastore) -> Values:
    # The names of Services and the label app.kubernetes.io/name must not depend on the release.
    start = {"enabled": True, "nameOverride": name, "fullnameOverride": name}
    return _overlaid({**start, **_settings(name, service)}, service.values)


def _settings(name: str, service: Datastore) -> Values:
    match service:
        case PostgreSQL():
            return _postgresql(service)
        case Redis():
            return _redis(service)
        case RabbitMQ():
            return _rabbitmq(service)
        case MinIO():
            return _minio(name, service)


def _postgresql(service: PostgreSQL) -> Values:
    # A standby refuses to start with fewer connections than its primary: both get the same settings.
    server = {
        "extendedConfiguration": f"max_connections = {service.max_connections}",
        "resources": resource_amounts(service.resources),
        "persistence": _persistence(service.storage),
        "pdb": {"create": True},
        "networkPolicy": {"enabled": False},
    }
    return {
        # Also without read replicas: only then the Service of the primary is called NAME-primary.
        "architecture": "replication",
        "auth": {
            "username": service.username,
            "database": service.database,
            "existingSecret": names.secret(service.credentials),
            "secretKeys": {
                "userPasswordKey": service.password_key,
                "adminPasswordKey": service.admin_password_key,
                "replicationPasswordKey": service.replication_password_key,
            },
        },
        # pgaudit is what the chart loads by default.
        **({"postgresqlSharedPreloadLibraries": "pgaudit,timescaledb"} if service.timescaledb else {}),
        "primary": server,
        "readReplicas": {"replicaCount": service.read_replicas, **server},
        "metrics": {"enabled": service.metrics},
    }


def _redis(service: Redis) -> Values:
    limit = f"maxmemory {_redis_memory(service.max_memory)}" if service.max_memory is not None else None
    # The first two lines are the chart's default, which ours replaces.
    lines = ("appendonly yes", 'save ""', limit, f"maxmemory-policy {service.eviction}")
    return {
        "architecture": "replication",
        "auth": {
            "existingSecret": names.secret(service.credentials),
            "existingSecretPasswordKey": service.password_key,
        },
        "commonConfiguration": "\n".join(line for line in lines if line is not None),
        "sentinel": {"enabled": True, "masterSet": "mymaster", "quorum": service.quorum},
        # With Sentinel these are all pods, the master's too.
        "replica": {
            "replicaCount": service.replicas,
            "resources": resource_amounts(service.resources),
            "persistence": _persistence(service.storage),
            "pdb": {"create": True},
        },
        "metrics": {"enabled": service.metrics},
        "networkPolicy": {"enabled": False},
    }


def _rabbitmq(service: RabbitMQ) -> Values:
    secret = names.secret(service.credentials)
    port = {"metrics": PORTS["rabbitmq"].metrics}
    return {
        "auth": {
            "username": service.username,
            "existingPasswordSecret": secret,
            "existingSecretPasswordKey": service.password_key,
            "existingErlangSecret": secret,
            "existingSecretErlangKey": service.erlang_cookie_key,
        },
        "replicaCount": service.replicas,
        # Only three nodes and more have a minority to pause.
        "clustering": {"partitionHandling": "pause_minority" if service.replicas >= 3 else "autoheal"},
        "resources": resource_amounts(service.resources),
        "persistence": _persistence(service.storage),
        "pdb": {"create": True},
        "metrics": {"enabled": service.metrics},
        **({"containerPorts": port, "service": {"ports": port}} if service.metrics else {}),
        "networkPolicy": {"enabled": False},
    }


def _minio(name: str, service: MinIO) -> Values:
    distributed = service.replicas > 1
    return {
        "mode": "distributed" if distributed else "standalone",
        **({"statefulset": {"replicaCount": service.replicas}} if distributed else {}),
        "auth": {
            "existingSecret": names.secret(service.credentials),
            "rootUserSecretKey": service.user_key,
            "rootPasswordSecretKey": service.password_key,
        },
        **({"provisioning": _buckets(name, service)} if service.buckets else {}),
        "resources": resource_amounts(service.resources),
        "persistence": _persistence(service.storage),
        **({"pdb": {"create": True}} if distributed else {}),
        # Without a token; the network policy lets in only Prometheus and the clients.
        "metrics": {"enabled": service.metrics, "prometheusAuthType": "public" if service.metrics else "jwt"},
        "console": {"enabled": False},  # a pod of its own since chart 17, and no connection leads to it
        "networkPolicy": {"enabled": False},
    }


def _buckets(name: str, service: MinIO) -> Values:
    """A Job after each installation; the chart's ``defaultBuckets`` works in standalone mode only."""
    return {
        "enabled": True,
        "podLabels": provisioning(name),
        # Left out, each upgrade would suspend the versioning that somebody turned on.
        "buckets": [{"name": bucket, "versioning": "Unchanged"} for bucket in service.buckets],
        "networkPolicy": {"enabled": False},
    }


def _persistence(storage: Storage) -> Values:
    if storage.ephemeral:
        return {"enabled": False}
    return {"enabled": True, **present(size=storage.size, storageClass=storage.storage_class)}


def _redis_memory(quantity: str) -> str:
    """``192Mi`` as redis.conf writes it, ``192mb``; bytes where it has no unit for it."""
    number = quantity.rstrip("kKMGTPEi")
    unit = _REDIS_UNITS.get(quantity.removeprefix(number))
    return f"{number}{unit}" if unit and number.isdigit() else str(int(parse_quantity(quantity)))


def _overlaid(values: Values, over: Values) -> Values:
    """``values`` with ``over`` on it: maps merge, all else replaces; a null stays: Helm drops the default."""
    merged = dict(values)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            value = _overlaid(below, value)
        merged[key] = value
    return merged
