"""The order in which Argo CD applies the objects of a platform: waves, one after the other.

Argo CD goes on to the next wave when all objects of one are healthy. What is not said to be in a later one is
in the first: namespace, rights, policies, settings and secrets, Services.

* data services that operators run, which need their secrets;
* jobs, such as migrations, which end before what they prepare starts;
* what runs on, with its autoscalers, which are healthy only where there is something to scale;
* what lets requests in, jobs that need what runs, and experiments on it.

A claim is in the wave of the first pod that mounts it, for many classes provide no volume before. What never
gets healthy by itself, such as a job that is suspended, is in the last wave, so that nothing waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from manifestgen.kinds.views import View
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import ArgoCD, Job
from manifestgen.spec.workloads import Workload

ANNOTATION: Final = "argocd.argoproj.io/sync-wave"

_FIRST, _OPERATED, _JOBS, _RUNNING, _LAST = range(5)
_BY_KIND: Final = {
    **dict.fromkeys(("cluster", "rabbitmq-cluster"), _OPERATED),
    **dict.fromkeys(("cron-job", "daemon-set", "deployment", "rollout", "stateful-set"), _RUNNING),
    **dict.fromkeys(("horizontal-pod-autoscaler", "scaled-object", "vertical-pod-autoscaler"), _RUNNING),
    **dict.fromkeys(("certificate", "gateway", "grpc-route", "http-route", "ingress", "schedule"), _LAST),
}
"""By the name of the template."""


def in_waves(platform: ResolvedPlatform, views: Iterable[View]) -> Iterable[View]:
    """The views, with the wave of each where Argo CD applies the platform."""
    if not isinstance(platform.spec.gitops, ArgoCD):
        return views
    return (_annotated(view, _wave(platform, view)) for view in views)


def _annotated(view: View, wave: int) -> View:
    if wave == _FIRST:
        return view
    annotations = {**view.context["annotations"], ANNOTATION: str(wave)}
    return view._replace(context={**view.context, "annotations": annotations})


def _wave(platform: ResolvedPlatform, view: View) -> int:
    kind = view.template.rpartition("/")[2].removesuffix(".yaml.j2")
    workloads = platform.spec.workloads
    match kind:
        case "job":
            return _of_workload(platform, workloads[view.source[1]])
        case "persistent-volume-claim":
            mounting = (one for one in workloads.values() if view.source[1] in _claims(one))
            return min((_of_workload(platform, one) for one in mounting), default=_RUNNING)
        case "service":
            return _LAST if view.context["type"] == "LoadBalancer" else _FIRST
        case "cron-job" if view.context["cron"]["suspend"]:
            return _LAST
        case "scaled-object" if view.context["annotations"]:  # it is paused
            return _LAST
        case _:
            return _BY_KIND.get(kind, _FIRST)


def _of_workload(platform: ResolvedPlatform, workload: Workload) -> int:
    if not isinstance(workload, Job):
        return _RUNNING
    needs_others = any(name in platform.spec.workloads for name in workload.connects)
    return _LAST if workload.suspend or needs_others else _JOBS


def _claims(workload: Workload) -> set[str]:
    return {volume.claim for volume in workload.volumes.values() if volume.claim is not None}
