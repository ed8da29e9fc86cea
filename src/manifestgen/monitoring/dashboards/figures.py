"""Panels of figures that only this platform has: of its business, and of alerts of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from manifestgen.monitoring import boards, promql
from manifestgen.monitoring.business import COMPONENT, alerts_of, record_of
from manifestgen.monitoring.dashboards.limits import comparisons
from manifestgen.monitoring.dashboards.shapes import Drawn, Panel, Row, Unit, lines, number
from manifestgen.monitoring.dashboards.watching import Watch
from manifestgen.monitoring.rules import Alert
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.monitoring import BusinessMetric

_UNITS: Final[tuple[tuple[str, Unit], ...]] = (
    ("humanizePercentage", "percentunit"),
    ("humanizeDuration", "s"),
    ("humanize1024", "bytes"),
)
"""What an alert's description calls its value says what it is."""


def rows_of_business(platform: ResolvedPlatform, watch: Watch) -> Iterator[Row]:
    """A row with all figures of the business."""
    drawn = [
        watch.draw(panel, COMPONENT)
        for name, metric in platform.spec.monitoring.business.items()
        for panel in _business(name, metric)
    ]
    if drawn:
        yield Row("Figures of the business", tuple(drawn))


def _business(name: str, metric: BusinessMetric) -> Iterator[Panel]:
    job = promql.matcher("job", [metric.workload])
    watched = tuple(alert.name for alert in alerts_of(name, metric))
    window = metric.window
    if metric.type == "gauge":
        now = f"max({name}{{{job}}})"
        yield number(metric.description, "short", f"{name}, now.", now, width=8, height=8, key=name)
        shown = [(now, "now")]
    else:
        total = f"increase({name}{{{job}}}[{window}])"
        what = f"Growth of {name} within {window}."
        yield number(metric.description, "short", what, f"sum({total})", width=8, height=8, key=name)
        by = ", ".join(metric.labels)
        legend = ", ".join(f"{{{{{label}}}}}" for label in metric.labels) or f"within {window}"
        shown = [(f"sum by ({by}) ({total})" if by else f"sum({total})", legend)]
    if metric.lowest is not None or metric.highest is not None:
        shown.append((f"{record_of(name, metric).name}{{{job}}}", f"compared, over {window}"))
    title = f"{metric.description}, over time"
    yield lines(
        title, "short", f"{name} over time.", *shown, watch=watched, width=16, key=f"{name} over time"
    )


def own_panels(alerts: Iterable[Alert], watch: Watch) -> dict[str, tuple[Drawn, ...]]:
    """Panels of the figures that the spec's own alerts compare with a number, by dashboard."""
    found: dict[str, tuple[Drawn, ...]] = {}
    for alert in alerts:
        for comparison in comparisons(alert.expr)[:1]:
            panel = lines(
                alert.name,
                _unit(alert),
                alert.summary,
                (comparison.figure, "__auto"),  # whatever labels it has
                watch=(alert.name,),
                width=12,
            )
            board = boards.OF_CATEGORY[alert.category]
            found[board] = (*found.get(board, ()), watch.draw(panel, alert.component))
    return found


def _unit(alert: Alert) -> Unit:
    return next((unit for word, unit in _UNITS if word in alert.description), "short")
