"""Prometheus: what it scrapes, its recording rules and its alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.errors import ManifestgenError
from manifestgen.monitoring.cardinality import SampleLimit, limits_of
from manifestgen.monitoring.checks import check_monitoring
from manifestgen.monitoring.external import external_labels
from manifestgen.monitoring.jobs import ScrapeJob, jobs_of
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Group
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.targets.monitoring.place import file, files

TARGET: Final = "prometheus"


def render_prometheus(platform: ResolvedPlatform, renderer: Renderer) -> list[Artifact]:
    """``prometheus.yml`` for one environment, and a file for each group of its rules.

    Raises ManifestgenError with every finding of ``check_monitoring``.
    """
    findings = check_monitoring(platform)
    if findings:
        raise ManifestgenError(findings)
    groups = groups_of(platform)
    return [
        *files(platform, renderer, TARGET, {"prometheus.yml": _server(platform)}),
        *_rules(platform, groups, renderer),
    ]


def _rules(platform: ResolvedPlatform, groups: Sequence[Group], renderer: Renderer) -> Iterator[Artifact]:
    """One file for each group, named like it: a test loads those alone that it is about."""
    for group in groups:
        for kind, rules in (("records", group.records), ("alerts", group.alerts)):
            if rules:
                name = f"{TARGET}/rules/{group.name}.{kind}.yml"
                yield file(platform, renderer, name, f"{TARGET}/{kind}.yml", {"group": group})


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
