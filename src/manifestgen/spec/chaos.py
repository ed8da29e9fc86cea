"""Experiments of Chaos Mesh: what is broken on purpose, when, and for how long."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import (
    Bytes,
    Form,
    GoDuration,
    Model,
    Name,
    Percent,
    PositiveCount,
    Schedule,
    Text,
    problem,
)
from manifestgen.spec.ondemand import BY_TYPE

ExperimentName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=57),
    Form("use at most 57 small letters, digits and hyphens: Chaos Mesh adds six characters for each run"),
]


class ExperimentBase(Model):
    """What all experiments have in common."""

    type: str
    """What happens."""
    workload: Name
    """Workload whose pods it happens to."""
    description: Text | None = None
    """What should come of it: what people see, and what they do not."""
    schedule: Schedule
    """When it begins, by the clock of Chaos Mesh, which is UTC unless its pods are told otherwise."""
    share: Percent | None = None
    """Share of the pods, in per cent and rounded down; left out, it is one pod, drawn by lot."""


class Lasting(ExperimentBase):
    """An experiment that ends by itself."""

    duration: GoDuration
    """How long it lasts; then everything is as before."""

    @model_validator(mode="after")
    def _lasts_long_enough(self) -> Self:
        if parse_duration(self.duration) < 1:
            message = "it is over before it begins"
            raise problem("chaos-duration", message, "let it last 1s at least", ("duration",))
        return self


class Kill(ExperimentBase):
    """Pods are deleted; what made them makes new ones."""

    type: Literal["kill"]
    grace_period: GoDuration | None = None
    """Time that a pod gets to stop; left out, it is killed at once, as when its node is lost."""


class Fail(Lasting):
    """Pods stay and do nothing: their containers run an image that only waits."""

    type: Literal["fail"]


class Network(Lasting):
    """Something is wrong with the network of the pods."""

    to: Name | None = None
    """Only on the way to this workload, data service or external, to which it connects; left out, on all."""


class Delay(Network):
    """What the pods send arrives late."""

    type: Literal["delay"]
    latency: GoDuration
    """How late."""
    jitter: GoDuration = "0s"
    """How much earlier or later than that."""


class Loss(Network):
    """Some of what the pods send is lost."""

    type: Literal["loss"]
    packets: Percent
    """Share of the packets, in per cent; 100 cut the way."""


class BusyCpu(Lasting):
    """Programs beside those of the pods, within the same limits, keep processors busy."""

    type: Literal["cpu"]
    workers: Annotated[int, Field(ge=1, le=1024)] = 1
    """How many, each on one processor."""
    load: Percent = 100
    """How busy each is, in per cent."""


class BusyMemory(Lasting):
    """A program beside those of the pods, within the same limits, takes memory."""

    type: Literal["memory"]
    size: Bytes
    """How much; more than is left of the limit has the kernel end a process."""


Experiment = Annotated[
    Kill | Fail | Delay | Loss | BusyCpu | BusyMemory, Field(discriminator="type"), BY_TYPE
]
"""What is broken on purpose."""


class Chaos(Model):
    """Experiments of Chaos Mesh 2, which is installed in the cluster: what shall survive is seen surviving.

    Where Chaos Mesh looks only at namespaces that want it (`controllerManager.enableFilterNamespace`), the
    namespace needs the annotation `chaos-mesh.org/inject: enabled`.
    """

    usual: Literal["none", "workdays"] = "none"
    """Usual experiments, from Monday to Friday between 10 and 15 o'clock, one after the other: each workload
    of which two pods run at the least loses one; each reaches the data services in the cluster that it
    connects to 100 ms later for five minutes."""
    experiments: dict[ExperimentName, Experiment] = {}
    """Experiments of your own; one that is called as a usual one replaces it."""
    history: PositiveCount = 3
    """Runs of each experiment that are kept to be looked at."""
