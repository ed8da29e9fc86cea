"""Objectives: how good a workload shall be to those who use it."""

import re
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.burnrates import DAY, SHORTEST_PERIOD, burn_alerts, lowest_objective
from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import Duration, Form, Model, Name, PositiveCount, Text, problem
from manifestgen.spec.prometheus import Category, LabelName, MetricName

HISTOGRAMS: Final = {
    "http_request_duration_highr_seconds": (
        *(0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 7.5),
        *(10, 30, 60),
    ),
    "http_request_duration_seconds": (0.1, 0.5, 1),
}
"""Edges of the buckets, in seconds, as prometheus-fastapi-instrumentator 8 has them by default."""

_HIGHEST: Final = 99.9999
"""In per cent; one request of a million may fail, and nobody could tell less from chance."""

_MATCHER: Final = (
    r'[a-zA-Z_][a-zA-Z0-9_]*(=|!=|=~|!~)"([^"\\{\x00-\x1f\x7f]|\\[\\"nrt]|\{[^"\\{\x00-\x1f\x7f])*"'
)

Series = Annotated[
    str,
    StringConstraints(pattern=rf"^[a-zA-Z_:][a-zA-Z0-9_:]*(\{{({_MATCHER}(, ?{_MATCHER})*)?\}})?$"),
    Form('write a counter with its labels, e.g. orders_failed_total{job="shop"}'),
    Field(examples=['orders_failed_total{job="shop"}']),
]
"""A counter of Prometheus, with or without matchers of its labels."""


class Availability(Model):
    """Requests that do not fail, by a counter that has the status as a label."""

    counter: MetricName = "http_requests_total"
    """Counter of the requests."""
    label: LabelName = "status"
    """Label that holds the status."""
    failures: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9_.]+(\|[A-Za-z0-9_.]+)*$"),
        Form("write statuses with . for any digit, e.g. 5..|429"),
    ] = "5.."
    """Statuses of failed requests: `.` is any digit, `|` is or."""


class Latency(Model):
    """Requests that are answered in time, by a histogram."""

    threshold: Duration
    """Time that an answer may take; an edge of a bucket of the histogram."""
    histogram: MetricName = "http_request_duration_highr_seconds"
    """Histogram of the durations, in seconds."""
    buckets: list[Annotated[float, Field(gt=0, lt=1e6)]] = []
    """Edges of its buckets in seconds, for a histogram that is not one of the instrumentator's."""

    @model_validator(mode="after")
    def _threshold_is_an_edge(self) -> Self:
        edges = self.buckets or HISTOGRAMS.get(self.histogram, ())
        if not edges:
            raise problem(
                "slo-bucket",
                f"the buckets of {self.histogram} are not known here",
                "add `buckets: [0.1, 0.5, 1]`, as the workload has them",
                ("histogram",),
            )
        if parse_duration(self.threshold) not in edges:
            known = ", ".join(f"{edge:g}" for edge in edges)
            raise problem(
                "slo-bucket",
                f"{self.threshold} is no edge of a bucket of {self.histogram}, so nobody counts it",
                f"edges, in seconds: {known}",
                ("threshold",),
                ("buckets",),
            )
        return self


class Custom(Model):
    """Anything that is counted, and how much of it fails."""

    errors: Series
    """Counter of what fails: `orders_failed_total{job="shop"}`."""
    total: Series
    """Counter of everything: `orders_total{job="shop"}`."""

    @model_validator(mode="after")
    def _patterns_can_be_read(self) -> Self:
        for key, series in (("errors", self.errors), ("total", self.total)):
            for pattern in re.findall(r'[=!]~"((?:[^"\\]|\\.)*)"', series):
                try:
                    re.compile(pattern.replace("\\\\", "\\"))
                except re.error:
                    raise problem(
                        "slo-pattern",
                        f'"{pattern}" is no regular expression',
                        "close what is opened, or use = and !=",
                        (key,),
                    ) from None
        return self


class Slo(Model):
    """An objective of a workload: how large a share of what it does shall be good.

    What is good, says `availability`, `latency` or `custom`; without any of them it is the availability by
    the counter of HTTP requests.
    """

    description: Text | None = None
    """What people may count on, in a sentence."""
    workload: Name
    """Workload that it is about; it needs `metrics`."""
    objective: float
    """Share that shall be good, in per cent: `99.9`."""
    window: Duration = "30d"
    """Time over which it counts, at least `7d`; not longer than Prometheus keeps its data."""
    alerts: bool = True
    """Tell somebody when the error budget burns too fast. False: it is only recorded, for dashboards and
    rollouts."""
    minimum_failures: PositiveCount = 5
    """How much must fail within the longer window of an alert before somebody is told: where little is asked,
    one failure is a large share of all, and no outage."""
    category: Category = "api"
    """Category of its alerts."""
    availability: Availability | None = None
    """Requests that do not fail."""
    latency: Latency | None = None
    """Requests that are answered in time."""
    custom: Custom | None = None
    """Anything that is counted."""

    @model_validator(mode="after")
    def _leaves_a_budget(self) -> Self:
        if not 0 < self.objective <= _HIGHEST:
            lack = "leaves no error budget" if self.objective > _HIGHEST else "is no objective"
            raise problem("slo-objective", f"{self.objective:g} {lack}", "use e.g. 99.9", ("objective",))
        return self

    @model_validator(mode="after")
    def _measures_one_thing(self) -> Self:
        given = [key for key in ("availability", "latency", "custom") if getattr(self, key) is not None]
        if len(given) > 1:
            raise problem(
                "slo-indicator",
                f"it measures both {given[0]} and {given[1]}",
                "keep one; make another SLO of the other",
                *((key,) for key in given),
            )
        return self

    @model_validator(mode="after")
    def _lasts_long_enough(self) -> Self:
        if parse_duration(self.window) < SHORTEST_PERIOD:
            raise problem(
                "slo-window",
                f"over {self.window} there is no time to tell a slow burn of the budget from a bad hour",
                f"make it {SHORTEST_PERIOD / DAY:g}d or longer, e.g. 30d",
                ("window",),
            )
        return self

    @model_validator(mode="after")
    def _alerts_can_fire(self) -> Self:
        if not self.alerts:
            return self
        for alert in burn_alerts(parse_duration(self.window)):
            if alert.factor * self.budget >= 1:
                fastest = f"a total outage burns the budget {1 / self.budget:.3g} times as fast as it may"
                raise problem(
                    "slo-burn-rate",
                    f"{fastest}, and the alert over {alert.window.long} waits for more than"
                    f" {alert.factor:.3g} times: it could never fire",
                    f"raise the objective above {lowest_objective(alert.factor):.2f}, shorten the window, or"
                    " switch its alerts off: `alerts: false`",
                    ("objective",),
                    ("window",),
                )
        return self

    @property
    def budget(self) -> float:
        """The share that may fail, from 0 to 1."""
        return round(1 - self.objective / 100, 12)
