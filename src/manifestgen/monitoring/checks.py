"""What only the monitoring targets can know to be wrong in a spec."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.facts.metrics import series_type
from manifestgen.facts.nearest import nearest_hint
from manifestgen.monitoring.dashboards.wanted import dashboard_findings
from manifestgen.monitoring.findings import finding_at
from manifestgen.monitoring.jobs import jobs_of, scraped_workloads
from manifestgen.monitoring.rulebook import alert_findings
from manifestgen.monitoring.versions import version_findings
from manifestgen.resolving.model import ResolvedPlatform


def check_monitoring(platform: ResolvedPlatform) -> list[Finding]:
    """All that keeps the monitoring of ``platform`` from being made; empty when it is sound."""
    wrong = list(alert_findings(platform))
    return [
        *_clashing_jobs(platform),
        *_unknown_jobs(platform),
        *wrong,
        *([] if wrong else version_findings(platform)),
        *_wrong_routes(platform),
        *_unknown_workloads(platform),
        *_unknown_datastores(platform),
        *dashboard_findings(platform),
        *_taken_metrics(platform),
    ]


def _wrong_routes(platform: ResolvedPlatform) -> Iterator[Finding]:
    if platform.spec.alerting is not None:
        from manifestgen.monitoring.alertmanager.checks import route_findings

        yield from route_findings(platform, platform.spec.alerting)


def _clashing_jobs(platform: ResolvedPlatform) -> Iterator[Finding]:
    seen: set[str] = set()
    for job in jobs_of(platform):
        if job.name in seen:
            yield finding_at(
                platform,
                _place_of(platform, job.name),
                rule="scrape-job-clash",
                message=f"two scrape jobs are called {job.name}",
                advice="rename this one; the monitoring of the cluster or of another service has that name",
            )
        seen.add(job.name)


def _unknown_jobs(platform: ResolvedPlatform) -> Iterator[Finding]:
    cardinality = platform.spec.monitoring.cardinality
    if cardinality is None or not cardinality.limits:
        return
    known = [job.name for job in jobs_of(platform)]
    for name in cardinality.limits:
        if name not in known:
            yield finding_at(
                platform,
                ("monitoring", "cardinality", "limits", name),
                rule="scrape-job-unknown",
                message=f"there is no scrape job {name}",
                advice=nearest_hint(name, known),
            )


def _place_of(platform: ResolvedPlatform, job: str) -> tuple[str, ...]:
    """What in the spec gives ``job`` its name."""
    if job in platform.spec.monitoring.targets:
        return ("monitoring", "targets", job)
    section = "workloads" if job in platform.spec.workloads else "datastores"
    return (section, job)


def _unknown_workloads(platform: ResolvedPlatform) -> Iterator[Finding]:
    known = scraped_workloads(platform)
    exporter = platform.spec.monitoring.stack.celery_exporter.workload
    if exporter is not None and exporter not in known:
        yield _unknown_workload(platform, ("stack", "celeryExporter", "workload"), exporter)
    for name, metric in platform.spec.monitoring.business.items():
        if metric.workload not in known:
            yield _unknown_workload(platform, ("business", name, "workload"), metric.workload)


def _unknown_workload(platform: ResolvedPlatform, path: tuple[str, ...], name: str) -> Finding:
    return finding_at(
        platform,
        ("monitoring", *path),
        rule="monitored-workload",
        message=f"{name!r} is no workload with metrics",
        advice=f"workloads with `metrics`: {', '.join(scraped_workloads(platform)) or 'none'}",
    )


def _taken_metrics(platform: ResolvedPlatform) -> Iterator[Finding]:
    for name in platform.spec.monitoring.business:
        if series_type(name) is not None:
            yield finding_at(
                platform,
                ("monitoring", "business", name),
                rule="business-metric",
                message=f"{name} is a metric of an exporter, not a figure of the business",
                advice="give it a prefix of its own, e.g. app_",
            )


def _unknown_datastores(platform: ResolvedPlatform) -> Iterator[Finding]:
    known = [name for name, store in platform.spec.datastores.items() if store.type == "postgresql"]
    for name, source in platform.spec.monitoring.datasources.items():
        if source.type == "postgresql" and source.datastore not in known:
            yield finding_at(
                platform,
                ("monitoring", "datasources", name, "datastore"),
                rule="datasource-datastore",
                message=f"{source.datastore!r} is no data service of type postgresql",
                advice=f"known: {', '.join(known) or 'none'}",
            )
