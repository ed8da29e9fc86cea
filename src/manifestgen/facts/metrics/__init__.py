"""Which metrics there are, and of what type."""

from __future__ import annotations

from functools import cache
from typing import Literal

from manifestgen.facts.metrics.applications import APPLICATIONS
from manifestgen.facts.metrics.cluster import CLUSTER

__all__ = ["MetricType", "series_type"]

MetricType = Literal["counter", "gauge", "histogram", "summary", "untyped"]

_SUFFIXES: dict[MetricType, tuple[str, ...]] = {
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
}


@cache
def _metric_types() -> dict[str, MetricType]:
    """The type of every metric of every exporter."""
    types: dict[str, MetricType] = {}
    for exporter in (*APPLICATIONS, *CLUSTER):
        types |= dict.fromkeys(exporter.counters.split(), "counter")
        types |= dict.fromkeys(exporter.gauges.split(), "gauge")
        types |= dict.fromkeys(exporter.histograms.split(), "histogram")
        types |= dict.fromkeys(exporter.summaries.split(), "summary")
        types |= dict.fromkeys(exporter.untyped.split(), "untyped")
    return types


def series_type(name: str) -> MetricType | None:
    """How the series ``name`` may be used, None when no exporter has it.

    The series of a histogram, and the sums of a summary, are counters.
    """
    types = _metric_types()
    for kind, suffixes in _SUFFIXES.items():
        for suffix in suffixes:
            if types.get(name.removesuffix(suffix)) == kind and name.endswith(suffix):
                return "counter"
    return types.get(name)
