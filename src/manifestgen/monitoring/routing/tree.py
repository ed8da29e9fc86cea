"""The tree of routes: which of them takes an alert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from manifestgen.monitoring.routing.matchers import Matcher, all_match


class Route(NamedTuple):
    """A node of the tree, with all that it inherits from the one above filled in."""

    name: str
    """Its name in the spec, empty for the root and for branches to one receiver each."""
    matchers: tuple[Matcher, ...]
    receiver: str
    goes_on: bool
    """Ask the routes after it, too (``continue``)."""
    group_by: tuple[str, ...]
    group_wait: str
    group_interval: str
    repeat_interval: str
    muted: tuple[str, ...]
    active: tuple[str, ...]
    routes: tuple[Route, ...]


class Taken(NamedTuple):
    """A route that takes an alert: it tells its receiver. ``name`` is the route of the spec that led here."""

    name: str
    route: Route


def routes_of(root: Route, labels: Mapping[str, str]) -> tuple[Taken, ...]:
    """The routes that take an alert with these labels, in their order; at least one, the root."""
    return tuple(_taken(root, labels, ""))


def _taken(route: Route, labels: Mapping[str, str], above: str) -> Iterator[Taken]:
    """Depth first: a route takes itself what none of those below it wants."""
    if not all_match(route.matchers, labels):
        return
    name = route.name or above
    below = False
    for branch in route.routes:
        taken = list(_taken(branch, labels, name))
        yield from taken
        below = below or bool(taken)
        if taken and not branch.goes_on:
            break
    if not below:
        yield Taken(name, route)
