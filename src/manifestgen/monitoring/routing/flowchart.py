"""The routes of Alertmanager as the lines of a flowchart of Mermaid."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from manifestgen.monitoring.routing.reading import Routing
from manifestgen.monitoring.routing.tree import Route
from manifestgen.rendering.mermaid import label


def flowchart(routing: Routing) -> Iterator[str]:
    """Who is asked after whom, and who is told: what stands below ``flowchart TD``."""
    routes = routing.root.routes
    yield 'start(["every alert"])'
    yield f"start --> {'route1' if routes else 'told'}"
    for number, (route, following) in enumerate(zip_longest(routes, routes[1:]), 1):
        after = "told" if following is None else f"route{number + 1}"
        asked = "<br>".join(label(str(matcher)) for matcher in route.matchers)
        *others, last = told_by(route)
        told = "<br>".join(map(label, [*others, f"{last}{times_of(route)}"]))
        yield f'route{number}{{"{label(route.name)}<br>{asked}"}}'
        yield f'route{number} -- yes --> told{number}["{told}"]'
        yield f"route{number} -- no --> {after}"
        if route.goes_on:
            yield f"told{number} -. and on .-> {after}"
    yield f'told["{label(routing.root.receiver)}"]'


def told_by(route: Route) -> list[str]:
    """The receivers of a route of the spec: branches below it, where it has several."""
    return [branch.receiver for branch in route.routes] or [route.receiver]


def times_of(route: Route) -> str:
    """When it tells them, behind a comma; nothing for always."""
    timed = route.routes[0] if route.routes else route
    active = f", only in {', '.join(timed.active)}" if timed.active else ""
    muted = f", not in {', '.join(timed.muted)}" if timed.muted else ""
    return active + muted
