"""Experiments: whom they are about is there long enough, and connects to what they are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from manifestgen.errors import Finding, Severity
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Experiment, Fail, Kill, Network
from manifestgen.spec.workloads import Scalable, Workload
from manifestgen.verify.spec.finding import Step, finding

_BRIEF: Final = ("job", "cronjob")


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Findings on all experiments that are written down."""
    chaos = platform.spec.chaos
    for name, experiment in chaos.experiments.items() if chaos is not None else ():
        path = ("chaos", "experiments", name)
        workload = platform.spec.workloads.get(experiment.workload)
        if workload is None:
            hint = nearest_hint(experiment.workload, platform.spec.workloads)
            message = f"there is no workload {experiment.workload!r}"
            yield finding(platform, (*path, "workload"), "chaos-workload", message, hint)
        elif workload.type in _BRIEF:
            message = (
                f"{experiment.workload} runs for a while only: there is nothing to break most of the time"
            )
            advice = "take a workload that runs on"
            yield finding(platform, (*path, "workload"), "chaos-workload", message, advice)
        else:
            yield from _target(platform, path, experiment, workload)
            yield from _last_pod(platform, path, experiment, workload)


def _target(
    platform: ResolvedPlatform, path: tuple[Step, ...], experiment: Experiment, workload: Workload
) -> Iterator[Finding]:
    to = experiment.to if isinstance(experiment, Network) else None
    if to is not None and to not in workload.connects:
        message = f"{experiment.workload} does not connect to {to!r}, so nothing would happen"
        advice = nearest_hint(to, workload.connects) if workload.connects else "remove `to`"
        yield finding(platform, (*path, "to"), "chaos-target", message, advice)


def _last_pod(
    platform: ResolvedPlatform, path: tuple[Step, ...], experiment: Experiment, workload: Workload
) -> Iterator[Finding]:
    takes_pods = isinstance(experiment, Kill | Fail)
    if not takes_pods or not isinstance(workload, Scalable):
        return
    if workload.fewest <= 1 or experiment.share == 100:
        message = f"no pod of {experiment.workload} may be left: that is an outage, and shows nothing new"
        advice = "run two pods at the least, or break less than all"
        place = "share" if experiment.share == 100 else "workload"
        found = finding(platform, (*path, place), "chaos-outage", message, advice)
        yield replace(found, severity=Severity.WARNING)
