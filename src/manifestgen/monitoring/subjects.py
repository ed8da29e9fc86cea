"""Which presets a platform needs, for which of its parts, with which figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from manifestgen.facts.quantities import parse_quantity
from manifestgen.monitoring import promql
from manifestgen.monitoring.available import available_workers
from manifestgen.monitoring.controllers import apart, fewest_of, subjects_of
from manifestgen.monitoring.figures import figures
from manifestgen.monitoring.gateways import GATEWAY_JOB, proxies_of
from manifestgen.monitoring.jobs import (
    PUSHGATEWAY,
    TIMESCALEDB_JOB,
    celery_job,
    namespace_of,
    nodes_job,
    queues_job,
    scraped_workloads,
    sentinel_job,
    timescaledb_stores,
)
from manifestgen.monitoring.presets.backups import BACKUPS
from manifestgen.monitoring.presets.celery import CELERY
from manifestgen.monitoring.presets.certificates import CERTIFICATES
from manifestgen.monitoring.presets.cloudnativepg import CLOUDNATIVEPG
from manifestgen.monitoring.presets.controllers import CRON_JOBS, DAEMONS, JOBS, STATEFUL
from manifestgen.monitoring.presets.gateway import GATEWAY
from manifestgen.monitoring.presets.ingress import INGRESS, PROBES
from manifestgen.monitoring.presets.kubernetes import CONTAINERS, PODS, WORKLOADS
from manifestgen.monitoring.presets.minio import MINIO
from manifestgen.monitoring.presets.nodes import CLUSTER_NODES, NODES
from manifestgen.monitoring.presets.observers import ALERTMANAGER, OBSERVERS, PROMETHEUS
from manifestgen.monitoring.presets.postgresql import POSTGRESQL, REPLICATION_ALERTS
from manifestgen.monitoring.presets.rabbitmq import RABBITMQ
from manifestgen.monitoring.presets.redis import OWN_REDIS_ALERTS, REDIS
from manifestgen.monitoring.presets.timescaledb import TIMESCALEDB
from manifestgen.monitoring.presets.vault import VAULT
from manifestgen.monitoring.presets.web import WEB, requests_of
from manifestgen.monitoring.rules import Preset, Subject, fill
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import (
    Datastore,
    ExternalPostgreSQL,
    ExternalRedis,
    MinIO,
    PostgreSQL,
    PostgreSQLCluster,
    RabbitMQ,
    RabbitMQCluster,
    Redis,
)

PRESETS: Final = (
    WEB,
    PROBES,
    CELERY,
    POSTGRESQL,
    CLOUDNATIVEPG,
    TIMESCALEDB,
    BACKUPS,
    REDIS,
    RABBITMQ,
    MINIO,
    INGRESS,
    GATEWAY,
    CERTIFICATES,
    VAULT,
    WORKLOADS,
    STATEFUL,
    DAEMONS,
    JOBS,
    CRON_JOBS,
    PODS,
    CONTAINERS,
    NODES,
    CLUSTER_NODES,
    PROMETHEUS,
    ALERTMANAGER,
    OBSERVERS,
)
"""All presets, in the order of the rule files."""

_OBSERVERS: Final = ("grafana", "loki", "tempo", "jaeger")

Application = tuple[Preset, tuple[Subject, ...]]

JOB_PRESETS: Final[tuple[tuple[str, str, Preset, tuple[str, ...]], ...]] = (
    ("routes", "routes", PROBES, ("ingress", "certificates")),
    ("ingress-nginx", "ingress", INGRESS, ("ingress",)),
    (GATEWAY_JOB, "gateway", GATEWAY, ("ingress",)),
    ("cert-manager", "certificates", CERTIFICATES, ("certificates",)),
    ("vault", "vault", VAULT, ()),
    ("kube-state-metrics", "kubernetes", PODS, ("kubernetes",)),
    ("kube-state-metrics", "nodes", CLUSTER_NODES, ()),
    ("kubelet", "kubernetes", CONTAINERS, ("kubernetes",)),
    ("node", "nodes", NODES, ("nodes",)),
    ("prometheus", "monitoring", PROMETHEUS, ()),
    ("alertmanager", "monitoring", ALERTMANAGER, ()),
)
"""Presets that hang on one job: the job, the component of their alerts, whose thresholds they use."""

JOB_OF_PRESET: Final = {preset.name: job for job, _, preset, _ in JOB_PRESETS}
"""The job that a preset hangs on."""


def applications(platform: ResolvedPlatform, jobs: frozenset[str]) -> list[Application]:
    """The presets for what ``jobs`` scrape, each with the components it is applied to."""
    found: dict[str, tuple[Subject, ...]] = {}
    common = {"namespace": promql.matcher("namespace", [namespace_of(platform)])}
    found[WEB.name] = tuple(_web(platform, common))
    for kind, stores in _watched(platform).items():
        found[kind] = tuple(_datastore(n, d, list(stores), platform) for n, d in stores.items())
    if platform.spec.monitoring.stack.celery_exporter.enabled:
        found[CELERY.name] = (_celery(platform, common, jobs),)
    if TIMESCALEDB_JOB in jobs:
        component = timescaledb_component(platform)
        subject = _of_job(TIMESCALEDB_JOB, component, ("timescaledb",), platform, common)
        found[TIMESCALEDB.name] = (subject,)
    found[BACKUPS.name] = tuple(_backups(platform, common, jobs))
    for job, component, preset, thresholds in JOB_PRESETS:
        if job in jobs:
            found[preset.name] = (_of_job(job, component, thresholds, platform, common),)
    found |= _gateway(platform, found.get(GATEWAY.name, ()))
    observers = [name for name in _OBSERVERS if name in jobs]
    found[OBSERVERS.name] = tuple(_of_job(name, name, (), platform, common) for name in observers)
    if "kube-state-metrics" in jobs:
        exporter = celery_job(platform)  # has an alert of its own, which pages nobody
        workloads = {n: w for n, w in platform.spec.workloads.items() if n != exporter}
        found |= subjects_of(workloads, common)
    return [(preset, found[preset.name]) for preset in PRESETS if found.get(preset.name)]


def _web(platform: ResolvedPlatform, common: Mapping[str, str]) -> Iterator[Subject]:
    exporter = celery_job(platform)
    webs = {n: w for n, w in scraped_workloads(platform).items() if w.type == "web" and n != exporter}
    values = {**common, **figures(platform.spec.monitoring.thresholds.web), **requests_of(webs)}
    for name in webs:
        yield Subject(name, {**values, **_matchers(name, list(webs))})


def _of_job(
    job: str,
    component: str,
    thresholds: tuple[str, ...],
    platform: ResolvedPlatform,
    common: Mapping[str, str],
) -> Subject:
    limits = platform.spec.monitoring.thresholds
    values = {**common, **_matchers(job, [job]), "cadvisor": promql.matcher("job", ["cadvisor"])}
    values["quiet"] = promql.number(limits.web.quiet)
    values |= apart(platform)
    for name in thresholds:
        values |= figures(getattr(limits, name))
    return Subject(component, {**values, "component": component})


def _gateway(platform: ResolvedPlatform, subjects: tuple[Subject, ...]) -> dict[str, tuple[Subject, ...]]:
    """The Gateway with the names that its implementation has for its figures."""
    proxies = proxies_of(platform)
    if proxies is None:
        return {}
    own = {**proxies.values, "served": proxies.served_in(namespace_of(platform))}

    def named(subject: Subject) -> Subject:
        values = {**subject.values, **own, "rejected": fill(own["rejected"], subject.values)}
        return subject._replace(values=values, without=proxies.lacks)

    return {GATEWAY.name: tuple(named(subject) for subject in subjects)}


def _backups(
    platform: ResolvedPlatform, common: Mapping[str, str], jobs: frozenset[str]
) -> Iterator[Subject]:
    """The backups whose figures reach Prometheus."""
    for name, backup in platform.spec.backups.items():
        if backup.metrics is not None and (PUSHGATEWAY if backup.metrics.pushgateway else "node") in jobs:
            yield Subject(name, {**common, "component": name, "max_age": str(backup.patience)})


def _celery(platform: ResolvedPlatform, common: Mapping[str, str], jobs: frozenset[str]) -> Subject:
    subject = _of_job(celery_job(platform), "celery", ("celery",), platform, common)
    exporter = platform.spec.monitoring.stack.celery_exporter.workload
    workers = {n: w for n, w in platform.spec.workloads.items() if w.type == "worker" and n != exporter}
    without = set()
    if all(fewest_of(worker) == 0 for worker in workers.values()):
        without.add("CeleryWorkersGone")  # workers that may all be gone while no task waits are no alarm
    if not workers or "kube-state-metrics" not in jobs:
        without.add("CeleryWorkerDown")  # nobody knows how many there should be
    values = {**subject.values, "running": available_workers(subject.values["namespace"], workers)}
    return subject._replace(values=values, without=frozenset(without))


def timescaledb_component(platform: ResolvedPlatform) -> str:
    """Whom the alerts on TimescaleDB are about: the only data service that has it, or else all of them."""
    stores = timescaledb_stores(platform)
    return stores[0] if len(stores) == 1 else TIMESCALEDB.name


def _datastore(name: str, store: Datastore, names: list[str], platform: ResolvedPlatform) -> Subject:
    values = _matchers(name, names) | figures(getattr(platform.spec.monitoring.thresholds, store.type))
    values["namespace"] = promql.matcher("namespace", [namespace_of(platform)])
    match store:
        case PostgreSQLCluster():
            return Subject(name, values | {"instances": str(1 + store.read_replicas)}, _alone(store))
        case ExternalPostgreSQL():
            values |= {"read_replicas": "0", "max_connections": "0"}  # nobody has told us
            return Subject(name, values, REPLICATION_ALERTS | {"PostgresqlMaxConnectionsDiffers"})
        case ExternalRedis():
            values |= dict.fromkeys(("replicas", "followers", "max_memory", "max_memory_text"), "")
            return Subject(name, values | {"sentinel": ""}, OWN_REDIS_ALERTS)
        case PostgreSQL():
            values |= {
                "read_replicas": str(store.read_replicas),
                "max_connections": str(store.max_connections),
            }
            return Subject(name, values, frozenset() if store.read_replicas else REPLICATION_ALERTS)
        case Redis():
            return _redis(name, store, values)
        case RabbitMQ() | RabbitMQCluster():
            return _rabbitmq(name, store, names, values)
        case MinIO():
            more = _more_matchers("nodes", name, names, nodes_job)
            return Subject(name, {**values, **more, "replicas": str(store.replicas)})
    raise TypeError(type(store))  # `_watched` takes no others


def _alone(store: PostgreSQLCluster) -> frozenset[str]:
    """A single instance that is missing is all of them."""
    return frozenset() if store.read_replicas else frozenset({"PostgresqlInstancesMissing"})


def _watched(platform: ResolvedPlatform) -> dict[str, dict[str, Datastore]]:
    """The data services with metrics that a preset knows, by its name."""
    found: dict[str, dict[str, Datastore]] = {}
    for name, store in platform.spec.datastores.items():
        preset = _preset(store)
        if store.exports_metrics and preset is not None:
            found.setdefault(preset.name, {})[name] = store
    return found


def _preset(store: Datastore) -> Preset | None:
    """Who knows its metrics. What is managed elsewhere shows those of its exporter, if there is one."""
    match store:
        case PostgreSQLCluster():
            return CLOUDNATIVEPG
        case PostgreSQL() | ExternalPostgreSQL():
            return POSTGRESQL
        case Redis() | ExternalRedis():
            return REDIS
        case RabbitMQ() | RabbitMQCluster():
            return RABBITMQ
        case MinIO():
            return MINIO
        case _:
            return None


def _redis(name: str, store: Redis, values: dict[str, str]) -> Subject:
    without = set()
    if store.replicas == 1:
        without |= {"RedisReplicasMissing"}
    if store.max_memory is None:
        without |= {"RedisMemoryLimitDiffers"}
    if store.eviction == "noeviction":
        without |= {"RedisEvictionsHigh"}
    limit = parse_quantity(store.max_memory) if store.max_memory else 0
    more = {
        "sentinel": promql.matcher("job", [sentinel_job(name)]),
        "replicas": str(store.replicas),
        "followers": str(store.replicas - 1),
        "max_memory": str(int(limit)),
        "max_memory_text": store.max_memory or "",
    }
    return Subject(name, values | more, frozenset(without))


def _rabbitmq(
    name: str, store: RabbitMQ | RabbitMQCluster, names: list[str], values: dict[str, str]
) -> Subject:
    more = {
        **_more_matchers("queues", name, names, queues_job),
        "replicas": str(store.replicas),
        "majority": str(store.replicas // 2 + 1),
    }
    alone = {"RabbitmqNodesMissing", "RabbitmqMajorityLost", "RabbitmqPartitioned"}
    return Subject(name, values | more, frozenset(alone if store.replicas == 1 else ()))


def _matchers(name: str, names: list[str]) -> dict[str, str]:
    """Matchers for the job of one component and for those of all of its kind."""
    return {
        "component": name,
        "of": promql.matcher("job", [name]),
        "all": promql.matcher("job", names),
    }


def _more_matchers(key: str, name: str, names: list[str], job: Callable[[str], str]) -> dict[str, str]:
    """The same for another job that each component of the kind has."""
    return {
        key: promql.matcher("job", [job(name)]),
        f"all_{key}": promql.matcher("job", [job(other) for other in names]),
    }
