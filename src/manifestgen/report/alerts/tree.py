"""``alerts tree``: the routes as text and as a flowchart of Mermaid."""

from __future__ import annotations

from manifestgen.monitoring.routing.flowchart import flowchart, times_of, told_by
from manifestgen.monitoring.routing.reading import Routing
from manifestgen.monitoring.routing.tree import Route
from manifestgen.report.columns import text
from manifestgen.yamlio.characters import escaped


def tree_text(routing: Routing) -> str:
    """A line for each route, in the order in which they are asked."""
    routes = routing.root.routes
    marks = ["├─"] * len(routes)
    lines = [f"{mark} {_words(route)}" for mark, route in zip(marks, routes, strict=True)]
    return text(["every alert", *map(escaped, lines), escaped(f"└─ all others → {routing.root.receiver}")])


def tree_mermaid(routing: Routing) -> str:
    """A flowchart: who is asked after whom, and who is told."""
    return text(["flowchart TD", *(f"  {escaped(line)}" for line in flowchart(routing))])


def _words(route: Route) -> str:
    asked = ", ".join(map(str, route.matchers)) or "all"
    goes_on = "; the routes below are asked, too" if route.goes_on else ""
    return f"{route.name}: {asked} → {', '.join(told_by(route))}{times_of(route)}{goes_on}"
