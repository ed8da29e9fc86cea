"""Figures of the business: what the spec declares becomes records and alerts."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.monitoring import gotemplate, promql
from manifestgen.monitoring.rules import Alert, Record
from manifestgen.spec.monitoring import BusinessMetric

COMPONENT = "business"


def record_of(name: str, metric: BusinessMetric) -> Record:
    """The figure over its window: the average of a gauge, the growth of a counter.

    Pods that export the same gauge agree on it, so the largest counts; what they count, they count
    apart, so counters are added up.
    """
    series = f"{name}{{{promql.matcher('job', [metric.workload])}}}[{metric.window}]"
    if metric.type == "gauge":
        return Record(f"job:{name}:avg{metric.window}", f"max by (job) (avg_over_time({series}))")
    return Record(f"job:{name}:increase{metric.window}", f"sum by (job) (increase({series}))")


def alerts_of(name: str, metric: BusinessMetric) -> Iterator[Alert]:
    """An alert for each bound, and one for a figure that is not exported at all."""
    figure = record_of(name, metric).name
    job = promql.matcher("job", [metric.workload])
    what = gotemplate.literal(metric.description)
    over = f"over the last {metric.window}"
    for bound, sign, kind in ((metric.lowest, "<", "Low"), (metric.highest, ">", "High")):
        if bound is not None:
            least = "at least" if sign == "<" else "at most"
            yield Alert(
                f"{_camel(name)}{kind}",
                severity=metric.severity,
                for_="10m",
                expr=f"{figure}{{{job}}} {sign} {promql.number(bound)}",
                summary=f"{what}: unusually {kind.lower()}",
                description=f"{what}: {{{{ $value | humanize }}}} {over}, {least} {bound:g} expected.",
                component=COMPONENT,
                category="business",
            )
    yield Alert(
        f"{_camel(name)}Absent",
        severity="info",
        for_="1h",
        expr=f"absent({name}{{{job}}})\n  and on ()\nup{{{job}}} == 1",
        summary=f"{what}: not reported",
        description=f"{what}: {metric.workload} runs but does not export {name}.",
        component=COMPONENT,
        category="business",
    )


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
