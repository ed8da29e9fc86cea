"""Ports: every port that is named is one of the workload's."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.workloads import Served, Web, Workload, WorkloadBase
from manifestgen.verify.spec.finding import Step, finding


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Ports of metrics."""
    for name, workload in platform.spec.workloads.items():
        yield from _listens(platform, name, workload)
        if workload.metrics is not None and workload.metrics.port not in workload.listens:
            path = ("workloads", name, "metrics", "port")
            yield _unknown(platform, path, "metrics-port", workload.metrics.port, workload)
        for index, port in enumerate(workload.peers):
            if port not in workload.listens:
                yield _unknown(platform, ("workloads", name, "peers", index), "peer-port", port, workload)


def served_ports(workload: Workload) -> dict[str, int]:
    """The ports of the workload's main Service; none where it has no such Service."""
    return workload.main_ports if isinstance(workload, Served) else {}


def _listens(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    if isinstance(workload, Web) and not workload.listens:
        message = "a workload of type web answers requests, but it has no port"
        advice = "add `ports: {http: 8000}`, or make it a worker"
        yield finding(platform, ("workloads", name, "ports"), "port-missing", message, advice)


def _unknown(
    platform: ResolvedPlatform, path: tuple[Step, ...], rule: str, port: str, workload: WorkloadBase
) -> Finding:
    hint = nearest_hint(port, workload.listens)
    return finding(platform, path, rule, f"workloads.{path[1]} has no port {port!r}", hint)
