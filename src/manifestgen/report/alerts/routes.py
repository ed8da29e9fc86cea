"""``alerts route``: what becomes of an alert, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manifestgen.monitoring.alarms import Alarms
from manifestgen.monitoring.routing.clock import shown
from manifestgen.monitoring.routing.decision import Decision, Way
from manifestgen.report.columns import labelled, text
from manifestgen.yamlio.characters import escaped

Labels = Mapping[str, str]


def route_object(alarms: Alarms, labels: Labels, decision: Decision) -> dict[str, Any]:
    """The decision for scripts."""
    silenced = decision.silenced
    return {
        "labels": dict(labels),
        "tells": list(decision.told),
        "ways": [_way(alarms, way) for way in decision.ways],
        "inhibited_by": silenced and {"rule": silenced.by.name, "alert": dict(silenced.source)},
    }


def route_text(alarms: Alarms, labels: Labels, decision: Decision) -> str:
    """The decision for people."""
    return text(_lines(alarms, labels, decision))


def _lines(alarms: Alarms, labels: Labels, decision: Decision) -> Iterator[str]:
    yield escaped(f"{labels.get('alertname', 'alert')}{{{_listed(labels)}}}")
    if decision.silenced is not None:
        source = decision.silenced.source
        yield escaped(
            f"  tells nobody while {source.get('alertname', 'an alert')}{{{_listed(source)}}} fires"
        )
        yield f"  inhibited by {_named(alarms, decision.silenced.by.name)}"
        yield "  without that:"
    for way in decision.ways:
        yield from (f"    {line}" for line in labelled([(way.receiver, "\n".join(_said(alarms, way)))]))


def _said(alarms: Alarms, way: Way) -> Iterator[str]:
    yield f"by {_place(alarms, way)}"
    node = way.node
    if not way.muted_by:
        yield f"told {node.group_wait} after the first alert of its group, {node.group_interval} after others"
    elif way.until is None:
        yield f"muted for more than a year, {_muted(way)}"
    else:
        yield f"muted until {shown(way.until, _location(alarms, way))}, {_muted(way)}"
        yield f"then told within {node.group_interval}, if it still fires"
    yield f"grouped by {', '.join(node.group_by) or 'nothing'}; told again every {node.repeat_interval}"


def _muted(way: Way) -> str:
    names = ", ".join(way.muted_by)
    outside = bool(way.node.active) and way.muted_by == way.node.active
    return f"outside {names}" if outside else f"in {names}"


def _place(alarms: Alarms, way: Way) -> str:
    if not way.route:
        return "alerting.default"
    return f"alerting.routes.{way.route}{_line(alarms, ('alerting', 'routes', way.route))}"


def _named(alarms: Alarms, rule: str) -> str:
    if rule in alarms.alerting.inhibitions:
        return f"alerting.inhibitions.{rule}{_line(alarms, ('alerting', 'inhibitions', rule))}"
    return f"{rule} (alerting.topologyInhibitions)"


def _line(alarms: Alarms, path: tuple[str, ...]) -> str:
    node = alarms.platform.node.at(path)
    return f" ({node.key_location or node.location})"


def _location(alarms: Alarms, way: Way) -> str:
    """The place by whose clock the people that are told live: that of the first interval that mutes them."""
    return alarms.routing.intervals[way.muted_by[0]][0].location


def _way(alarms: Alarms, way: Way) -> dict[str, Any]:
    return {
        "receiver": way.receiver,
        "route": way.route or None,
        "group_by": list(way.node.group_by),
        "group_wait": way.node.group_wait,
        "group_interval": way.node.group_interval,
        "repeat_interval": way.node.repeat_interval,
        "muted_by": list(way.muted_by),
        "until": way.until.isoformat() if way.until else None,
        "at": _place(alarms, way),
    }


def _listed(labels: Labels) -> str:
    return ", ".join(f'{name}="{value}"' for name, value in labels.items() if name != "alertname")
