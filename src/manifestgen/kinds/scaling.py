"""Objects that decide how many pods run: HPA, ScaledObject, VPA, PodDisruptionBudget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.kinds.controllers import controller_of
from manifestgen.kinds.figures import behavior, hpa_metrics
from manifestgen.kinds.triggers import authentication_views, keda_triggers
from manifestgen.kinds.views import Owner, View, present, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.scaling import Autoscaling, Fallback
from manifestgen.spec.vertical import VerticalAutoscaling, VerticalBounds, VerticalPolicy
from manifestgen.spec.workloads import Replicated, Scalable, Workload

_VERTICAL_MODES: Final = {
    "recommend": "Off",
    "initial": "Initial",
    "auto": "Recreate",
    "in-place": "InPlaceOrRecreate",
}
_EVICTS_UNHEALTHY: Final = 27
"""Kubernetes 1.27 made ``unhealthyPodEvictionPolicy`` available by default."""
_PAUSED: Final = "autoscaling.keda.sh/paused"


def scaling_views(platform: ResolvedPlatform, owner: Owner, workload: Workload) -> Iterator[View]:
    """The autoscalers and the disruption budget of a workload."""
    target = scaled(owner, workload)
    if isinstance(workload, Scalable):
        if workload.autoscaling is not None:
            yield from _horizontal_views(platform, owner, workload.autoscaling, target)
        if workload.disruption_budget is not None:
            yield owner.view(
                "pod-disruption-budget",
                budget=workload.disruption_budget,
                evicts_unhealthy=_minor(platform) >= _EVICTS_UNHEALTHY,
                selector=owner.selector,
            )
    if workload.vertical_autoscaling is not None:
        yield _vertical_view(owner, workload.vertical_autoscaling, target)


def scaled(owner: Owner, workload: Workload) -> dict[str, str]:
    """The object that makes the pods of a workload, as autoscalers refer to it."""
    if isinstance(workload, Replicated) and workload.is_progressive:
        return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": owner.name}
    controller = controller_of(workload)
    return {"apiVersion": controller.api_version, "kind": controller.kind, "name": owner.name}


def _minor(platform: ResolvedPlatform) -> int:
    return int(platform.spec.cluster.kubernetes_version.removeprefix("1."))


def _horizontal_views(
    platform: ResolvedPlatform, owner: Owner, scaling: Autoscaling, target: dict[str, str]
) -> Iterator[View]:
    given: dict[str, Any] = {
        "target": target,
        "min": scaling.min,
        "max": scaling.max,
        "behavior": behavior(scaling.behavior),
    }
    if not scaling.by_keda:
        yield owner.view("horizontal-pod-autoscaler", metrics=list(hpa_metrics(scaling)), **given)
        return
    yield from authentication_views(platform, owner, scaling)
    yield owner.view(
        "scaled-object",
        annotations=_pause(scaling),
        idle=scaling.idle_replicas,
        polling=seconds(scaling.polling),
        cooldown=seconds(scaling.cooldown),
        fallback=_fallback(scaling.fallback) if scaling.fallback is not None else None,
        triggers=list(keda_triggers(platform, owner, scaling)),
        **given,
    )


def _pause(scaling: Autoscaling) -> dict[str, str]:
    if scaling.paused_replicas is not None:
        return {f"{_PAUSED}-replicas": str(scaling.paused_replicas)}
    return {_PAUSED: "true"} if scaling.paused else {}


def _fallback(fallback: Fallback) -> dict[str, Any]:
    return present(
        failureThreshold=fallback.failures,
        replicas=fallback.replicas,
        behavior=fallback.behavior if fallback.behavior != "static" else None,
    )


def _vertical_view(owner: Owner, given: str | VerticalAutoscaling, target: dict[str, str]) -> View:
    full = (
        given
        if isinstance(given, VerticalAutoscaling)
        else VerticalAutoscaling.model_validate({"mode": given})
    )
    containers = full.containers or {owner.name: VerticalPolicy()}
    return owner.view(
        "vertical-pod-autoscaler",
        target=target,
        mode=_VERTICAL_MODES[full.mode],
        min_replicas=full.min_replicas,
        policies=[_policy(name, policy) for name, policy in containers.items()],
    )


def _policy(container: str, policy: VerticalPolicy) -> dict[str, Any]:
    if not policy.enabled:
        return {"containerName": container, "mode": "Off"}
    return present(
        containerName=container,
        minAllowed=_amounts(policy.min) or None,
        maxAllowed=_amounts(policy.max) or None,
        controlledResources=policy.controlled_resources,
        controlledValues=policy.controlled_values,
    )


def _amounts(bounds: VerticalBounds) -> dict[str, str]:
    return present(cpu=bounds.cpu, memory=bounds.memory)
