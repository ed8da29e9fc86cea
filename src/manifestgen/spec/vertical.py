"""Vertical autoscaling: requests that follow what pods use."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from manifestgen.facts.quantities import parse_quantity
from manifestgen.spec.base import Bytes, Cpu, Model, Name, PositiveCount, defaults_of, problem

VerticalMode = Literal["recommend", "initial", "auto", "in-place"]
"""What a VerticalPodAutoscaler does: `recommend` only, set requests when a pod starts (`initial`), restart
pods for it (`auto`), or change them while they run and restart only where that is not possible (`in-place`,
Kubernetes 1.33)."""


class VerticalBounds(Model):
    """Amounts that a recommendation does not pass."""

    cpu: Cpu | None = None
    """Cores or millicores: `500m`, `2`."""
    memory: Bytes | None = None
    """Bytes: `384Mi`, `1Gi`."""


class VerticalPolicy(Model):
    """How the requests of one container may change."""

    enabled: bool = True
    """False: leave this container as it is."""
    min: VerticalBounds = defaults_of(VerticalBounds)
    """Lowest requests that are recommended."""
    max: VerticalBounds = defaults_of(VerticalBounds)
    """Highest requests that are recommended."""
    controlled_resources: Annotated[list[Literal["cpu", "memory"]], Field(min_length=1)] = ["cpu", "memory"]
    """Resources that are looked at."""
    controlled_values: Literal["RequestsAndLimits", "RequestsOnly"] | None = None
    """What changes; Kubernetes: limits grow with the requests, in the same proportion."""

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> Self:
        for resource in ("cpu", "memory"):
            low, high = getattr(self.min, resource), getattr(self.max, resource)
            if low is not None and high is not None and parse_quantity(low) > parse_quantity(high):
                raise problem(
                    "vertical-bounds",
                    f"the lowest {resource} ({low}) is above the highest ({high})",
                    "let min be at most max",
                    ("min", resource),
                    ("max", resource),
                )
        return self


class VerticalAutoscaling(Model):
    """Vertical autoscaling in full."""

    mode: VerticalMode = "recommend"
    """What it does."""
    min_replicas: PositiveCount | None = None
    """Restart pods only while so many run; Kubernetes: 2."""
    containers: dict[Name, VerticalPolicy] = {}
    """Policies by container; left out, the workload's own container with its CPU and memory."""
