"""How many pods: fixed replicas, horizontal and vertical autoscaling, disruption, spreading, updates."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from manifestgen.spec.base import (
    Count,
    Cpu,
    Form,
    Model,
    Name,
    Percent,
    PositiveCount,
    Seconds,
    Text,
    Window,
    problem,
)
from manifestgen.spec.placement import Spreading

Share = Annotated[
    str,
    StringConstraints(pattern=r"^(100|[1-9]?[0-9])%$"),
    Form("write a whole number, or a share such as 25%"),
]
"""A share of the pods: `25%`."""


class MetricTarget(Model):
    """An autoscaling target on a metric of the pods."""

    average: Cpu
    """Wanted average of the metric over all pods, as a quantity: `1000`, `250m`."""


class QueueTrigger(Model):
    """An autoscaling trigger on the length of a RabbitMQ queue (KEDA)."""

    datastore: Name
    """The RabbitMQ data service."""
    queue: Text
    """Name of the queue."""
    length: PositiveCount
    """Messages that one pod shall handle."""
    virtual_host: Text = "/"
    """Virtual host of the queue."""


class ScaleBehavior(Model):
    """How fast the number of pods follows the figures."""

    up_window: Window | None = None
    """Look back this long and take the smallest wish before adding pods."""
    up_percent: Percent | None = None
    """Add at most this share of the pods within a minute."""
    down_window: Window = "5m"
    """Look back this long and take the highest wish before removing pods."""
    down_percent: Percent = 50
    """Remove at most this share of the pods within a minute."""


class Autoscaling(Model):
    """Horizontal autoscaling between two bounds; with `queues` it is done by KEDA, else by an HPA."""

    min: Count
    """Fewest pods; 0 only with `queues`."""
    max: PositiveCount
    """Most pods."""
    cpu: Percent | None = None
    """Wanted CPU use in per cent of the request."""
    memory: Percent | None = None
    """Wanted memory use in per cent of the request."""
    metrics: dict[Text, MetricTarget] = {}
    """Targets on metrics of the pods, by metric name (custom metrics API)."""
    queues: dict[Name, QueueTrigger] = {}
    """Triggers on queues of RabbitMQ, by name."""
    polling: Seconds = "30s"
    """How often KEDA looks at the queues."""
    cooldown: Seconds = "5m"
    """How long KEDA waits after the last message before it scales to the minimum."""
    behavior: ScaleBehavior = ScaleBehavior()
    """How fast the number of pods follows."""

    @model_validator(mode="after")
    def _is_possible(self) -> Autoscaling:
        if self.min > self.max:
            raise problem(
                "autoscaling-bounds",
                f"the fewest pods ({self.min}) are more than the most ({self.max})",
                "let min be at most max",
                ("min",),
                ("max",),
            )
        if self.min == 0 and not self.queues:
            raise problem(
                "autoscaling-zero", "an HPA cannot scale to 0", "use min: 1, or scale on `queues`", ("min",)
            )
        if not (self.cpu or self.memory or self.metrics or self.queues):
            raise problem(
                "autoscaling-target", "there is nothing to scale on", "add cpu, memory, metrics or queues"
            )
        if self.queues and self.metrics:
            raise problem(
                "autoscaling-mixed",
                "metrics of pods cannot be combined with queues",
                "keep one of the two",
                ("metrics",),
                ("queues",),
            )
        return self


class DisruptionBudget(Model):
    """How many pods may be away at once when nodes are drained."""

    min_available: Count | Share | None = None
    """Pods that must stay, as a number or a share."""
    max_unavailable: Count | Share | None = None
    """Pods that may be away, as a number or a share."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> DisruptionBudget:
        if self.min_available is None and self.max_unavailable is None:
            raise problem("disruption-budget", "it has no figure", "give minAvailable or maxUnavailable")
        if self.min_available is not None and self.max_unavailable is not None:
            raise problem(
                "disruption-budget",
                "it has two figures",
                "keep one; an environment removes what it inherits with `minAvailable: null`",
                ("minAvailable",),
                ("maxUnavailable",),
            )
        return self


class RollingUpdate(Model):
    """How a new version replaces the old one."""

    max_surge: Count | Share = "25%"
    """Pods above the wanted number while updating."""
    max_unavailable: Count | Share = 0
    """Pods below the wanted number while updating."""

    @model_validator(mode="after")
    def _can_move(self) -> RollingUpdate:
        if self.max_surge in (0, "0%") and self.max_unavailable in (0, "0%"):
            raise problem(
                "rolling-update",
                "no pod may be added and none removed, so no new version ever starts",
                "let maxSurge or maxUnavailable be above 0",
                ("maxSurge",),
                ("maxUnavailable",),
            )
        return self


Spread = Literal["none", "nodes", "zones"] | Spreading
"""Where pods go: `nodes` keeps them on different nodes, `zones` on different nodes and zones."""

VerticalMode = Literal["recommend", "initial", "auto"]
"""What a VerticalPodAutoscaler does: recommend only, set at pod start, or also restart pods."""
