"""How many pods: fixed replicas, horizontal autoscaling, disruption, spreading, updates."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.spec.averages import CpuAverage, FigureName, MemoryAverage
from manifestgen.spec.base import (
    Count,
    Form,
    Model,
    Name,
    Percent,
    PositiveCount,
    Seconds,
    Text,
    camel_case,
    defaults_of,
    problem,
    refuse,
)
from manifestgen.spec.behavior import ScaleBehavior
from manifestgen.spec.late import (
    ExternalMetric,
    MetricTarget,
    ObjectMetric,
    ResourceTargets,
    Trigger,
)
from manifestgen.spec.placement import Spreading

Share = Annotated[
    str,
    StringConstraints(pattern=r"^(100|[1-9]?[0-9])%$"),
    Form("write a whole number, or a share such as 25%"),
]
"""A share of the pods: `25%`."""


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


class Fallback(Model):
    """What KEDA does while it cannot read the figures."""

    failures: PositiveCount = 3
    """How many times in a row reading must fail."""
    replicas: Count
    """Pods to run then."""
    behavior: Literal["static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"] = (
        "static"
    )
    """Run just so many, keep what runs, or keep what runs if that is more, or less (KEDA 2.17)."""


class Autoscaling(Model):
    """Horizontal autoscaling between two bounds: by KEDA with `queues` or `triggers`, else by an HPA."""

    min: Count
    """Fewest pods; 0 only with `queues` or `triggers`."""
    max: PositiveCount
    """Most pods."""
    cpu: Percent | CpuAverage | None = None
    """Wanted CPU use in per cent of the request, or `{average: 500m}`."""
    memory: Percent | MemoryAverage | None = None
    """Wanted memory use in per cent of the request, or `{average: 512Mi}`."""
    containers: dict[Name, ResourceTargets] = {}
    """Targets on the resources of single containers, by container (Kubernetes 1.30)."""
    metrics: dict[FigureName, MetricTarget] = {}
    """Targets on metrics of the pods, by metric name (custom metrics API)."""
    objects: dict[FigureName, ObjectMetric] = {}
    """Targets on metrics of other objects, by metric name (custom metrics API)."""
    external: dict[FigureName, ExternalMetric] = {}
    """Targets on metrics from outside Kubernetes, by metric name (external metrics API)."""
    queues: dict[Name, QueueTrigger] = {}
    """Triggers on queues of RabbitMQ, by name."""
    triggers: dict[Name, Trigger] = {}
    """Triggers on anything else that KEDA knows, by name."""
    polling: Seconds = "30s"
    """How often KEDA looks at the figures."""
    cooldown: Seconds = "5m"
    """How long KEDA waits after the last message before it scales to the minimum."""
    idle_replicas: Literal[0] | None = None
    """0: no pods at all while no trigger is active, though `min` is more (KEDA)."""
    fallback: Fallback | None = None
    """What KEDA does while it cannot read the figures."""
    paused: bool = False
    """Leave the number of pods as it is (KEDA)."""
    paused_replicas: Count | None = None
    """Run just so many while it is paused."""
    behavior: ScaleBehavior = defaults_of(ScaleBehavior)
    """How fast the number of pods follows."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        refuse([*self._bounds(), *self._targets(), *self._without_keda(), *self._idle()])
        return self

    @property
    def by_keda(self) -> bool:
        """Whether KEDA does it."""
        return bool(self.queues or self.triggers)

    @property
    def datastores(self) -> dict[str, str]:
        """The data services that KEDA asks, by the path of the trigger below this."""
        asked = {f"queues.{name}": queue.datastore for name, queue in self.queues.items()}
        for name, trigger in self.triggers.items():
            store = getattr(trigger, "datastore", None)
            if store is not None:
                asked[f"triggers.{name}"] = store
        return asked

    def _bounds(self) -> Iterator[PydanticCustomError]:
        if self.min > self.max:
            yield problem(
                "autoscaling-bounds",
                f"the fewest pods ({self.min}) are more than the most ({self.max})",
                "let min be at most max",
                ("min",),
                ("max",),
            )
        if self.min == 0 and not self.by_keda:
            yield problem(
                "autoscaling-zero",
                "an HPA cannot scale to 0",
                "use min: 1, or scale on `queues` or `triggers`",
                ("min",),
            )

    def _targets(self) -> Iterator[PydanticCustomError]:
        own = self.cpu or self.memory or self.containers
        figures = [key for key in ("metrics", "objects", "external") if getattr(self, key)]
        if not (own or figures or self.by_keda):
            yield problem(
                "autoscaling-target",
                "there is nothing to scale on",
                "add cpu, memory, metrics, queues or triggers",
            )
        for key in figures if self.by_keda else ():
            other = "queues" if self.queues else "triggers"
            what = {"metrics": "pods", "objects": "other objects", "external": "elsewhere"}[key]
            yield problem(
                "autoscaling-mixed",
                f"metrics of {what} cannot be combined with {other}",
                "keep one of the two",
                (key,),
                (other,),
            )
        for name in self.queues.keys() & self.triggers.keys():
            yield problem(
                "trigger-clash",
                f"a queue and a trigger are both called {name}",
                "rename one of them",
                ("queues", name),
                ("triggers", name),
            )

    def _without_keda(self) -> Iterator[PydanticCustomError]:
        """Keys that nobody but KEDA understands."""
        given = {
            "idle_replicas": self.idle_replicas is not None,
            "fallback": self.fallback is not None,
            "paused": self.paused,
            "paused_replicas": self.paused_replicas is not None,
        }
        for field, is_given in given.items():
            if is_given and not self.by_keda:
                key = camel_case(field)
                yield problem(
                    "autoscaling-keda",
                    f"an HPA knows no {key}; it is for KEDA, which takes `queues` and `triggers`",
                    "remove it",
                    (key,),
                )
        for key, rules in (("scaleUp", self.behavior.scale_up), ("scaleDown", self.behavior.scale_down)):
            if rules is not None and rules.tolerance is not None and self.by_keda:
                yield problem(
                    "autoscaling-keda",
                    "KEDA passes no tolerance on to the HPA that it makes",
                    "remove it",
                    ("behavior", key, "tolerance"),
                )
        if self.paused_replicas is not None and not self.paused:
            yield problem(
                "autoscaling-keda",
                "it is not paused",
                "add `paused: true`, or remove pausedReplicas",
                ("pausedReplicas",),
            )

    def _idle(self) -> Iterator[PydanticCustomError]:
        if self.idle_replicas is not None and self.min == 0:
            yield problem(
                "autoscaling-keda",
                "with min: 0 there are no pods anyway while nothing is to be done",
                "remove idleReplicas, or raise min",
                ("min",),
                ("idleReplicas",),
            )


class DisruptionBudget(Model):
    """How many pods may be away at once when nodes are drained."""

    min_available: Count | Share | None = None
    """Pods that must stay, as a number or a share."""
    max_unavailable: Count | Share | None = None
    """Pods that may be away, as a number or a share."""
    unhealthy_pod_eviction_policy: Literal["AlwaysAllow", "IfHealthyBudget"] = "AlwaysAllow"
    """Whether pods that are not ready may be evicted always, or only while enough others are ready
    (Kubernetes 1.27)."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
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
    def _can_move(self) -> Self:
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
