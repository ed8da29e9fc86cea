"""Objects that decide how many pods run: HPA, ScaledObject, VPA, PodDisruptionBudget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import Owner, View, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.datastores import RabbitMQ
from manifestgen.spec.scaling import Autoscaling, ScaleBehavior
from manifestgen.spec.workloads import Scalable, Workload

_VERTICAL_MODES = {"recommend": "Off", "initial": "Initial", "auto": "Recreate"}
_EVICTS_UNHEALTHY = 27
"""Kubernetes 1.27 made ``unhealthyPodEvictionPolicy`` available by default."""


def scaling_views(platform: ResolvedPlatform, owner: Owner, workload: Workload) -> Iterator[View]:
    """The autoscalers and the disruption budget of a workload."""
    if isinstance(workload, Scalable):
        if workload.autoscaling is not None:
            yield from _horizontal_views(platform, owner, workload.autoscaling)
        if workload.disruption_budget is not None:
            yield owner.view(
                "pod-disruption-budget",
                budget=workload.disruption_budget,
                evicts_unhealthy=_minor(platform) >= _EVICTS_UNHEALTHY,
                selector=owner.selector,
            )
    if workload.vertical_autoscaling is not None:
        mode = _VERTICAL_MODES[workload.vertical_autoscaling]
        yield owner.view("vertical-pod-autoscaler", mode=mode, container=owner.name)


def _minor(platform: ResolvedPlatform) -> int:
    return int(platform.spec.cluster.kubernetes_version.removeprefix("1."))


def _horizontal_views(platform: ResolvedPlatform, owner: Owner, scaling: Autoscaling) -> Iterator[View]:
    bounds: dict[str, Any] = {"min": scaling.min, "max": scaling.max, "behavior": _behavior(scaling.behavior)}
    if not scaling.queues:
        yield owner.view("horizontal-pod-autoscaler", metrics=list(_hpa_metrics(scaling)), **bounds)
        return
    stores = {trigger.datastore for trigger in scaling.queues.values()}
    for store in sorted(stores):
        queue_server = platform.spec.datastores.get(store)
        if isinstance(queue_server, RabbitMQ):
            secret = names.secret(queue_server.credentials)
            yield owner.view(
                "trigger-authentication",
                _authentication(owner, store),
                secret=secret,
                key=queue_server.url_key,
            )
    triggers = list(_keda_triggers(owner, scaling))
    times: dict[str, Any] = {"polling": seconds(scaling.polling), "cooldown": seconds(scaling.cooldown)}
    yield owner.view("scaled-object", triggers=triggers, **bounds, **times)


def _authentication(owner: Owner, store: str) -> str:
    return f"{owner.name}-{store}"


def _hpa_metrics(scaling: Autoscaling) -> Iterator[dict[str, Any]]:
    for resource, target in (("cpu", scaling.cpu), ("memory", scaling.memory)):
        if target is not None:
            utilization = {"type": "Utilization", "averageUtilization": target}
            yield {"type": "Resource", "resource": {"name": resource, "target": utilization}}
    for name, metric in scaling.metrics.items():
        average = {"type": "AverageValue", "averageValue": metric.average}
        yield {"type": "Pods", "pods": {"metric": {"name": name}, "target": average}}


def _keda_triggers(owner: Owner, scaling: Autoscaling) -> Iterator[dict[str, Any]]:
    for name, trigger in scaling.queues.items():
        metadata = {
            "protocol": "amqp",
            "queueName": trigger.queue,
            "mode": "QueueLength",
            "value": str(trigger.length),
            "vhostName": trigger.virtual_host,
        }
        authentication = {"name": _authentication(owner, trigger.datastore)}
        yield {"type": "rabbitmq", "name": name, "metadata": metadata, "authenticationRef": authentication}
    for resource, target in (("cpu", scaling.cpu), ("memory", scaling.memory)):
        if target is not None:
            yield {"type": resource, "metricType": "Utilization", "metadata": {"value": str(target)}}


def _behavior(behavior: ScaleBehavior) -> dict[str, Any]:
    up: dict[str, Any] = {}
    if behavior.up_window is not None:
        up["stabilizationWindowSeconds"] = seconds(behavior.up_window)
    if behavior.up_percent is not None:
        up["policies"] = [{"type": "Percent", "value": behavior.up_percent, "periodSeconds": 60}]
    down = {
        "stabilizationWindowSeconds": seconds(behavior.down_window),
        "policies": [{"type": "Percent", "value": behavior.down_percent, "periodSeconds": 60}],
    }
    return {"scaleUp": up, "scaleDown": down} if up else {"scaleDown": down}
