"""Who is told about an alert at a moment, while others fire, and what decided that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from manifestgen.monitoring.routing.clock import Moment, muted_by, next_unmuted
from manifestgen.monitoring.routing.inhibiting import Silenced, silenced
from manifestgen.monitoring.routing.reading import Routing
from manifestgen.monitoring.routing.tree import Route, routes_of


class Way(NamedTuple):
    """One receiver of an alert: the route that leads there, and what mutes it."""

    receiver: str
    route: str
    """The route of the spec; empty when none takes the alert and the default is told."""
    node: Route
    muted_by: tuple[str, ...]
    """The intervals because of which nobody is told now."""
    until: Moment | None
    """When somebody is told, for one that is muted; None when that is not within a year."""


class Decision(NamedTuple):
    """What becomes of an alert."""

    ways: tuple[Way, ...]
    silenced: Silenced | None

    @property
    def told(self) -> tuple[str, ...]:
        """The receivers that are told now, in their order, each once."""
        if self.silenced is not None:
            return ()
        return tuple(dict.fromkeys(way.receiver for way in self.ways if not way.muted_by))


def decide(
    routing: Routing,
    labels: Mapping[str, str],
    *,
    at: Moment | None = None,
    firing: Iterable[Mapping[str, str]] = (),
) -> Decision:
    """What becomes of an alert with ``labels`` at a moment; without one, no time mutes anything."""
    ways = tuple(_way(routing, taken.name, taken.route, at) for taken in routes_of(routing.root, labels))
    return Decision(ways, silenced(routing.inhibitors, labels, firing))


def _way(routing: Routing, name: str, node: Route, at: Moment | None) -> Way:
    if at is None or not (node.muted or node.active):
        return Way(node.receiver, name, node, (), None)
    muted = muted_by(routing.intervals, at, muted=node.muted, active=node.active)
    until = next_unmuted(routing.intervals, at, muted=node.muted, active=node.active) if muted else None
    return Way(node.receiver, name, node, muted, until)
