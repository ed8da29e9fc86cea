"""Sizes: budgets that let nodes drain, autoscalers that can measure, pods that can stop in time."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from manifestgen.errors import Finding
from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.containers import Container
from manifestgen.spec.probes import Hook
from manifestgen.spec.workloads import Scalable, Workload
from manifestgen.verify.spec.finding import finding


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Checks of each workload's figures against each other."""
    for name, workload in platform.spec.workloads.items():
        if isinstance(workload, Scalable):
            yield from _budget(platform, name, workload)
            yield from _scaling(platform, name, workload)
        yield from _stop(platform, name, workload)


def _budget(platform: ResolvedPlatform, name: str, workload: Scalable) -> Iterator[Finding]:
    """Kubernetes rounds a share of the pods up, for both figures (disruption controller)."""
    budget = workload.disruption_budget
    if budget is None:
        return
    if budget.max_unavailable is not None:
        field, blocks = "maxUnavailable", budget.max_unavailable in (0, "0%")
    else:
        wanted = budget.min_available
        kept = wanted if isinstance(wanted, int) else ceil(int((wanted or "0%")[:-1]) * workload.fewest / 100)
        field, blocks = "minAvailable", workload.fewest > 0 and kept >= workload.fewest
    if blocks:
        pods = f"{workload.fewest} pods" if workload.fewest > 1 else "one pod"
        message = f"with {pods} none may ever be evicted, so no node can be drained"
        path = ("workloads", name, "disruptionBudget", field)
        yield finding(platform, path, "disruption-blocks", message, "use maxUnavailable: 1, or run more pods")


def _scaling(platform: ResolvedPlatform, name: str, workload: Scalable) -> Iterator[Finding]:
    scaling = workload.autoscaling
    if scaling is None:
        return
    for resource in ("cpu", "memory"):
        is_share = isinstance(getattr(scaling, resource), int)
        if is_share and getattr(workload.resources.requests, resource) is None:
            message = f"it scales on {resource} in per cent of a request that is not there"
            path = ("workloads", name, "autoscaling", resource)
            yield finding(
                platform, path, "autoscaling-request", message, f"add resources.requests.{resource}"
            )


def _stop(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    """What is done before the signal leaves time for the stop itself."""
    period = workload.stop.period
    for path, wait in _waits_before_stop(name, workload):
        if parse_duration(wait) >= parse_duration(period):
            message = f"the delay of {wait} uses up the period of {period}: the pod would be killed at once"
            yield finding(platform, path, "stop-delay", message, "make the period longer than the delay")


def _waits_before_stop(name: str, workload: Workload) -> Iterator[tuple[tuple[str, ...], str]]:
    place = ("workloads", name)
    if workload.stop.delay is not None:
        yield (*place, "stop", "delay"), workload.stop.delay
    hooks: dict[tuple[str, ...], Hook | None] = {(): workload.lifecycle.pre_stop}
    hooks |= {
        step: other.lifecycle.pre_stop
        for step, other in workload.others.items()
        if isinstance(other, Container)
    }
    for step, hook in hooks.items():
        if hook is not None and hook.sleep is not None:
            yield (*place, *step, "lifecycle", "preStop", "sleep"), hook.sleep
