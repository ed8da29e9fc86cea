"""Which metrics there are: who exports them, of what type and unit, with which labels, since when.

The tables are read with the first question, and nobody else pays for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from manifestgen.facts.metrics.exporter import Exporter, Family, Gone, MetricType

__all__ = ["Metric", "MetricType", "exporters", "gone", "metrics", "metrics_called", "series_type"]

_SUFFIXES: Final[Mapping[MetricType, tuple[str, ...]]] = {
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
}


class Metric(NamedTuple):
    """A metric of an exporter, or one of the series that a histogram or a summary consists of.

    The series of a histogram, and the sums of a summary, are counters.
    """

    name: str
    type: MetricType
    exporter: Exporter
    family: Family

    @property
    def labels(self) -> frozenset[str]:
        """Labels that each of its series has beside those of the target."""
        more = {"le"} if self.name.endswith("_bucket") and self.family.type == "histogram" else set()
        return frozenset(label for label in self.family.labels.split() if not label.endswith("?")) | more

    @property
    def possible_labels(self) -> frozenset[str]:
        """Labels that some of its series may have beside those of the target."""
        more = {"quantile"} if self.type == "summary" else set()
        return self.labels | {label.rstrip("?") for label in self.family.labels.split()} | more


@cache
def exporters() -> tuple[Exporter, ...]:
    """All exporters that are known."""
    from manifestgen.facts.metrics.applications import APPLICATIONS
    from manifestgen.facts.metrics.cluster import CLUSTER
    from manifestgen.facts.metrics.datastores import DATASTORES
    from manifestgen.facts.metrics.gateways import GATEWAYS
    from manifestgen.facts.metrics.observers import OBSERVERS

    return (*APPLICATIONS, *DATASTORES, *CLUSTER, *GATEWAYS, *OBSERVERS)


@cache
def metrics() -> Mapping[str, tuple[Metric, ...]]:
    """All series by name; a few names are given by more than one exporter."""
    found: dict[str, tuple[Metric, ...]] = {}
    for exporter in exporters():
        for family in exporter.families:
            for name in family.names.split():
                for metric in _series(name, exporter, family):
                    found[metric.name] = (*found.get(metric.name, ()), metric)
    return found


def metrics_called(name: str) -> tuple[Metric, ...]:
    """Who exports a series of this name; empty when nobody does."""
    return metrics().get(name, ())


def series_type(name: str) -> MetricType | None:
    """How the series ``name`` may be used, None when no exporter has it."""
    known = metrics_called(name)
    return known[0].type if known else None


def gone(name: str) -> Gone | None:
    """What has become of a name that no exporter has any more, None when nothing is known of it."""
    from manifestgen.facts.metrics.dead import GONE

    for one in GONE:
        stem = one.name.removesuffix("*")
        if name == one.name or (stem != one.name and name.startswith(stem)):
            end = name.removeprefix(stem)
            return one._replace(name=name, successor=one.successor.replace("*", end))
    return None


def _series(name: str, exporter: Exporter, family: Family) -> list[Metric]:
    parts = [Metric(name + end, "counter", exporter, family) for end in _SUFFIXES.get(family.type, ())]
    return [Metric(name, family.type, exporter, family), *parts]
