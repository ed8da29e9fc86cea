"""The dashboard of each workload: its pods, and what it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from manifestgen.monitoring import boards, promql
from manifestgen.monitoring.available import is_rollout
from manifestgen.monitoring.controllers import subjects_of
from manifestgen.monitoring.dashboards import api, pods
from manifestgen.monitoring.dashboards.shapes import Board, Row, Variable
from manifestgen.monitoring.dashboards.wanted import wanted_workloads
from manifestgen.monitoring.dashboards.watching import Watch
from manifestgen.monitoring.jobs import celery_job, namespace_of
from manifestgen.monitoring.presets import kubernetes as presets_of_kubernetes
from manifestgen.monitoring.presets.celery import CELERY
from manifestgen.monitoring.rules import Subject
from manifestgen.monitoring.subjects import Application
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.workloads import Scalable, Workload

_PODS: Final = presets_of_kubernetes.PODS.name
_CONTAINERS: Final = presets_of_kubernetes.CONTAINERS.name
_RANDOM: Final = "[a-z0-9]{5}"
_SUFFIXES: Final[Mapping[str, str]] = {
    "stateful": "[0-9]+",
    "daemon": _RANDOM,
    "job": _RANDOM,
    "cronjob": f"[0-9]+-{_RANDOM}",
}
"""What Kubernetes puts behind the name of a workload to name its pods, by type."""
_OF_DEPLOYMENT: Final = f"[a-z0-9]+-{_RANDOM}"


def workload_boards(
    platform: ResolvedPlatform, presets: Sequence[Application], watch: Watch
) -> Iterator[Board]:
    """The dashboards of the workloads that the spec wants them for."""
    watched = _watched(presets)
    for name, workload in wanted_workloads(platform).items():
        subject = _subject(name, workload, platform)
        rows = [*_web_rows(name, presets, watch), *_pod_rows(subject, workload, watch, watched)]
        yield Board(
            boards.of_workload(name),
            f"Workload {name}",
            workload.description or f"Workload {name}.",
            tuple(rows),
            tuple(_variables(subject, presets, watched)),
            _deployments([name], platform) if _made_of_replica_sets(workload) and _PODS in watched else None,
            _alerts(name, presets, watch, platform),
        )


def _alerts(
    name: str, presets: Sequence[Application], watch: Watch, platform: ResolvedPlatform
) -> str | None:
    """A matcher for the alerts about a workload; those on tasks are what celery-exporter is watched by."""
    among = [name]
    if name == celery_job(platform):
        among += [subjects[0].name for preset, subjects in presets if preset.name == CELERY.name]
    found = watch.components(among)
    return promql.matcher("component", found) if found else None


def deployments_of(platform: ResolvedPlatform, presets: Sequence[Application]) -> str | None:
    """PromQL for the moments at which a new version of a workload came; None where nobody knows."""
    names = [name for name, one in platform.spec.workloads.items() if _made_of_replica_sets(one)]
    return _deployments(names, platform) if names and _PODS in _watched(presets) else None


def _watched(presets: Sequence[Application]) -> Mapping[str, Subject]:
    """Who knows the pods of all workloads, by the name of the preset."""
    return {preset.name: subjects[0] for preset, subjects in presets if preset.name in (_PODS, _CONTAINERS)}


def _made_of_replica_sets(workload: Workload) -> bool:
    return workload.type not in _SUFFIXES


def _deployments(names: Sequence[str], platform: ResolvedPlatform) -> str:
    """ReplicaSets that have pods and had none five minutes ago: a new version, or an old one again.

    The generation of a Deployment would say so, too, but it grows whenever the autoscaler acts.
    """
    namespace = promql.matcher("namespace", [namespace_of(platform)])
    owners = "|".join(map(promql.regex, names))
    pattern = promql.string(f"({owners})-[a-z0-9]+" if len(names) > 1 else f"{owners}-[a-z0-9]+")
    series = f'kube_pod_owner{{{namespace}, owner_kind="ReplicaSet", owner_name=~{pattern}}}'
    return f"count by (owner_name) ({series})\n  unless\ncount by (owner_name) ({series} offset 5m)"


def _subject(name: str, workload: Workload, platform: ResolvedPlatform) -> Subject:
    namespace = promql.matcher("namespace", [namespace_of(platform)])
    subject = next(iter(subjects_of({name: workload}, {"namespace": namespace}).values()))[0]
    suffix = _SUFFIXES.get(workload.type, _OF_DEPLOYMENT)
    scaler = f"(keda-hpa-)?{promql.regex(name)}"
    values = {
        **subject.values,
        "pods": f"{name}-{suffix}",
        "wanted": f"kube_deployment_spec_replicas{{{namespace}, {promql.matcher('deployment', [name])}}}",
        "autoscaler": f"{namespace}, horizontalpodautoscaler=~{promql.string(scaler)}",
    }
    return subject._replace(values=values)


def _pod_rows(
    subject: Subject, workload: Workload, watch: Watch, watched: Mapping[str, Subject]
) -> Iterator[Row]:
    """Alerts on pods and containers are made once for all of them, under a component of their own."""
    if _PODS in watched:
        counted = pods.READY
        if _made_of_replica_sets(workload) and not is_rollout(workload):
            counted = pods.AVAILABLE
        scaled = isinstance(workload, Scalable) and workload.autoscaling is not None
        own = watch.drawn((*pods.SUMS, *counted, *(pods.SCALING if scaled else ())), subject)
        yield Row("Pods", (*own, *watch.drawn(pods.LIFE, subject._replace(name=watched[_PODS].name))))
    if _CONTAINERS in watched:
        values = {**subject.values, "cadvisor": watched[_CONTAINERS].values["cadvisor"]}
        yield watch.row("What the pods use", pods.USAGE, Subject(watched[_CONTAINERS].name, values))


def _web_rows(name: str, presets: Sequence[Application], watch: Watch) -> Iterator[Row]:
    for subject in _web(name, presets):
        yield watch.row("Requests", api.WEB, subject)


def _web(name: str, presets: Sequence[Application]) -> Iterator[Subject]:
    for preset, subjects in presets:
        if preset.name == "web":
            yield from (subject for subject in subjects if subject.name == name)


def _variables(
    subject: Subject, presets: Sequence[Application], watched: Mapping[str, Subject]
) -> Iterator[Variable]:
    of = subject.values
    mine = f'{of["namespace"]}, pod=~"{of["pods"]}"'
    series = f"kube_pod_info{{{mine}}}"
    if _PODS not in watched and _CONTAINERS in watched:
        series = f"container_memory_working_set_bytes{{{watched[_CONTAINERS].values['cadvisor']}, {mine}}}"
    if watched:
        yield Variable("pod", "Pod", "Pods of the workload.", series, "pod", of["pods"])
    for web in _web(subject.name, presets):
        yield handler_variable(web.values["of"])


def handler_variable(jobs: str) -> Variable:
    """The choice of endpoints of web services; ``jobs`` is a matcher."""
    series = f"job_handler:http_requests:rate5m{{{jobs}}}"
    return Variable("handler", "Endpoint", "Endpoints that people ask for.", series, "handler")
