"""Objects of Argo Rollouts: the Rollout in place of a Deployment, and the analyses that it waits for.

Fields and their meaning are those of Argo Rollouts 1.7 and later ("Rollout Specification", "Analysis").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.kinds.pods import pod_context
from manifestgen.kinds.routes import route_views
from manifestgen.kinds.sharing import shares_routes
from manifestgen.kinds.views import Owner, View, present, seconds
from manifestgen.monitoring import promql
from manifestgen.monitoring.jobs import namespace_of
from manifestgen.monitoring.slos import counters_of, error_ratio, slos_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Slo
from manifestgen.spec.rollout import Rollout
from manifestgen.spec.workloads import Replicated

Part = dict[str, Any]

_ROUTE_LISTS: Final = {"http-route": "httpRoutes", "grpc-route": "grpcRoutes"}
_GATEWAY_PLUGIN: Final = "argoproj-labs/gatewayAPI"
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


def analysed(platform: ResolvedPlatform, name: str, details: Rollout) -> Mapping[str, Slo]:
    """The objectives that a new version of a workload must meet."""
    if platform.spec.monitoring.prometheus_url is None:
        return {}  # the checks have a finding for it
    own = slos_of(platform, name)
    wanted = own if details.analysis is None else details.analysis
    return {slo: own[slo] for slo in wanted if slo in own}


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
    """By the routes as they are rendered, for one route may be several objects."""
    kinds = routed_objects(platform, owner.name)
    if platform.spec.cluster.routing == "gateway":
        lists = {_ROUTE_LISTS[kind]: [{"name": one} for one in found] for kind, found in kinds.items()}
        return {"plugins": {_GATEWAY_PLUGIN: {**lists, "namespace": namespace_of(platform)}}}
    ingresses = kinds["ingress"]
    one = len(ingresses) == 1
    return {"nginx": {"stableIngress": ingresses[0]} if one else {"stableIngresses": ingresses}}


def routed_objects(platform: ResolvedPlatform, name: str) -> dict[str, list[str]]:
    """The Ingresses and routes that lead to the main Service of a workload, by what makes them."""
    found: dict[str, list[str]] = {}
    for view in route_views(platform):
        kind = view.template.removeprefix("kubernetes/").removesuffix(".yaml.j2")
        if name in _led_to(view.context.get("rules", ())) and not view.context.get("redirects"):
            found.setdefault(kind, []).append(view.context["name"])
    return found


def _led_to(rules: Iterable[Part]) -> set[str]:
    """The Services that rules of an Ingress, or of a route of the Gateway API, lead to."""
    ingress = {path["service"] for rule in rules for path in rule.get("paths", ())}
    return ingress | {one["name"] for rule in rules for one in rule.get("backendRefs", ())}


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
