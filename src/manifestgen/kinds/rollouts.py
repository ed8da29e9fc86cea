"""Objects of Argo Rollouts: the Rollout in place of a Deployment, and the analyses that it waits for.

Fields and their meaning are those of Argo Rollouts 1.7 and later ("Rollout Specification", "Analysis").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.kinds.pods import pod_context
from manifestgen.kinds.views import Owner, View, present, seconds
from manifestgen.monitoring import promql
from manifestgen.monitoring.slos import counters_of, error_ratio, slos_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.rollout import Rollout
from manifestgen.spec.slos import Slo
from manifestgen.spec.workloads import Replicated, Served

Part = dict[str, Any]

_HASH: Final = "new-version"
"""The argument that tells an analysis the hash in the names of the new version's pods."""


def rollout_views(platform: ResolvedPlatform, owner: Owner, workload: Replicated) -> Iterator[View]:
    """The Rollout of a workload with its analyses."""
    details = workload.rollout or Rollout()
    slos = analysed(platform, owner.name, details)
    yield owner.view(
        "rollout",
        description=workload.description,
        replicas=workload.replicas,
        history=workload.revision_history_limit,
        min_ready=seconds(workload.min_ready) if workload.min_ready else None,
        deadline=seconds(workload.progress_deadline or details.progress_deadline),
        strategy=_strategy(platform, owner, workload, slos),
        selector=owner.selector,
        pod=pod_context(platform, owner, workload),
    )
    for name, slo in slos.items():
        yield _analysis_view(platform, owner, workload, (name, slo))


def new_version_service(platform: ResolvedPlatform, name: str) -> str | None:
    """The Service of the new version's pods, None where there is none: requests are not told apart then."""
    workload = platform.spec.workloads.get(name)
    if not isinstance(workload, Replicated) or not isinstance(workload, Served):
        return None
    if workload.strategy == "blue-green" or (workload.strategy == "canary" and shares_routes(platform, name)):
        return names.new_version_service(name, workload.strategy)
    return None


def shares_routes(platform: ResolvedPlatform, name: str) -> bool:
    """Whether a canary gets its share of the requests by the routes that lead to the workload."""
    workload = platform.spec.workloads.get(name)
    if not isinstance(workload, Replicated) or workload.strategy != "canary":
        return False
    wanted = workload.rollout is None or workload.rollout.traffic == "routes"
    return wanted and bool(_routes(platform, name))


def analysed(platform: ResolvedPlatform, name: str, details: Rollout) -> Mapping[str, Slo]:
    """The objectives that a new version of a workload must meet."""
    if platform.spec.monitoring.prometheus_url is None:
        return {}  # the checks have a finding for it
    own = slos_of(platform, name)
    wanted = own if details.analysis is None else details.analysis
    return {slo: own[slo] for slo in wanted if slo in own}


def _routes(platform: ResolvedPlatform, name: str) -> list[str]:
    """The Ingresses that lead to the main Service of a workload; without them pods share the requests."""
    if not platform.spec.cluster.has_ingress_nginx:
        return []
    workload = platform.spec.workloads[name]
    ports = workload.main_ports if isinstance(workload, Served) else {}
    return [
        key for key, route in platform.spec.routes.items() if route.workload == name and route.port in ports
    ]


def _strategy(
    platform: ResolvedPlatform, owner: Owner, workload: Replicated, slos: Mapping[str, Slo]
) -> Part:
    details = workload.rollout or Rollout()
    analysis = _analysis(slos)
    if workload.strategy == "blue-green":
        return {"blueGreen": _blue_green(owner, details, analysis)}
    steps = list(_steps(details, analysis))
    if not shares_routes(platform, owner.name):
        update = workload.update
        return {
            "canary": {"maxSurge": update.max_surge, "maxUnavailable": update.max_unavailable, "steps": steps}
        }
    return {
        "canary": {
            "stableService": owner.name,
            "canaryService": names.new_version_service(owner.name, "canary"),
            "trafficRouting": _traffic_routing(platform, owner),
            "scaleDownDelaySeconds": seconds(details.scale_down_delay),
            "abortScaleDownDelaySeconds": seconds(details.abort_scale_down_delay),
            "steps": steps,
        }
    }


def _blue_green(owner: Owner, details: Rollout, analysis: Part | None) -> Part:
    return present(
        activeService=owner.name,
        previewService=names.new_version_service(owner.name, "blue-green"),
        previewReplicaCount=details.preview_replicas,
        autoPromotionEnabled=details.auto_promote,
        autoPromotionSeconds=seconds(details.auto_promote_after) if details.auto_promote_after else None,
        postPromotionAnalysis=analysis,
        scaleDownDelaySeconds=seconds(details.scale_down_delay),
        abortScaleDownDelaySeconds=seconds(details.abort_scale_down_delay),
    )


def _traffic_routing(platform: ResolvedPlatform, owner: Owner) -> Part:
    routes = _routes(platform, owner.name)
    return {"nginx": {"stableIngress": routes[0]} if len(routes) == 1 else {"stableIngresses": routes}}


def _steps(details: Rollout, analysis: Part | None) -> Iterator[Part]:
    """A new version that has all requests waits for nothing more."""
    for weight in details.steps:
        yield {"setWeight": weight}
        if weight < 100:
            yield {"pause": {} if details.pause == "manual" else {"duration": go_duration(details.pause)}}
            if analysis is not None:
                yield {"analysis": analysis}


def _analysis(slos: Mapping[str, Slo]) -> Part | None:
    if not slos:
        return None
    by_pod = any(slo.custom is None for slo in slos.values())
    given = [{"name": _HASH, "valueFrom": {"podTemplateHashValue": "Latest"}}] if by_pod else None
    return present(templates=[{"templateName": name} for name in slos], args=given)


def _analysis_view(
    platform: ResolvedPlatform, owner: Owner, workload: Replicated, named: tuple[str, Slo]
) -> View:
    name, slo = named
    look = (workload.rollout or Rollout()).measurement
    pods = f"{owner.name}-{{{{args.{_HASH}}}}}-.+"
    query = error_ratio(counters_of(slo, workload, pods=pods), look.window)
    return owner.view(
        "analysis-template",
        name,
        description=slo.description,
        args=[_HASH] if slo.custom is None else [],
        interval=go_duration(look.interval),
        count=look.count,
        failures=look.failures,
        objective=promql.number(slo.objective),
        condition=f"result[0] <= {promql.number(slo.budget)}",
        prometheus={"address": platform.spec.monitoring.prometheus_url, "query": query},
    )


def go_duration(duration: str) -> str:
    """A duration as Go reads it, which knows no unit above hours."""
    return f"{seconds(duration)}s" if set(duration) & set("ywd") else duration
