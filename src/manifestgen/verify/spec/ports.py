"""Ports: every port that is named is one of the workload's."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.workloads import Served, Service, Web, Workload, WorkloadBase
from manifestgen.verify.spec.finding import Step, finding


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Ports of metrics, Services and routes."""
    for name, workload in platform.spec.workloads.items():
        yield from _listens(platform, name, workload)
        if workload.metrics is not None and workload.metrics.port not in workload.listens:
            path = ("workloads", name, "metrics", "port")
            yield _unknown(platform, path, "metrics-port", workload.metrics.port, workload)
        for index, port in enumerate(workload.peers):
            if port not in workload.listens:
                yield _unknown(platform, ("workloads", name, "peers", index), "peer-port", port, workload)
        if isinstance(workload, Served):
            for key, service in workload.services.items():
                yield from _service(platform, ("workloads", name, "services", key), workload, service)
    yield from _routes(platform)


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
    return finding(
        platform, path, rule, f"workloads.{path[1]} has no port {port!r}", hint, on_key=rule == "service-port"
    )


def _service(
    platform: ResolvedPlatform, path: tuple[str, ...], workload: Served, service: Service
) -> Iterator[Finding]:
    numbers: dict[tuple[int, str], str] = {}
    for port, number in service.ports.items():
        place = (*path, "ports", port)
        target = workload.listens.get(port)
        if target is None:
            yield _unknown(platform, place, "service-port", port, workload)
        key = (number, target.protocol if target is not None else "TCP")
        if key in numbers:
            message = f"ports {numbers[key]} and {port} of the Service are both {number}"
            yield finding(platform, place, "port-clash", message, "give each its own number")
        numbers[key] = port
    for field, value, kind in (
        ("allowFrom", service.allow_from, "LoadBalancer"),
        ("externalTrafficPolicy", service.external_traffic_policy, "LoadBalancer"),
        ("publishNotReady", service.publish_not_ready, "Headless"),
    ):
        if value and service.type != kind:
            message = f"a Service of type {service.type} has no {field}"
            yield finding(
                platform,
                (*path, field),
                "service-field",
                message,
                f"use type: {kind}, or remove it",
                on_key=True,
            )


def _routes(platform: ResolvedPlatform) -> Iterator[Finding]:
    for name, route in platform.spec.routes.items():
        workload = platform.spec.workloads.get(route.workload)
        if not isinstance(workload, Served):
            continue  # a finding of its own
        served = served_ports(workload)
        if route.port not in served:
            message = f"the main Service of workloads.{route.workload} has no port {route.port!r}"
            yield finding(
                platform, ("routes", name, "port"), "route-port", message, nearest_hint(route.port, served)
            )
