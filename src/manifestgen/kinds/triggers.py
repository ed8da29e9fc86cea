"""What KEDA follows, in the words of its scalers, and how it logs in to read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.facts.services import PORTS, SENTINEL_MASTER, host
from manifestgen.kinds.figures import Target, resource_targets
from manifestgen.kinds.views import Owner, View, present
from manifestgen.monitoring import promql
from manifestgen.monitoring.jobs import namespace_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import (
    Authentication,
    CronTrigger,
    Datastore,
    KafkaTrigger,
    OtherTrigger,
    PostgreSQL,
    PostgreSQLCluster,
    PostgresqlTrigger,
    PrometheusTrigger,
    QueueServer,
    Redis,
    RedisListTrigger,
    RedisStreamTrigger,
    SqsTrigger,
    Trigger,
    TriggerBase,
    VaultAccess,
)
from manifestgen.spec.scaling import Autoscaling, QueueTrigger

Part = dict[str, Any]


def keda_triggers(platform: ResolvedPlatform, owner: Owner, scaling: Autoscaling) -> Iterator[Part]:
    """The triggers of a ScaledObject."""
    for name, queue in scaling.queues.items():
        reference = {"name": f"{owner.name}-{queue.datastore}"}
        yield {"type": "rabbitmq", "name": name, "metadata": _queue(queue), "authenticationRef": reference}
    for name, trigger in scaling.triggers.items():
        scaler, metadata = _scaler(platform, trigger)
        yield present(type=scaler, name=name, metadata=_texts(metadata), **_more(owner, name, trigger))
    for resource, target in resource_targets(scaling.cpu, scaling.memory):
        yield _resource(resource, target)
    for container, targets in scaling.containers.items():
        for resource, target in resource_targets(targets.cpu, targets.memory):
            yield _resource(resource, target, containerName=container)


def authentication_views(platform: ResolvedPlatform, owner: Owner, scaling: Autoscaling) -> Iterator[View]:
    """A TriggerAuthentication for each data service that is asked, and for each trigger that has one."""
    for store in sorted(set(scaling.datastores.values())):
        service = platform.spec.datastores.get(store)
        if service is not None and service.credentials is not None and _credentials(service):
            secret = names.secret(service.credentials)
            secrets = [
                {"parameter": parameter, "name": secret, "key": key}
                for parameter, key in _credentials(service).items()
            ]
            yield _authentication(owner, store, secrets=secrets)
    for name, trigger in scaling.triggers.items():
        given = trigger.authentication if isinstance(trigger, TriggerBase) else None
        proofs = _proofs(platform, owner, given) if given is not None else {}
        if any(proofs.values()):  # without a Vault to read from there is nothing, and the checks say so
            yield _authentication(owner, name, **proofs)


def _authentication(owner: Owner, name: str, **proofs: Any) -> View:
    nothing: Part = {"secrets": [], "env": [], "identity": None, "vault": None}
    return owner.view("trigger-authentication", f"{owner.name}-{name}", **{**nothing, **proofs})


def _proofs(platform: ResolvedPlatform, owner: Owner, given: Authentication) -> Part:
    secret = names.secret(given.settings or owner.name)
    identity = given.pod_identity
    return {
        "secrets": [{"parameter": p, "name": secret, "key": key} for p, key in given.secrets.items()],
        "env": [{"parameter": p, "name": name} for p, name in given.env.items()],
        "identity": present(
            provider=identity.provider,
            identityId=identity.identity_id,
            roleArn=identity.role_arn,
            identityOwner=identity.owner,
        )
        if identity is not None
        else None,
        "vault": _vault(platform, given.vault) if given.vault is not None else None,
    }


def _vault(platform: ResolvedPlatform, access: VaultAccess) -> Part | None:
    """Vault as the spec has it; to KEDA the ``data`` of a KV engine's version 2 is a part of the path."""
    vault = platform.spec.vault
    if vault is None:
        return None
    secrets = []
    for parameter, place in access.secrets.items():
        path, _, key = place.partition("#")
        secrets.append({"parameter": parameter, "key": key, "path": f"{vault.mount}/data/{path}"})
    return {
        "address": vault.server,
        "authentication": "kubernetes",
        "role": access.role,
        "mount": vault.auth_mount,
        "credential": {"serviceAccount": "/var/run/secrets/kubernetes.io/serviceaccount/token"},
        "secrets": secrets,
    }


def _credentials(service: Datastore) -> dict[str, str]:
    """The parameters of a scaler that a data service needs, and the keys of its credentials."""
    match service:
        case QueueServer():
            return {"host": service.url_key}
        case PostgreSQL() | PostgreSQLCluster():
            return {"password": service.password_key}
        case Redis():
            return {"password": service.password_key, "sentinelPassword": service.password_key}
        case _:
            return {}


def _more(owner: Owner, name: str, trigger: Trigger) -> Part:
    """What stands beside the metadata of a trigger."""
    if isinstance(trigger, CronTrigger):
        return {}
    store = getattr(trigger, "datastore", None)
    login = store or (name if trigger.authentication is not None else None)
    return {
        "authenticationRef": {"name": f"{owner.name}-{login}"} if login is not None else None,
        "metricType": "Value" if trigger.metric_type == "Value" else None,
        "useCachedMetrics": True if trigger.use_cached_metrics else None,
    }


def _resource(resource: str, target: Target, **more: str) -> Part:
    kind, value = (
        ("Utilization", str(target)) if isinstance(target, int) else ("AverageValue", target.average)
    )
    return {"type": resource, "metricType": kind, "metadata": {"value": value, **more}}


def _queue(queue: QueueTrigger) -> Part:
    return {
        "protocol": "amqp",
        "queueName": queue.queue,
        "mode": "QueueLength",
        "value": str(queue.length),
        "vhostName": queue.virtual_host,
    }


def _texts(metadata: Part) -> dict[str, str]:
    """Metadata as KEDA takes it, all of it text; what is not given is left out."""
    return {key: _text(value) for key, value in metadata.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return promql.number(value) if isinstance(value, float) else str(value)


def _scaler(platform: ResolvedPlatform, trigger: Trigger) -> tuple[str, Part]:
    """The scaler of a trigger and what it is told."""
    match trigger:
        case KafkaTrigger():
            return "kafka", _kafka(trigger)
        case PrometheusTrigger():
            return "prometheus", _prometheus(platform, trigger)
        case CronTrigger():
            return "cron", _cron(trigger)
        case RedisListTrigger() | RedisStreamTrigger():
            return _redis(platform, trigger)
        case PostgresqlTrigger():
            return "postgresql", _postgresql(platform, trigger)
        case SqsTrigger():
            return "aws-sqs-queue", _sqs(trigger)
        case OtherTrigger():
            return trigger.scaler, dict(trigger.metadata)


def _cron(trigger: CronTrigger) -> Part:
    return {
        "timezone": trigger.timezone,
        "start": trigger.start,
        "end": trigger.end,
        "desiredReplicas": trigger.replicas,
    }


def _kafka(trigger: KafkaTrigger) -> Part:
    return {
        "bootstrapServers": ",".join(trigger.bootstrap_servers),
        "consumerGroup": trigger.consumer_group,
        "topic": trigger.topic,
        "lagThreshold": trigger.lag,
        "activationLagThreshold": trigger.activation_lag or None,
        "offsetResetPolicy": trigger.offset_reset,
        "allowIdleConsumers": trigger.allow_idle_consumers or None,
        "sasl": trigger.sasl if trigger.sasl != "none" else None,
        "tls": "enable" if trigger.tls else None,
    }


def _prometheus(platform: ResolvedPlatform, trigger: PrometheusTrigger) -> Part:
    return {
        "serverAddress": trigger.server or platform.spec.monitoring.prometheus_url,
        "query": trigger.query,
        "threshold": float(trigger.threshold),
        "activationThreshold": float(trigger.activation_threshold) or None,
        "ignoreNullValues": None if trigger.ignore_null_values else False,
        "authModes": trigger.auth_modes,
    }


def _redis(platform: ResolvedPlatform, trigger: RedisListTrigger | RedisStreamTrigger) -> tuple[str, Part]:
    """A data service is asked through its Sentinels, for they know which of its pods leads."""
    if isinstance(trigger, RedisListTrigger):
        alone, watched, figures = "redis", "redis-sentinel", _list(trigger)
    else:
        alone, watched, figures = "redis-streams", "redis-sentinel-streams", _stream(trigger)
    place: Part
    if trigger.datastore is not None:
        (sentinel,) = PORTS["redis"].more
        address = _address(platform, trigger.datastore, "redis", sentinel)
        place = {"addresses": address, "sentinelMaster": SENTINEL_MASTER}
    else:
        place = {"address": trigger.address}
    more = {"databaseIndex": trigger.database, "enableTLS": trigger.tls or None}
    return (watched if trigger.datastore is not None else alone), {**place, **figures, **more}


def _list(trigger: RedisListTrigger) -> Part:
    return {
        "listName": trigger.list,
        "listLength": trigger.length,
        "activationListLength": trigger.activation_length or None,
    }


def _stream(trigger: RedisStreamTrigger) -> Part:
    return {
        "stream": trigger.stream,
        "consumerGroup": trigger.consumer_group,
        "streamLength": trigger.stream_length,
        "pendingEntriesCount": trigger.pending_entries,
        "lagCount": trigger.lag,
        "activationLagCount": trigger.activation_lag if trigger.lag is not None else None,
    }


def _postgresql(platform: ResolvedPlatform, trigger: PostgresqlTrigger) -> Part:
    service = platform.spec.datastores.get(trigger.datastore or "")
    if isinstance(service, PostgreSQL | PostgreSQLCluster):
        address = _address(platform, str(trigger.datastore), "postgresql", PORTS["postgresql"].client)
        database, username = service.database, service.username
    else:
        address, database, username = trigger.address or "", trigger.database or "", trigger.username or ""
    server, _, port = address.rpartition(":")
    return {
        "host": server,
        "port": port,
        "dbName": database,
        "userName": username,
        "sslmode": trigger.ssl_mode,
        "query": trigger.query,
        "targetQueryValue": float(trigger.target),
        "activationTargetQueryValue": float(trigger.activation_target) or None,
    }


def _sqs(trigger: SqsTrigger) -> Part:
    return {
        "queueURL": trigger.queue_url,
        "awsRegion": trigger.region,
        "queueLength": trigger.length,
        "activationQueueLength": trigger.activation_length or None,
        "scaleOnInFlight": None if trigger.scale_on_in_flight else False,
        "scaleOnDelayed": True if trigger.scale_on_delayed else None,
    }


def _address(platform: ResolvedPlatform, store: str, kind: str, port: int) -> str:
    """Where KEDA finds a data service from its own namespace."""
    return f"{host(store, kind)}.{namespace_of(platform)}.svc:{port}"
