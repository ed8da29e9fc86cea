"""How fast an autoscaler follows the figures."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.spec.base import (
    Form,
    Model,
    Name,
    Percent,
    Period,
    PositiveCount,
    Stabilization,
    Window,
    problem,
    refuse,
)

Tolerance = Annotated[
    str,
    StringConstraints(pattern=r"^(0|[1-9][0-9]?)(\.[0-9]{1,2})?%$"),
    Form("write a share below 100%, e.g. 5% or 0.5%"),
]
"""A share with at most two decimals: `5%`, `0.5%`."""


class ScalingPolicy(Model):
    """How many pods may come or go within a time: a share of those there are, or a number."""

    percent: PositiveCount | None = None
    """Share of the pods; 100 doubles them."""
    pods: PositiveCount | None = None
    """Number of pods."""
    period: Period = "1m"
    """Time within which they count; 30m at most."""

    @model_validator(mode="after")
    def _counts_one_thing(self) -> Self:
        if (self.percent is None) == (self.pods is None):
            raise problem(
                "autoscaling-policy",
                "it says nothing" if self.pods is None else "it has two figures",
                "give either percent or pods",
                *((("percent",), ("pods",)) if self.pods is not None else ()),
            )
        return self


class ScalingRules(Model):
    """How fast pods are added, or removed; what is left out is as Kubernetes has it by default."""

    window: Stabilization | None = None
    """Look back this long and take the most careful wish; Kubernetes: 0s for adding, 5m for removing."""
    policies: dict[Name, ScalingPolicy] = {}
    """Limits of the speed, by name; Kubernetes: the larger of 100 per cent and 4 pods within 15s for
    adding, 100 per cent within 15s for removing."""
    select_policy: Literal["Max", "Min", "Disabled"] | None = None
    """Which of several policies holds: the one that changes most, or least; `Disabled`: never change."""
    tolerance: Tolerance | None = None
    """Deviations from the target below this share change nothing (Kubernetes 1.35); Kubernetes: 10%."""

    @model_validator(mode="after")
    def _policies_are_used(self) -> Self:
        if self.select_policy == "Disabled" and self.policies:
            raise problem(
                "autoscaling-policy",
                "with selectPolicy: Disabled no policy has an effect",
                "remove the policies, or selectPolicy",
                ("policies",),
                ("selectPolicy",),
            )
        return self


class ScaleBehavior(Model):
    """How fast the number of pods follows: in short for each direction, or in full."""

    up_window: Window | None = None
    """Look back this long and take the smallest wish before adding pods."""
    up_percent: Percent | None = None
    """Add at most this share of the pods within a minute."""
    down_window: Window = "5m"
    """Look back this long and take the highest wish before removing pods."""
    down_percent: Percent = 50
    """Remove at most this share of the pods within a minute."""
    scale_up: ScalingRules | None = None
    """All about adding pods, in place of `upWindow` and `upPercent`."""
    scale_down: ScalingRules | None = None
    """All about removing pods, in place of `downWindow` and `downPercent`."""

    @model_validator(mode="after")
    def _says_it_once(self) -> Self:
        refuse(self._twice())
        return self

    def _twice(self) -> Iterator[PydanticCustomError]:
        given = self.model_fields_set
        for word, full in (("up", self.scale_up), ("down", self.scale_down)):
            for field, short in ((f"{word}_window", "Window"), (f"{word}_percent", "Percent")):
                if full is not None and field in given and getattr(self, field) is not None:
                    key, other = f"{word}{short}", f"scale{word.capitalize()}"
                    yield problem(
                        "autoscaling-behavior",
                        f"{key} says what {other} says in full",
                        f"keep one; an environment removes what it inherits with `{key}: null`",
                        (key,),
                        (other,),
                    )
