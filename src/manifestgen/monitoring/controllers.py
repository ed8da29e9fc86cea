"""Which alerts a workload has, by what runs its pods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from manifestgen.facts.cron import longest_pause
from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring import promql
from manifestgen.monitoring.available import availability, is_rollout
from manifestgen.monitoring.presets.controllers import CRON_JOBS, DAEMONS, JOBS, STATEFUL
from manifestgen.monitoring.presets.kubernetes import WORKLOADS
from manifestgen.monitoring.rules import Preset, Subject
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import CronJob, Stateful
from manifestgen.spec.workloads import Scalable, Workload

_PRESETS: Final = {"stateful": STATEFUL, "daemon": DAEMONS, "job": JOBS, "cronjob": CRON_JOBS}
_MARGIN: Final = 3600
"""Seconds that a run may take or be late before it counts as missed."""


def subjects_of(
    workloads: Mapping[str, Workload], common: Mapping[str, str]
) -> dict[str, tuple[Subject, ...]]:
    """The workloads by the name of the preset that has their alerts."""
    found: dict[str, tuple[Subject, ...]] = {}
    for name, workload in workloads.items():
        preset: Preset = _PRESETS.get(workload.type, WORKLOADS)
        found[preset.name] = (*found.get(preset.name, ()), _subject(name, workload, common))
    return found


def fewest_of(workload: Workload) -> int:
    """The smallest number of pods that may run."""
    return workload.fewest if isinstance(workload, Scalable) else 1


def apart(platform: ResolvedPlatform) -> dict[str, str]:
    """Matchers that leave out, among all objects of the namespace, those that have alerts of their own."""
    of_type = {kind: [n for n, w in platform.spec.workloads.items() if w.type == kind] for kind in _PRESETS}
    jobs = [*of_type["job"], *(f"{name}-[0-9]+" for name in of_type["cronjob"])]
    return {
        "other_sets": _but("statefulset", of_type["stateful"]),
        "other_jobs": _but("job_name", jobs),
    }


def _but(label: str, patterns: list[str]) -> str:
    return f", {label}!~{promql.string('|'.join(patterns))}" if patterns else ""


def _subject(name: str, workload: Workload, common: Mapping[str, str]) -> Subject:
    fewest = fewest_of(workload)
    scaling = workload.autoscaling if isinstance(workload, Scalable) else None
    most = scaling.max if scaling else fewest
    values = {**common, "component": name, "fewest": str(fewest), "most": str(most)}
    if workload.type not in _PRESETS:
        values |= availability(common["namespace"], name, workload)
    if isinstance(workload, CronJob):
        values["patience"] = str(_patience(workload))
    return Subject(name, values, frozenset(_needless(workload, fewest, most)))


def _needless(workload: Workload, fewest: int, most: int) -> set[str]:
    """Alerts that make no sense for a workload."""
    without = set()
    if fewest == 0:
        without |= {"WorkloadDown", "StatefulDown"}
    if fewest <= 1:
        without |= {"WorkloadReplicasLow"}  # one pod that is missing is all of them
    if most <= 1:
        without |= {"StatefulReplicasLow"}
    if not (isinstance(workload, Scalable) and workload.autoscaling):
        without |= {"WorkloadAtMaximum", "StatefulAtMaximum"}
    if isinstance(workload, Stateful) and _leaves_pods_as_they_are(workload):
        without |= {"StatefulUpdateStuck"}
    if is_rollout(workload):
        without |= {"WorkloadRolloutStuck"}  # Argo Rollouts takes it back by itself
    return without


def _leaves_pods_as_they_are(workload: Stateful) -> bool:
    update = workload.update_strategy
    return update.type == "OnDelete" or bool(update.partition)


def _patience(workload: CronJob) -> int:
    """Seconds within which one of two runs must have succeeded."""
    takes = parse_duration(workload.active_deadline) if workload.active_deadline else 0
    return 2 * 60 * longest_pause(workload.schedule) + max(_MARGIN, round(takes))
