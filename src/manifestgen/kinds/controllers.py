"""What runs the pods of a workload: the controller of its type, and how it keeps and replaces them."""

from __future__ import annotations

from typing import Any, NamedTuple

from manifestgen.facts import conventions as names
from manifestgen.kinds.pods import pod_context
from manifestgen.kinds.views import Owner, View, present, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import (
    Batch,
    ClaimTemplate,
    CronJob,
    Daemon,
    DaemonUpdate,
    Job,
    PodFailure,
    Stateful,
    StatefulUpdate,
)
from manifestgen.spec.workloads import Deployed, LongRunning, Replicated, Scheduler, Workload


class Controller(NamedTuple):
    """The kind of object that runs the pods; autoscalers name it."""

    api_version: str
    kind: str


_DEPLOYMENT = Controller("apps/v1", "Deployment")
_CONTROLLERS = {
    "stateful": Controller("apps/v1", "StatefulSet"),
    "daemon": Controller("apps/v1", "DaemonSet"),
    "job": Controller("batch/v1", "Job"),
    "cronjob": Controller("batch/v1", "CronJob"),
}
_EVERY_RELEASE = {
    "argocd.argoproj.io/hook": "Sync",
    "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    "helm.sh/hook": "post-install,post-upgrade",
    "helm.sh/hook-delete-policy": "before-hook-creation",
    "kustomize.toolkit.fluxcd.io/force": "enabled",
}
"""Who applies a Job again deletes the last one before; Argo CD takes its own hooks, and Helm's no longer."""


def controller_of(workload: Workload) -> Controller:
    """What runs the pods of the workload."""
    return _CONTROLLERS.get(workload.type, _DEPLOYMENT)


def controller_view(platform: ResolvedPlatform, owner: Owner, workload: Workload) -> View:
    """The object that runs the pods of the workload."""
    pod = pod_context(platform, owner, workload)
    common: dict[str, Any] = {"description": workload.description, "pod": pod}
    match workload:
        case Job():
            return owner.view(
                "job",
                annotations=_EVERY_RELEASE if workload.rerun == "everyRelease" else {},
                job=_job(workload, suspend=workload.suspend),
                **common,
            )
        case CronJob():
            return owner.view("cron-job", cron=_cron(workload), job=_job(workload), **common)
        case Daemon():
            update = _daemon_update(workload.update_strategy)
            return owner.view("daemon-set", update=update, **_kept(owner, workload), **common)
        case Stateful():
            return owner.view(
                "stateful-set", **_stateful(owner, workload), **_kept(owner, workload), **common
            )
        case _:
            return owner.view("deployment", **_deployment(workload), **_kept(owner, workload), **common)


def _kept(owner: Owner, workload: LongRunning) -> dict[str, Any]:
    """What all controllers of pods that run on have in common."""
    return {
        "selector": owner.selector,
        "history": workload.revision_history_limit,
        "min_ready": _seconds(workload.min_ready),
    }


def _deployment(workload: Deployed) -> dict[str, Any]:
    return {
        "replicas": workload.replicas if isinstance(workload, Replicated) else 1,
        "recreate": isinstance(workload, Scheduler) or _is_recreated(workload),
        "update": workload.update if isinstance(workload, Replicated) else None,
        "progress_deadline": _seconds(workload.progress_deadline),
    }


def _is_recreated(workload: Deployed) -> bool:
    return isinstance(workload, Replicated) and workload.strategy == "recreate"


def _stateful(owner: Owner, workload: Stateful) -> dict[str, Any]:
    retention = workload.persistent_volume_claim_retention_policy
    return {
        "replicas": workload.replicas,
        "service": names.service(owner.name, workload.governing_service),
        "pod_management": workload.pod_management,
        "first_ordinal": workload.ordinals.start if workload.ordinals else None,
        "update": _stateful_update(workload.update_strategy),
        "retention": {"whenDeleted": retention.when_deleted, "whenScaled": retention.when_scaled}
        if retention
        else None,
        "claims": [_claim(name, claim) for name, claim in workload.storage.items()],
    }


def _claim(name: str, claim: ClaimTemplate) -> dict[str, Any]:
    return {
        "metadata": {"name": name, **({"labels": claim.labels} if claim.labels else {})},
        "spec": {
            "accessModes": claim.access_modes,
            **present(storageClassName=claim.storage_class),
            "resources": {"requests": {"storage": claim.size}},
        },
    }


def _daemon_update(update: DaemonUpdate) -> dict[str, Any]:
    if update.type == "OnDelete":
        return {"type": "OnDelete"}
    if update.max_surge in (None, 0, "0%"):
        unavailable = 1 if update.max_unavailable is None else update.max_unavailable
        return {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": unavailable}}
    return {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": update.max_surge, "maxUnavailable": 0},
    }


def _stateful_update(update: StatefulUpdate) -> dict[str, Any]:
    rolling = present(partition=update.partition, maxUnavailable=update.max_unavailable)
    return {"type": update.type, **({"rollingUpdate": rolling} if rolling else {})}


def _cron(workload: CronJob) -> dict[str, Any]:
    return {
        "schedule": workload.schedule,
        **present(timeZone=workload.time_zone),
        "concurrencyPolicy": workload.concurrency_policy,
        **present(startingDeadlineSeconds=_seconds(workload.starting_deadline)),
        "suspend": workload.suspend,
        "successfulJobsHistoryLimit": workload.successful_jobs_history_limit,
        "failedJobsHistoryLimit": workload.failed_jobs_history_limit,
    }


def _job(batch: Batch, *, suspend: bool = False) -> dict[str, Any]:
    """The fields of a Job beside its pods."""
    rules = [_failure(rule) for rule in batch.pod_failure_policy.values()]
    return present(
        suspend=True if suspend else None,
        completions=batch.completions,
        parallelism=batch.parallelism,
        completionMode=batch.completion_mode if batch.completion_mode == "Indexed" else None,
        backoffLimit=batch.backoff_limit,
        backoffLimitPerIndex=batch.backoff_limit_per_index,
        maxFailedIndexes=batch.max_failed_indexes,
        podFailurePolicy={"rules": rules} if rules else None,
        podReplacementPolicy=batch.pod_replacement_policy,
        activeDeadlineSeconds=_seconds(batch.active_deadline),
        ttlSecondsAfterFinished=_seconds(batch.ttl_after_finished),
    )


def _failure(rule: PodFailure) -> dict[str, Any]:
    """A rule of a policy; Kubernetes wants the codes in order."""
    if rule.pod_conditions:
        conditions = [{"type": kind, "status": "True"} for kind in rule.pod_conditions]
        return {"action": rule.action, "onPodConditions": conditions}
    operator, codes = ("In", rule.exit_codes) if rule.exit_codes else ("NotIn", rule.exit_codes_except)
    return {"action": rule.action, "onExitCodes": {"operator": operator, "values": sorted(set(codes))}}


def _seconds(duration: str | None) -> int | None:
    return None if duration is None else seconds(duration)
