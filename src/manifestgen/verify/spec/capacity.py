"""Sizes: budgets that let nodes drain, autoscalers that can measure, pods that can stop in time."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from posixpath import normpath
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.workloads import Scalable, Workload
from manifestgen.verify.spec.finding import finding

_SLEEPS_SINCE: Final = 30
"""Minor version of Kubernetes from which a container may sleep before it is stopped (KEP-3960)."""


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Checks of each workload's figures against each other."""
    for name, workload in platform.spec.workloads.items():
        if isinstance(workload, Scalable):
            yield from _budget(platform, name, workload)
            yield from _scaling(platform, name, workload)
        yield from _stop(platform, name, workload)
        yield from _scratch(platform, name, workload)


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
        if getattr(scaling, resource) is not None and getattr(workload.resources.requests, resource) is None:
            message = f"it scales on {resource} in per cent of a request that is not there"
            path = ("workloads", name, "autoscaling", resource)
            yield finding(
                platform, path, "autoscaling-request", message, f"add resources.requests.{resource}"
            )


def _stop(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    stop = workload.stop
    path = ("workloads", name, "stop", "delay")
    version = platform.spec.cluster.kubernetes_version
    if stop.delay is not None and int(version.removeprefix("1.")) < _SLEEPS_SINCE:
        message = f"Kubernetes {version} cannot delay a stop; 1.{_SLEEPS_SINCE} and later can"
        yield finding(platform, path, "stop-delay", message, "remove it, or let the command wait")
    if stop.delay is not None and parse_duration(stop.delay) >= parse_duration(stop.period):
        message = (
            f"the delay of {stop.delay} uses up the period of {stop.period}: the pod would be killed at once"
        )
        yield finding(platform, path, "stop-delay", message, "make the period longer than the delay")


def _scratch(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for key, scratch in workload.scratch.items():
        place = normpath(scratch.path)
        if place in ("/", "//"):
            path = ("workloads", name, "scratch", key, "path")
            message = "a scratch folder at / would hide everything that is in the image"
            yield finding(platform, path, "scratch-root", message, "give the folder that must be written to")
        if place in seen:
            message = f"scratch {seen[place]} is mounted at {place}, too"
            path = ("workloads", name, "scratch", key, "path")
            yield finding(platform, path, "scratch-clash", message, "give each its own path")
        seen[place] = key
