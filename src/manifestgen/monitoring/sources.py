"""What each scrape job gives: of which exporters, and with which labels of its targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from manifestgen.monitoring.gateways import GATEWAY_JOB, proxies_of
from manifestgen.monitoring.jobs import (
    PUSHGATEWAY,
    ScrapeJob,
    celery_job,
    jobs_of,
    nodes_job,
    queues_job,
    sentinel_job,
)
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Datastore, PostgreSQLCluster
from manifestgen.spec.workloads import Workload

_STACK: Final = {
    "routes": "blackbox_exporter",
    "ingress-nginx": "ingress-nginx",
    "cert-manager": "cert-manager",
    "vault": "vault",
    "kube-state-metrics": "kube-state-metrics",
    "kubelet": "kubelet",
    "cadvisor": "cadvisor",
    "node": "node_exporter",
    "prometheus": "prometheus",
    "alertmanager": "alertmanager",
    "grafana": "grafana",
    "loki": "loki",
    "tempo": "tempo",
    "jaeger": "jaeger",
    "timescaledb": "sql_exporter",
    PUSHGATEWAY: "pushgateway",
}
"""The exporter of each job that is not of a part of the platform."""
_STORES: Final = {
    "postgresql": "postgres_exporter",
    "redis": "redis_exporter",
    "rabbitmq": "rabbitmq_prometheus",
    "minio": "minio, cluster v2",
}
_BACKUPS: Final = "backup-database.sh"
_LIBRARY: Final = "prometheus-fastapi-instrumentator"
_CELERY: Final = "celery-exporter"
_EXPORTERS: Final = ("exporter", "metrics", "cadvisor")
_TARGET: Final = frozenset(("job", "instance"))
_FOUND: Final = {"pods": frozenset(("namespace", "node", "pod")), "nodes": frozenset(("node",))}


class Source(NamedTuple):
    """A scrape job: which exporters it reads, and which labels its targets have.

    ``exporter`` is None where anything may be exported. ``maybe`` is None where Prometheus' operator or the
    cluster's owner may add labels, and other jobs.
    """

    job: str
    exporter: str | None
    sure: frozenset[str]
    maybe: frozenset[str] | None
    honor_labels: bool
    workload: str = ""

    def gives(self, exporter: str) -> bool:
        """Whether the job may have the metrics of an exporter; what a workload declares is a part of it."""
        if self.exporter is None or self.exporter == exporter:
            return True
        if exporter == _BACKUPS:  # no server: it leaves its figures with one of these
            return self.exporter in ("pushgateway", "node_exporter")
        return bool(self.workload) and exporter == f"workload {self.workload}"


def sources_of(platform: ResolvedPlatform) -> tuple[Source, ...]:
    """What Prometheus scrapes for the platform."""
    exporters = dict(_exporters(platform))
    return tuple(_source(platform, job, exporters.get(job.name)) for job in jobs_of(platform))


def _source(platform: ResolvedPlatform, job: ScrapeJob, exporter: str | None) -> Source:
    sure = _TARGET | _FOUND.get(job.find, frozenset()) | frozenset(job.target_labels)
    is_ours = platform.spec.monitoring.delivery == "files"
    workload = job.name if job.name in platform.spec.workloads else ""
    return Source(job.name, exporter, sure, sure if is_ours else None, job.honor_labels, workload)


def _exporters(platform: ResolvedPlatform) -> Iterator[tuple[str, str]]:
    """The exporter of each job of which it is known."""
    yield from _STACK.items()
    for name, workload in platform.spec.workloads.items():
        if not _is_exporter(name, workload):
            yield name, _LIBRARY
    for name, store in platform.spec.datastores.items():
        yield from _of_datastore(name, store)
    yield celery_job(platform), _CELERY
    proxies = proxies_of(platform)
    if proxies is not None:
        yield GATEWAY_JOB, proxies.exporter


def _is_exporter(name: str, workload: Workload) -> bool:
    """Whether a workload's name or image says that it tells the figures of something else."""
    return any(word in f"{name} {workload.image.repository}" for word in _EXPORTERS)


def _of_datastore(name: str, store: Datastore) -> Iterator[tuple[str, str]]:
    if isinstance(store, PostgreSQLCluster):
        yield name, "cloudnative-pg"  # which has names of its own for all that it exports
    elif store.type in _STORES:
        yield name, _STORES[store.type]
    yield sentinel_job(name), "redis_exporter, sentinels"
    yield queues_job(name), "rabbitmq_prometheus, queues"
    yield nodes_job(name), "minio, nodes v2"
