"""Alertmanager's configuration as the model has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from manifestgen.monitoring.routing.clock import Intervals, read_period
from manifestgen.monitoring.routing.inhibiting import Inhibitor
from manifestgen.monitoring.routing.matchers import Matcher, parse
from manifestgen.monitoring.routing.tree import Route

_WAITS: Final = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}
"""Alertmanager's own defaults."""


class Routing(NamedTuple):
    """All of a configuration that decides who is told."""

    root: Route
    inhibitors: tuple[Inhibitor, ...]
    intervals: Intervals


def read(
    document: Mapping[str, Any], *, routes: Iterable[str] = (), inhibitions: Iterable[str] = ()
) -> Routing:
    """The model of an ``alertmanager.yml``.

    A file has no names for routes and inhibitions: ``routes`` are those of the routes below the root,
    ``inhibitions`` those of the rules, both in the order of the file.
    """
    rules = document.get("inhibit_rules") or ()
    names = [*inhibitions, *(f"inhibit_rules[{index}]" for index in range(len(rules)))]
    return Routing(
        root=_route(document["route"], {**_WAITS, "group_by": ()}, "", list(routes)),
        inhibitors=tuple(_inhibitor(name, rule) for name, rule in zip(names, rules, strict=False)),
        intervals={
            one["name"]: tuple(read_period(period) for period in one["time_intervals"])
            for one in document.get("time_intervals") or ()
        },
    )


def _route(body: Mapping[str, Any], above: Mapping[str, Any], name: str, names: list[str]) -> Route:
    """A route with what it inherits: all but its matchers and its intervals."""
    inherited = {key: body.get(key, above.get(key)) for key in (*_WAITS, "group_by", "receiver")}
    below = body.get("routes") or ()
    branches = [*names, *("" for _ in below)]
    return Route(
        name=name,
        matchers=_matchers(body.get("matchers") or ()),
        goes_on=body.get("continue", False),
        muted=tuple(body.get("mute_time_intervals") or ()),
        active=tuple(body.get("active_time_intervals") or ()),
        routes=tuple(
            _route(one, inherited, called, []) for one, called in zip(below, branches, strict=False)
        ),
        **{**inherited, "group_by": tuple(inherited["group_by"] or ())},
    )


def _inhibitor(name: str, rule: Mapping[str, Any]) -> Inhibitor:
    return Inhibitor(
        name,
        _matchers(rule.get("source_matchers") or ()),
        _matchers(rule.get("target_matchers") or ()),
        tuple(rule.get("equal") or ()),
    )


def _matchers(texts: Iterable[str]) -> tuple[Matcher, ...]:
    return tuple(parse(text) for text in texts)
