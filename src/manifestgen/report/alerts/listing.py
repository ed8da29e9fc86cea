"""``alerts list`` and ``alerts show``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from manifestgen.monitoring.alarms import Alarms, inhibited_by, inhibits
from manifestgen.monitoring.origins import sources_of
from manifestgen.monitoring.routing.decision import decide
from manifestgen.monitoring.rules import Alert
from manifestgen.report.columns import labelled, table, text

_HEAD = ("ALERT", "SEVERITY", "COMPONENT", "CATEGORY", "TEAM", "FOR", "TELLS")


def list_text(alarms: Alarms) -> str:
    """A line for each alert."""
    rows = [
        (one["alert"], one["severity"], one["component"], one["category"], one["team"], one["for"] or "")
        for one in list_objects(alarms)
    ]
    told = [", ".join(one["tells"]) for one in list_objects(alarms)]
    return text(table([_HEAD, *((*row, names) for row, names in zip(rows, told, strict=True))]))


def list_objects(alarms: Alarms) -> list[dict[str, Any]]:
    """The same for scripts."""
    return [_summary(alarms, alert) for alert in alarms.alerts]


def show_objects(alarms: Alarms, alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """Everything about some alerts."""
    return [_everything(alarms, alert) for alert in alerts]


def show_text(alarms: Alarms, alerts: Iterable[Alert]) -> str:
    """The same for people, an empty line between two alerts."""
    return "\n".join(text(_paragraph(one)) for one in show_objects(alarms, alerts))


def _summary(alarms: Alarms, alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.name,
        **alert.labels,
        "for": alert.for_,
        "tells": list(decide(alarms.routing, alarms.labels_of(alert)).told),
    }


def _everything(alarms: Alarms, alert: Alert) -> dict[str, Any]:
    body = alert.body
    return {
        "alert": alert.name,
        "labels": alarms.labels_of(alert),
        "annotations": body["annotations"],
        "for": alert.for_,
        "keep_firing_for": alert.keep_firing_for,
        "expr": alert.expr,
        "from": [
            {"what": source.what, "at": str(source.location) if source.location else None}
            for source in sources_of(alarms.platform, alert)
        ],
        "tells": list(decide(alarms.routing, alarms.labels_of(alert)).told),
        "inhibited_by": _rules(inhibited_by(alarms, alert)),
        "inhibits": _rules(inhibits(alarms, alert)),
    }


def _rules(found: Iterable[tuple[str, str, tuple[str, ...]]]) -> list[dict[str, Any]]:
    return [{"alert": other, "rule": rule, "equal": list(equal)} for rule, other, equal in found]


def _paragraph(one: dict[str, Any]) -> Iterator[str]:
    labels = {key: value for key, value in one["labels"].items() if key != "alertname"}
    yield from labelled(
        [
            ("alert", one["alert"]),
            ("labels", ", ".join(f"{key}={value}" for key, value in labels.items())),
            *one["annotations"].items(),
            ("for", one["for"] or ""),
            ("keep firing for", one["keep_firing_for"] or ""),
            ("expr", one["expr"]),
            ("from", "\n".join(_source(source) for source in one["from"])),
            ("tells", ", ".join(one["tells"])),
            ("inhibited by", "\n".join(_rule(rule) for rule in one["inhibited_by"])),
            ("inhibits", "\n".join(_rule(rule) for rule in one["inhibits"])),
        ]
    )


def _source(source: dict[str, Any]) -> str:
    return f"{source['what']} ({source['at']})" if source["at"] else source["what"]


def _rule(rule: dict[str, Any]) -> str:
    return f"{rule['alert']}, by {rule['rule']}"
