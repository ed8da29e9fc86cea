"""Autoscalers: what they follow is there, and the cluster's version knows what they are told."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import (
    Authentication,
    PostgreSQL,
    PostgreSQLCluster,
    PostgresqlTrigger,
    PrometheusTrigger,
    Redis,
    RedisPlace,
    Trigger,
    TriggerBase,
)
from manifestgen.spec.scaling import Autoscaling
from manifestgen.spec.vertical import VerticalAutoscaling
from manifestgen.spec.workloads import Scalable, Workload
from manifestgen.verify.spec.finding import Step, finding

_CONTAINER_METRICS: Final = 30
_TOLERANCE: Final = 35
_IN_PLACE: Final = 33
"""Minor versions of Kubernetes that have these without a feature gate (KEP-1610, KEP-4951, KEP-1287)."""


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """All autoscalers of the spec."""
    for name, workload in platform.spec.workloads.items():
        path = ("workloads", name)
        if isinstance(workload, Scalable) and workload.autoscaling is not None:
            scaling = workload.autoscaling
            yield from _versions(platform, (*path, "autoscaling"), scaling)
            for key, trigger in scaling.triggers.items():
                below = (*path, "autoscaling", "triggers", key)
                yield from _trigger(platform, below, trigger, workload)
        yield from _vertical(platform, (*path, "verticalAutoscaling"), workload)


def _minor(platform: ResolvedPlatform) -> int:
    return int(platform.spec.cluster.kubernetes_version.removeprefix("1."))


def _too_old(platform: ResolvedPlatform, path: tuple[Step, ...], what: str, since: int) -> Iterator[Finding]:
    if _minor(platform) < since:
        version = platform.spec.cluster.kubernetes_version
        message = f"Kubernetes {version} has no {what}; 1.{since} and later have"
        yield finding(platform, path, "autoscaling-version", message, "remove it", on_key=True)


def _versions(platform: ResolvedPlatform, path: tuple[Step, ...], scaling: Autoscaling) -> Iterator[Finding]:
    if scaling.containers:
        yield from _too_old(
            platform, (*path, "containers"), "autoscaling by single containers", _CONTAINER_METRICS
        )
    for key, rules in (("scaleUp", scaling.behavior.scale_up), ("scaleDown", scaling.behavior.scale_down)):
        if rules is not None and rules.tolerance is not None:
            below = (*path, "behavior", key, "tolerance")
            yield from _too_old(platform, below, "tolerance of autoscalers", _TOLERANCE)


def _vertical(platform: ResolvedPlatform, path: tuple[Step, ...], workload: Workload) -> Iterator[Finding]:
    given = workload.vertical_autoscaling
    if given == "in-place":
        yield from _too_old(platform, path, "requests that change in place", _IN_PLACE)
    elif isinstance(given, VerticalAutoscaling) and given.mode == "in-place":
        yield from _too_old(platform, (*path, "mode"), "requests that change in place", _IN_PLACE)


def _trigger(
    platform: ResolvedPlatform, path: tuple[Step, ...], trigger: Trigger, workload: Workload
) -> Iterator[Finding]:
    if isinstance(trigger, RedisPlace):
        known = [name for name, store in platform.spec.datastores.items() if isinstance(store, Redis)]
        yield from _datastore(platform, path, trigger.datastore, "Redis", known)
    if isinstance(trigger, PostgresqlTrigger):
        run_here = PostgreSQL | PostgreSQLCluster
        known = [name for name, store in platform.spec.datastores.items() if isinstance(store, run_here)]
        yield from _datastore(platform, path, trigger.datastore, "PostgreSQL", known)
    asks_ours = isinstance(trigger, PrometheusTrigger) and trigger.server is None
    if asks_ours and platform.spec.monitoring.prometheus_url is None:
        message = "there is no Prometheus to ask"
        advice = "add `server: http://…`, or a data source of type prometheus"
        yield finding(platform, path, "prometheus-missing", message, advice, on_key=True)
    if isinstance(trigger, TriggerBase) and trigger.authentication is not None:
        below = (*path, "authentication")
        yield from _authentication(platform, below, trigger.authentication, workload)


def _datastore(
    platform: ResolvedPlatform, path: tuple[Step, ...], name: str | None, kind: str, known: Collection[str]
) -> Iterator[Finding]:
    if name is not None and name not in known:
        message = f"there is no {kind} data service {name!r}"
        hint = nearest_hint(name, known)
        yield finding(platform, (*path, "datastore"), "trigger-datastore", message, hint)


def _authentication(
    platform: ResolvedPlatform, path: tuple[Step, ...], given: Authentication, workload: Workload
) -> Iterator[Finding]:
    spec = platform.spec
    secrets: Collection[str] = workload.secrets
    where = "the workload"
    if given.settings is not None:
        if given.settings not in spec.settings:
            message = f"there is no set of settings {given.settings!r}"
            hint = nearest_hint(given.settings, spec.settings)
            yield finding(platform, (*path, "settings"), "settings-unknown", message, hint)
            return
        secrets, where = spec.settings[given.settings].secrets, f"settings.{given.settings}"
    is_open = given.settings is not None and bool(spec.settings[given.settings].secrets_from)
    for parameter, key in given.secrets.items():
        if key not in secrets and not is_open:
            message = f"{where} has no secret {key!r}"
            below = (*path, "secrets", parameter)
            yield finding(platform, below, "credentials-key", message, nearest_hint(key, secrets))
    if given.vault is not None and spec.vault is None:
        message = "there is no Vault that KEDA could ask"
        advice = "add `vault: {server: …, mount: …, role: …}`"
        yield finding(platform, (*path, "vault"), "secret-store-missing", message, advice, on_key=True)
