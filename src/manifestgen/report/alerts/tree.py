"""``alerts tree``: the routes as text and as a flowchart of Mermaid."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from manifestgen.monitoring.routing.reading import Routing
from manifestgen.monitoring.routing.tree import Route
from manifestgen.report.columns import text
from manifestgen.yamlio.characters import escaped

_UNSAFE = str.maketrans({'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\\": "#92;"})
"""What a label of Mermaid cannot hold; ``#…;`` is its way to write it."""


def tree_text(routing: Routing) -> str:
    """A line for each route, in the order in which they are asked."""
    routes = routing.root.routes
    marks = ["├─"] * len(routes)
    lines = [f"{mark} {_words(route)}" for mark, route in zip(marks, routes, strict=True)]
    return text(["every alert", *map(escaped, lines), escaped(f"└─ all others → {routing.root.receiver}")])


def tree_mermaid(routing: Routing) -> str:
    """A flowchart: who is asked after whom, and who is told."""
    return text(["flowchart TD", *(f"  {escaped(line)}" for line in _flow(routing))])


def _words(route: Route) -> str:
    asked = ", ".join(map(str, route.matchers)) or "all"
    goes_on = "; the routes below are asked, too" if route.goes_on else ""
    return f"{route.name}: {asked} → {', '.join(_told(route))}{_times(route)}{goes_on}"


def _told(route: Route) -> list[str]:
    """The receivers of a route of the spec: branches below it, where it has several."""
    return [branch.receiver for branch in route.routes] or [route.receiver]


def _times(route: Route) -> str:
    timed = route.routes[0] if route.routes else route
    active = f", only in {', '.join(timed.active)}" if timed.active else ""
    muted = f", not in {', '.join(timed.muted)}" if timed.muted else ""
    return active + muted


def _flow(routing: Routing) -> Iterator[str]:
    routes = routing.root.routes
    yield 'start(["every alert"])'
    yield f"start --> {'route1' if routes else 'told'}"
    for number, (route, following) in enumerate(zip_longest(routes, routes[1:]), 1):
        after = "told" if following is None else f"route{number + 1}"
        asked = "<br>".join(_label(str(matcher)) for matcher in route.matchers)
        told = "<br>".join(map(_label, _told(route))) + _label(_times(route))
        yield f'route{number}{{"{_label(route.name)}<br>{asked}"}}'
        yield f'route{number} -- yes --> told{number}["{told}"]'
        yield f"route{number} -- no --> {after}"
        if route.goes_on:
            yield f"told{number} -. and on .-> {after}"
    yield f'told["{_label(routing.root.receiver)}"]'


def _label(words: str) -> str:
    return words.translate(_UNSAFE)
