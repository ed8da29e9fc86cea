"""Objectives in PromQL: what share of a workload's work failed within some time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring import promql
from manifestgen.monitoring.presets.web import unasked
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Availability, Custom, Latency, Slo
from manifestgen.spec.workloads import WorkloadBase

_HAS_HANDLERS: Final = "http_requests_total"
"""The counter of prometheus-fastapi-instrumentator, which knows what was asked for."""


class Counters(NamedTuple):
    """Selectors of two counters: of what fails, or where that is not counted of what is good, and of all."""

    part: str
    total: str
    part_is_good: bool


def slos_of(platform: ResolvedPlatform, workload: str) -> Mapping[str, Slo]:
    """The objectives of a workload, by name."""
    return {name: slo for name, slo in platform.spec.slos.items() if slo.workload == workload}


def counters_of(slo: Slo, workload: WorkloadBase, *, pods: str | None = None) -> Counters:
    """What an objective counts; ``pods`` is a regular expression for the pods that matter, left out all.

    Counters of the user's own may be those of an exporter, so of these all series count.
    """
    if slo.custom is not None:
        return _custom(slo.custom)
    matchers = [promql.matcher("job", [slo.workload])]
    if pods is not None:
        matchers.append(f"pod=~{promql.string(pods)}")
    if slo.latency is not None:
        return _latency(slo.latency, matchers)
    return _availability(slo.availability or Availability(), workload, matchers)


def error_ratio(counters: Counters, window: str) -> str:
    """The share that failed within ``window``; 0 where there was nothing to do, so it is always a number."""
    part, total = (f"sum(rate({series}[{window}]))" for series in (counters.part, counters.total))
    ratio = f"{part}\n  /\n({total} > 0)"
    if counters.part_is_good:
        ratio = f"1 -\n{ratio}"
    return f"{ratio}\n  or\nvector(0)"


def _custom(custom: Custom) -> Counters:
    return Counters(custom.errors, custom.total, part_is_good=False)


def _latency(latency: Latency, matchers: list[str]) -> Counters:
    """Python writes the edge of a whole second as 1.0, Go as 1."""
    edge = promql.number(parse_duration(latency.threshold))
    edges = [edge] if "." in edge else [edge, f"{edge}.0"]
    inner = ", ".join([*matchers, promql.matcher("le", edges)])
    everything = ", ".join(matchers)
    return Counters(
        f"{latency.histogram}_bucket{{{inner}}}",
        f"{latency.histogram}_count{{{everything}}}",
        part_is_good=True,
    )


def _availability(availability: Availability, workload: WorkloadBase, matchers: list[str]) -> Counters:
    paths = unasked(workload) if availability.counter == _HAS_HANDLERS else []
    if paths:
        matchers.append(promql.matcher("handler", paths, but=True))
    failed = [*matchers, f"{availability.label}=~{promql.string(availability.failures)}"]
    total = f"{availability.counter}{{{', '.join(matchers)}}}"
    return Counters(f"{availability.counter}{{{', '.join(failed)}}}", total, part_is_good=False)
