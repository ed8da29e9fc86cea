"""Controllers: fields that the cluster's version of Kubernetes has, and names that leave room for numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts.names import MAX_LABEL
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.base import camel_case
from manifestgen.spec.late import CronJob, Job
from manifestgen.spec.workloads import Workload
from manifestgen.verify.spec.finding import finding

_SINCE: Final = {
    ("ordinals",): 27,
    ("persistent_volume_claim_retention_policy",): 27,
    ("update_strategy", "max_unavailable"): 35,
    ("backoff_limit_per_index",): 29,
    ("max_failed_indexes",): 29,
    ("pod_failure_policy",): 26,
    ("pod_replacement_policy",): 29,
}
"""Minor version of Kubernetes from which a field is there for everybody (beta and on, or stable)."""
_ALWAYS: Final = {("daemon", "update_strategy", "max_unavailable")}
"""Fields of one type that an entry above is not about."""
_DIGITS_OF_A_CRON_JOB: Final = 11
"""What a CronJob adds to its name for each Job: a hyphen and the time in minutes."""


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Checks of what is particular to a type of workload."""
    for name, workload in platform.spec.workloads.items():
        yield from _versions(platform, name, workload)
        if isinstance(workload, Job | CronJob):
            yield from _indexes(platform, name, workload)


def _versions(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    version = platform.spec.cluster.kubernetes_version
    minor = int(version.removeprefix("1."))
    for steps, since in _SINCE.items():
        if minor < since and (workload.type, *steps) not in _ALWAYS and _given(workload, steps):
            path = tuple(map(camel_case, steps))
            message = f"Kubernetes {version} has no such field; 1.{since} and later have"
            yield finding(
                platform, ("workloads", name, *path), "kubernetes-feature", message, "remove it", on_key=True
            )


def _given(value: Any, steps: tuple[str, ...]) -> bool:
    for step in steps:
        value = getattr(value, step, None)
    return value not in (None, {})


def _indexes(platform: ResolvedPlatform, name: str, workload: Job | CronJob) -> Iterator[Finding]:
    """Each pod of an indexed Job has a host name: that of the Job, and its index."""
    if workload.completion_mode != "Indexed" or workload.completions is None:
        return
    made = name if isinstance(workload, Job) else name + "-" + "0" * (_DIGITS_OF_A_CRON_JOB - 1)
    pod = f"{made}-{workload.completions - 1}"
    if len(pod) > MAX_LABEL:
        message = f"its pods have host names such as {pod}, of {len(pod)} characters"
        advice = f"at most {MAX_LABEL} are allowed"
        yield finding(platform, ("workloads", name), "name-length", message, advice, on_key=True)
