"""How a new version takes over: all pods in turn, at once, or step by step with Argo Rollouts."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.spec.base import (
    Duration,
    Model,
    Name,
    Percent,
    PositiveCount,
    Seconds,
    camel_case,
    defaults_of,
    problem,
)

Strategy = Literal["rolling", "recreate", "blue-green", "canary"]
"""How a new version takes over."""

PROGRESSIVE: Final = frozenset({"blue-green", "canary"})
"""Strategies of Argo Rollouts."""

_ONLY: Final = {
    **dict.fromkeys(("steps", "pause", "traffic"), "canary"),
    **dict.fromkeys(("auto_promote", "auto_promote_after", "preview_replicas"), "blue-green"),
}
"""Keys of one strategy."""


class Measurement(Model):
    """How often the figures of an analysis are looked at."""

    interval: Seconds = "1m"
    """Time between two looks."""
    count: PositiveCount = 5
    """How many times they are looked at."""
    failures: Annotated[int, Field(ge=0, le=1000)] = 1
    """How many of these may be bad."""
    window: Duration = "5m"
    """Time that each look covers; at least four scrapes."""

    @model_validator(mode="after")
    def _can_fail(self) -> Self:
        if self.failures >= self.count:
            raise problem(
                "rollout-measurement",
                f"{self.failures} of {self.count} looks may be bad, so the analysis never fails",
                "let failures be below count",
                ("failures",),
                ("count",),
            )
        return self


class Rollout(Model):
    """Details of `strategy: canary` and `strategy: blue-green`, which Argo Rollouts carries out.

    A version whose analysis fails, or that does not get ready in time, is taken back by itself.
    """

    steps: Annotated[list[Percent], Field(min_length=1)] = [10, 50, 100]
    """Shares of the requests that the new version gets, one after the other (canary)."""
    pause: Seconds | Literal["manual"] = "10m"
    """Time before each step is analysed; `manual` waits for somebody who promotes it (canary)."""
    traffic: Literal["routes", "replicas"] = "routes"
    """Share the requests out by the routes that lead to the workload, or by the number of pods, which is
    coarser; without routes it is always the latter (canary)."""
    auto_promote: bool = True
    """Switch as soon as the new version is ready; false waits for somebody who promotes it (blue-green)."""
    auto_promote_after: Seconds | None = None
    """Switch by itself after this time, though nobody promoted it (blue-green, with `autoPromote: false`)."""
    preview_replicas: PositiveCount | None = None
    """Pods of the new version before the switch; left out, as many as of the old one (blue-green)."""
    analysis: list[Name] | None = None
    """SLOs of the workload that the new version must meet; left out, all it has; empty: none."""
    measurement: Measurement = defaults_of(Measurement)
    """How they are looked at."""
    progress_deadline: Seconds = "10m"
    """Time in which the pods of the new version must get ready."""
    scale_down_delay: Seconds = "30s"
    """Time that the old pods stay after the switch, while load balancers notice it."""
    abort_scale_down_delay: Seconds = "30s"
    """Time that the new pods stay after they were taken back, to be looked at."""

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        for before, after in pairwise(self.steps):
            if before >= after:
                raise problem(
                    "rollout-steps",
                    f"{after} follows {before}",
                    "let each step be above the last",
                    ("steps",),
                )
        if self.auto_promote_after is not None and self.auto_promote:
            raise problem(
                "rollout-field",
                "it is promoted as soon as it is ready, and does not wait",
                "add `autoPromote: false`, or remove autoPromoteAfter",
                ("autoPromoteAfter",),
                ("autoPromote",),
            )
        return self


def wrong_details(
    strategy: Strategy, rollout: Rollout | None, *, updates: bool
) -> Iterator[PydanticCustomError]:
    """Details that the strategy has no use for; ``updates`` tells whether `update` was given."""
    if rollout is not None and strategy not in PROGRESSIVE:
        yield problem(
            "rollout-field",
            f"with strategy: {strategy} there are no steps",
            "use strategy: canary or blue-green; an environment removes what it inherits by `rollout: null`",
            ("rollout",),
            ("strategy",),
        )
        return
    for field, of in _ONLY.items():
        if rollout is not None and field in rollout.model_fields_set and of != strategy:
            key = camel_case(field)
            yield problem(
                "rollout-field",
                f"{key} is for strategy: {of}",
                f"remove it; an environment removes what it inherits with `{key}: null`",
                ("rollout", key),
                ("strategy",),
            )
    if updates and strategy in ("recreate", "blue-green"):
        yield problem(
            "rollout-field",
            f"with strategy: {strategy} pods are not replaced one by one",
            "remove update; an environment removes what it inherits with `update: null`",
            ("update",),
            ("strategy",),
        )
