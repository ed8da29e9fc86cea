"""Prometheus: what it scrapes, its recording rules and its alerts."""

from __future__ import annotations

from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.errors import ManifestgenError
from manifestgen.monitoring.cardinality import SampleLimit, limits_of
from manifestgen.monitoring.checks import check_monitoring
from manifestgen.monitoring.external import external_labels
from manifestgen.monitoring.jobs import ScrapeJob, jobs_of
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.targets.monitoring.place import files

TARGET: Final = "prometheus"


def render_prometheus(platform: ResolvedPlatform, renderer: Renderer) -> list[Artifact]:
    """``prometheus.yml``, ``recording-rules.yml`` and ``alerts.yml`` for one environment.

    Raises ManifestgenError with every finding of ``check_monitoring``.
    """
    findings = check_monitoring(platform)
    if findings:
        raise ManifestgenError(findings)
    groups = groups_of(platform)
    recording = [group for group in groups if group.records]
    alerting = [
        {"name": group.name, "title": group.title, "rules": list(group.alerts)}
        for group in groups
        if group.alerts
    ]
    contexts: dict[str, dict[str, Any]] = {
        "prometheus.yml": _server(platform),
        "recording-rules.yml": {"groups": recording},
        "alerts.yml": {"groups": alerting},
    }
    return files(platform, renderer, TARGET, contexts)


def _server(platform: ResolvedPlatform) -> dict[str, Any]:
    monitoring = platform.spec.monitoring
    jobs, limits = jobs_of(platform), limits_of(platform)
    return {
        "monitoring": monitoring,
        "external_labels": external_labels(platform),
        "vault": any(job.name == "vault" for job in jobs),
        "alertmanager": next((job for job in jobs if job.name == "alertmanager"), None),
        "jobs": [_view(job, limits.get(job.name)) for job in jobs],
    }


def _view(job: ScrapeJob, limit: SampleLimit | None) -> dict[str, Any]:
    """The job with its labels and values joined as a relabelling rule needs them."""
    return {
        "job": job,
        "limit": limit,
        "regex": ";".join(job.values),
        "params": dict(job.params),
        "tls": dict(job.tls),
    }
