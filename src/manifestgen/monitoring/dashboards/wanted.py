"""Which dashboards the spec wants, and where they belong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.monitoring.findings import finding_at
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.datasources import PrometheusSource
from manifestgen.spec.late import Dashboards
from manifestgen.spec.workloads import Workload


class Home(NamedTuple):
    """Where dashboards belong: the platform, its environment, and the data source they start with."""

    platform: str
    environment: str | None
    source: str
    source_title: str


def settings_of(platform: ResolvedPlatform) -> Dashboards | None:
    """What the spec says about dashboards; None when there shall be none."""
    monitoring = platform.spec.monitoring
    settings, has_grafana = monitoring.dashboards, monitoring.stack.grafana.enabled
    if settings is None:
        return Dashboards() if has_grafana else None
    return settings if (has_grafana if settings.enabled is None else settings.enabled) else None


def home_of(platform: ResolvedPlatform) -> Home:
    """Where its dashboards belong; without a data source of Prometheus, with Grafana's default one."""
    sources = platform.spec.monitoring.datasources.items()
    found = [(uid, one) for uid, one in sources if isinstance(one, PrometheusSource)]
    uid, title = "default", "default"
    if found:
        uid, source = min(found, key=lambda pair: not pair[1].default)
        title = source.title
    return Home(platform.name, platform.environment, uid, title)


def wanted_workloads(platform: ResolvedPlatform) -> Mapping[str, Workload]:
    """The workloads that shall have a dashboard of their own."""
    settings = settings_of(platform)
    names = settings.workloads if settings else []
    workloads = platform.spec.workloads
    return workloads if names is None else {name: workloads[name] for name in names if name in workloads}


def dashboard_findings(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Workloads that shall have a dashboard and do not exist."""
    dashboards = platform.spec.monitoring.dashboards
    for index, name in enumerate((dashboards.workloads if dashboards else None) or ()):
        if name not in platform.spec.workloads:
            yield finding_at(
                platform,
                ("monitoring", "dashboards", "workloads", index),
                rule="dashboard-workload",
                message=f"{name!r} is no workload",
                advice=nearest_hint(name, platform.spec.workloads),
            )
