"""The alerts of a platform, and how panels find the ones they watch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from manifestgen.monitoring.dashboards.limits import comparisons, limits_of
from manifestgen.monitoring.dashboards.shapes import Drawn, Limit, Panel, Row, filled
from manifestgen.monitoring.rules import Alert, Subject, fill


class Watch:
    """The alerts of a platform by name: a component may have one that others have, too.

    ``moved`` are names of alerts that the spec gives to another component than the one they are made for.
    """

    def __init__(self, alerts: Iterable[Alert], moved: Collection[str]) -> None:
        self._moved = moved
        self._alerts: dict[str, list[Alert]] = {}
        for alert in alerts:
            self._alerts.setdefault(alert.name, []).append(alert)

    def components(self, among: Iterable[str]) -> list[str]:
        """Those of ``among`` that have alerts."""
        about = {alert.component for alerts in self._alerts.values() for alert in alerts}
        return [component for component in among if component in about]

    def row(self, title: str, panels: Iterable[Panel], subject: Subject) -> Row:
        """``panels`` for a component, without those that make no sense for it."""
        return Row(fill(title, subject.values), tuple(self.drawn(panels, subject)))

    def drawn(self, panels: Iterable[Panel], subject: Subject) -> Iterator[Drawn]:
        """The same without a title."""
        for panel in panels:
            if panel.needs not in subject.without:
                yield self.draw(filled(panel, subject.values), subject.name)

    def draw(self, panel: Panel, component: str, slo: str = "") -> Drawn:
        """``panel`` with the limits of the alerts that it watches, and the way to their pages."""
        watched = [alert for name in panel.watch for alert in self._of(name, panel, component, slo)]
        limits = dict.fromkeys(limit for alert in watched for limit in limits_of(panel, alert))
        return Drawn(panel, _ordered(limits), tuple(dict.fromkeys(_pages(watched))))

    def _of(self, name: str, panel: Panel, component: str, slo: str) -> list[Alert]:
        """The alerts of that name about a component: of several that were moved, those on what is shown."""
        named = [a for a in self._alerts.get(name, ()) if a.labels.get("slo", "") == slo]
        if name not in self._moved:
            return [alert for alert in named if alert.component == component]
        return [alert for alert in named if len(named) == 1 or _is_about(alert, panel)]


def _is_about(alert: Alert, panel: Panel) -> bool:
    shown = [query.expr for query in panel.queries]
    return any(comparison.figure in shown for comparison in comparisons(alert.expr))


def _ordered(limits: Iterable[Limit]) -> tuple[Limit, ...]:
    """Lines of one direction, the lowest first: Grafana can colour but one side of a line."""
    found = sorted(limits)
    return tuple(limit for limit in found if limit.above == found[0].above)


def _pages(alerts: Iterable[Alert]) -> Iterator[tuple[str, str]]:
    for alert in alerts:
        yield alert.name, str(alert.body["annotations"].get("runbook_url", ""))
