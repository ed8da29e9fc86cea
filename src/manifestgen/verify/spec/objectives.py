"""Objectives and rollouts: what is measured is measured by somebody, and what is switched can be switched."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.facts.metrics import series_type
from manifestgen.facts.nearest import nearest_hint
from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Slo
from manifestgen.spec.rollout import Rollout
from manifestgen.spec.workloads import Replicated, Served
from manifestgen.verify.spec.finding import Step, finding

_SCRAPES = 4
"""Rates over fewer scrapes than that are empty now and then."""


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """All objectives, and all workloads that Argo Rollouts brings out."""
    for name, slo in platform.spec.slos.items():
        yield from _workload(platform, name, slo)
        yield from _metrics(platform, name, slo)
        yield from _retention(platform, name, slo)
    for name, workload in platform.spec.workloads.items():
        if isinstance(workload, Replicated) and workload.is_progressive:
            yield from _analysis(platform, name, workload.rollout or Rollout())
            if workload.strategy == "blue-green" and isinstance(workload, Served):
                yield from _services(platform, name, workload)


def _workload(platform: ResolvedPlatform, name: str, slo: Slo) -> Iterator[Finding]:
    path = ("slos", name, "workload")
    workload = platform.spec.workloads.get(slo.workload)
    if workload is None:
        hint = nearest_hint(slo.workload, platform.spec.workloads)
        yield finding(platform, path, "slo-workload", f"there is no workload {slo.workload!r}", hint)
    elif workload.metrics is None and slo.custom is None:
        message = f"{slo.workload!r} is no workload with metrics"
        advice = f"add workloads.{slo.workload}.metrics, or measure something else by `custom`"
        yield finding(platform, path, "monitored-workload", message, advice)


def _metrics(platform: ResolvedPlatform, name: str, slo: Slo) -> Iterator[Finding]:
    business = platform.spec.monitoring.business
    for place, metric in _counters(slo):
        declared = metric in business and business[metric].type == "counter"
        if not declared and series_type(metric) not in ("counter", "untyped"):
            kind = "no counter" if metric in business or series_type(metric) else "no metric that we know"
            yield finding(
                platform,
                ("slos", name, *place),
                "slo-metric",
                f"{metric} is {kind}",
                f"correct the name, or declare it: monitoring.business.{metric}, with type: counter",
            )


def _retention(platform: ResolvedPlatform, name: str, slo: Slo) -> Iterator[Finding]:
    kept = platform.spec.monitoring.retention
    if parse_duration(slo.window) > parse_duration(kept):
        message = f"it counts over {slo.window}, but Prometheus keeps its figures for {kept}"
        advice = f"raise monitoring.retention to {slo.window}, or make the window shorter"
        yield finding(platform, ("slos", name, "window"), "slo-window", message, advice)


def _counters(slo: Slo) -> Iterator[tuple[tuple[Step, ...], str]]:
    """The counters that an objective names, and where; a histogram with buckets is declared by them."""
    if slo.availability is not None:
        yield ("availability", "counter"), slo.availability.counter
    if slo.custom is not None:
        for key, series in (("errors", slo.custom.errors), ("total", slo.custom.total)):
            yield ("custom", key), series.partition("{")[0]


def _analysis(platform: ResolvedPlatform, name: str, details: Rollout) -> Iterator[Finding]:
    path = ("workloads", name, "rollout")
    own = [key for key, slo in platform.spec.slos.items() if slo.workload == name]
    for index, wanted in enumerate(details.analysis or ()):
        if wanted not in own:
            message = (
                f"{wanted!r} is an objective of {platform.spec.slos[wanted].workload}, not of {name}"
                if wanted in platform.spec.slos
                else f"there is no objective {wanted!r}"
            )
            hint = nearest_hint(wanted, own)
            yield finding(platform, (*path, "analysis", index), "slo-unknown", message, hint)
    analysed = own if details.analysis is None else details.analysis
    if analysed and platform.spec.monitoring.prometheus_url is None:
        message = "there is no Prometheus that the analysis could ask"
        advice = "add a data source of type prometheus under monitoring.datasources"
        yield finding(platform, ("workloads", name, "strategy"), "prometheus-missing", message, advice)
    window, interval = details.measurement.window, platform.spec.monitoring.scrape_interval
    if parse_duration(window) < _SCRAPES * parse_duration(interval):
        message = f"{window} holds fewer than {_SCRAPES} scrapes, one every {interval}"
        place = (*path, "measurement", "window")
        yield finding(platform, place, "rollout-measurement", message, "make it longer, e.g. 5m")


def _services(platform: ResolvedPlatform, name: str, workload: Served) -> Iterator[Finding]:
    path = ("workloads", name)
    if not workload.main_ports:
        message = "blue-green switches the main Service over, and there is none"
        yield finding(platform, (*path, "strategy"), "rollout-service", message, "add `services: {main: …}`")
    for key, service in workload.services.items():
        if key != "main" and service.type != "Headless":
            message = f"the Service {key} leads to the old and the new version at once: only main is switched"
            advice = "use main for it, or strategy: canary"
            yield finding(platform, (*path, "services", key), "rollout-service", message, advice, on_key=True)
