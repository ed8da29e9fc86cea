"""What an HPA follows, and how fast: metrics and behaviour as Kubernetes writes them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from manifestgen.facts.quantities import parse_duration
from manifestgen.kinds.views import present, seconds
from manifestgen.spec.averages import CpuAverage, MemoryAverage
from manifestgen.spec.behavior import ScaleBehavior, ScalingPolicy, ScalingRules
from manifestgen.spec.late import ExternalMetric, ObjectMetric, Selector
from manifestgen.spec.scaling import Autoscaling

Part = dict[str, Any]
Target = int | CpuAverage | MemoryAverage


def hpa_metrics(scaling: Autoscaling) -> Iterator[Part]:
    """The metrics of an HPA."""
    for resource, target in resource_targets(scaling.cpu, scaling.memory):
        yield {"type": "Resource", "resource": {"name": resource, "target": _resource(target)}}
    for container, targets in scaling.containers.items():
        for resource, target in resource_targets(targets.cpu, targets.memory):
            source = {"name": resource, "container": container, "target": _resource(target)}
            yield {"type": "ContainerResource", "containerResource": source}
    for name, metric in scaling.metrics.items():
        average = {"type": "AverageValue", "averageValue": metric.average}
        yield {"type": "Pods", "pods": {"metric": _identifier(name, metric.selector), "target": average}}
    for name, figure in scaling.objects.items():
        described = figure.described_object
        of = {"apiVersion": described.api, "kind": described.kind, "name": described.name}
        source = {
            "metric": _identifier(name, figure.selector),
            "describedObject": of,
            "target": _figure(figure),
        }
        yield {"type": "Object", "object": source}
    for name, outside in scaling.external.items():
        source = {"metric": _identifier(name, outside.selector), "target": _figure(outside)}
        yield {"type": "External", "external": source}


def resource_targets(cpu: Target | None, memory: Target | None) -> Iterator[tuple[str, Target]]:
    """The resources that are followed, each with its target."""
    for resource, target in (("cpu", cpu), ("memory", memory)):
        if target is not None:
            yield resource, target


def _resource(target: Target) -> Part:
    if isinstance(target, int):
        return {"type": "Utilization", "averageUtilization": target}
    return {"type": "AverageValue", "averageValue": target.average}


def _figure(figure: ObjectMetric | ExternalMetric) -> Part:
    if figure.value is not None:
        return {"type": "Value", "value": figure.value}
    return {"type": "AverageValue", "averageValue": figure.average}


def _identifier(name: str, selector: Selector) -> Part:
    return present(name=name, selector={"matchLabels": selector} if selector else None)


def behavior(given: ScaleBehavior) -> Part:
    """The behaviour; what Kubernetes would do anyway is not written."""
    up = _rules(given.scale_up) if given.scale_up is not None else _short(given.up_window, given.up_percent)
    down = (
        _rules(given.scale_down)
        if given.scale_down is not None
        else _short(given.down_window, given.down_percent)
    )
    return present(scaleUp=up or None, scaleDown=down or None)


def _short(window: str | None, percent: int | None) -> Part:
    return present(
        stabilizationWindowSeconds=seconds(window) if window is not None else None,
        policies=[{"type": "Percent", "value": percent, "periodSeconds": 60}]
        if percent is not None
        else None,
    )


def _rules(rules: ScalingRules) -> Part:
    return present(
        stabilizationWindowSeconds=round(parse_duration(rules.window)) if rules.window is not None else None,
        selectPolicy=rules.select_policy,
        policies=[_policy(policy) for policy in rules.policies.values()] or None,
        tolerance=_ratio(rules.tolerance) if rules.tolerance is not None else None,
    )


def _policy(policy: ScalingPolicy) -> Part:
    kind, value = ("Pods", policy.pods) if policy.pods is not None else ("Percent", policy.percent)
    return {"type": kind, "value": value, "periodSeconds": seconds(policy.period)}


def _ratio(share: str) -> str:
    """``5%`` as Kubernetes has it, ``0.05``."""
    return f"{(Decimal(share.removesuffix('%')) / 100).normalize():f}"
