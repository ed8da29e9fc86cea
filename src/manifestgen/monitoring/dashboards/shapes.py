"""What a dashboard is made of, before anybody thinks of Grafana's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from manifestgen.monitoring.rules import fill

Kind = Literal["lines", "number", "state", "alerts"]
"""Curves over time; one figure, now; on or off over time; a table of alerts that fire."""

Unit = Literal["short", "reqps", "ops", "s", "percentunit", "bytes", "Bps", "none"]
"""Units as Grafana calls them; ``none`` is a number as it is."""

WHOLE_ROW = 24
"""Columns of a dashboard."""


class Query(NamedTuple):
    """PromQL and what its series are called; places such as ``@of`` are filled as in a preset."""

    expr: str
    legend: str


class Panel(NamedTuple):
    """One picture. ``watch`` names the alerts whose thresholds it shows and whose pages it leads to.

    ``needs`` names an alert that the component must be able to have: what watches replicas is of no use
    where there are none. ``whole`` is for figures that are counted, so that more than 2 means 3.
    ``stacked`` curves stand on each other; ``top`` is where the axis ends. ``good`` is the value of a
    state that means that all is well. ``key`` is what it is known by where its title may be changed.
    """

    title: str
    description: str
    unit: Unit
    queries: tuple[Query, ...]
    watch: tuple[str, ...] = ()
    kind: Kind = "lines"
    width: int = 8
    height: int = 8
    needs: str = ""
    whole: bool = False
    stacked: bool = False
    top: float | None = None
    good: int = 1
    key: str = ""


class Limit(NamedTuple):
    """Where a figure becomes trouble: from ``value`` on or, unless ``above``, below it."""

    value: float
    severity: str
    above: bool


class Drawn(NamedTuple):
    """A panel with its places filled and its limits known."""

    panel: Panel
    limits: tuple[Limit, ...] = ()
    runbooks: tuple[tuple[str, str], ...] = ()


class Row(NamedTuple):
    """Panels about one thing, under a title; one without a title stands at the head."""

    title: str
    panels: tuple[Drawn, ...]


class Variable(NamedTuple):
    """A choice above the dashboard: the values of a label of some series."""

    name: str
    label: str
    description: str
    series: str
    of: str
    everything: str = ".*"


class Board(NamedTuple):
    """A dashboard.

    ``deployments`` is PromQL for the moments at which a new version came, ``alerts`` a matcher for the
    alerts about what stands on it; there may be neither.
    """

    name: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    deployments: str | None = None
    alerts: str | None = None


def filled(panel: Panel, values: Mapping[str, str]) -> Panel:
    """``panel`` for one component."""
    return panel._replace(
        title=fill(panel.title, values),
        description=fill(panel.description, values),
        queries=tuple(Query(fill(query.expr, values), query.legend) for query in panel.queries),
    )


def lines(title: str, unit: Unit, description: str, *queries: tuple[str, str], **more: Any) -> Panel:
    """A panel of curves: expressions with their legends."""
    return Panel(title, description, unit, _queries(queries))._replace(**more)


def number(title: str, unit: Unit, description: str, expr: str, **more: Any) -> Panel:
    """A panel with one figure."""
    made = Panel(title, description, unit, _queries([(expr, title)]), kind="number", width=4, height=4)
    return made._replace(**more)


def state(title: str, description: str, expr: str, legend: str, **more: Any) -> Panel:
    """A panel of what is on or off."""
    made = Panel(title, description, "none", _queries([(expr, legend)]), kind="state", whole=True)
    return made._replace(**more)


def _queries(pairs: Iterable[tuple[str, str]]) -> tuple[Query, ...]:
    return tuple(Query(expr, legend) for expr, legend in pairs)
