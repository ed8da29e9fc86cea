"""The workloads to a deployment: what is waited for, what is tried out, what writes to a database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from manifestgen.facts.quantities import parse_duration
from manifestgen.kinds.controllers import controller_of
from manifestgen.kube.objects import Inventory
from manifestgen.monitoring.slos import slos_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import CronJob, Daemon, Job
from manifestgen.spec.rollout import Rollout
from manifestgen.spec.workloads import Replicated

_MANUAL_PAUSE: Final = 3600
"""Seconds that somebody has, to say that a version shall go on."""
_ROLLOUTS: Final = "rollouts.argoproj.io"


class Tried(NamedTuple):
    """A workload that Argo Rollouts brings out.

    ``promotion`` is what it waits for: ``itself``, ``measured`` for objectives that hold, ``ask`` for people.
    """

    name: str
    strategy: str
    promotion: str
    limit: int
    slos: tuple[str, ...]


def rollouts_of(platform: ResolvedPlatform) -> list[Tried]:
    """The workloads that are tried out, in the order of the spec."""
    return [
        _tried(platform, name, workload)
        for name, workload in platform.spec.workloads.items()
        if isinstance(workload, Replicated) and workload.is_progressive
    ]


def _tried(platform: ResolvedPlatform, name: str, workload: Replicated) -> Tried:
    details = workload.rollout or Rollout()
    own = tuple(slos_of(platform, name)) if details.analysis is None else tuple(details.analysis)
    if workload.strategy == "blue-green":
        waits = not details.auto_promote and details.auto_promote_after is None
        return Tried(name, workload.strategy, "ask" if waits else "itself", _limit(details, 1), own)
    judged = "measured" if own else "ask"
    promotion = judged if details.pause == "manual" else "itself"
    return Tried(name, workload.strategy, promotion, _limit(details, len(details.steps)), own)


def _limit(details: Rollout, steps: int) -> int:
    """Seconds within which the last pod of the new version has to be in use, if all goes well."""
    look = details.measurement
    pause = _MANUAL_PAUSE if details.pause == "manual" else parse_duration(details.pause)
    if not details.auto_promote:
        pause = _MANUAL_PAUSE
    step = pause + parse_duration(look.interval) * look.count + parse_duration(details.progress_deadline)
    return round(steps * step)


def controllers_of(platform: ResolvedPlatform) -> list[str]:
    """What ``kubectl rollout status`` waits for."""
    return [
        _reference(platform, name)
        for name, workload in platform.spec.workloads.items()
        if not isinstance(workload, Job | CronJob) and not _is_progressive(platform, name)
    ]


def _is_progressive(platform: ResolvedPlatform, name: str) -> bool:
    workload = platform.spec.workloads[name]
    return isinstance(workload, Replicated) and workload.is_progressive


def _reference(platform: ResolvedPlatform, name: str) -> str:
    if _is_progressive(platform, name):
        return f"{_ROLLOUTS}/{name}"
    return f"{controller_of(platform.spec.workloads[name]).kind.lower()}/{name}"


def writers_of(platform: ResolvedPlatform, inventory: Inventory, backups: list[str]) -> dict[str, Any]:
    """What writes to the databases of the backups, and what would start it while they are restored."""
    databases = {platform.spec.backups[name].datastore for name in backups}
    writing = list(_writing(platform, databases))
    kinds = {name: platform.spec.workloads[name] for name in writing}
    running = [name for name, one in kinds.items() if not isinstance(one, Job | CronJob | Daemon)]
    scaled = {
        made.component: id_.name for id_, made in inventory.objects.items() if id_.kind == "ScaledObject"
    }
    names = ",".join(name for name, one in kinds.items() if not isinstance(one, Daemon))
    return {
        "controllers": [_reference(platform, name) for name in running],
        "scalers": [scaled[name] for name in running if name in scaled],
        "cronjobs": [name for name, one in kinds.items() if isinstance(one, CronJob)],
        "pods": f"app.kubernetes.io/part-of={platform.name},app.kubernetes.io/name in ({names})",
    }


def _writing(platform: ResolvedPlatform, databases: set[str]) -> Iterator[str]:
    for name, workload in platform.spec.workloads.items():
        if name not in platform.spec.backups and databases & set(workload.connects):
            yield name
