"""All alerts of an environment with who is told about them: what ``manifestgen alerts`` answers from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from manifestgen.monitoring.alertmanager import Configuration, configuration
from manifestgen.monitoring.external import external_labels
from manifestgen.monitoring.routing.reading import Routing, read
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Alert
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Alerting

Labels = Mapping[str, str]


class Alarms(NamedTuple):
    """The alerts of an environment, in the order of the rule file, and the routes they take."""

    platform: ResolvedPlatform
    alerting: Alerting
    alerts: tuple[Alert, ...]
    config: Configuration
    routing: Routing

    def labels_of(self, alert: Alert) -> dict[str, str]:
        """The labels that it has whatever its series: those of the rule, and those of Prometheus."""
        return {**external_labels(self.platform), "alertname": alert.name, **alert.labels}

    def called(self, name: str) -> tuple[Alert, ...]:
        """The alerts of a name: one for each component that has it."""
        return tuple(alert for alert in self.alerts if alert.name == name)

    def filled(self, labels: Labels) -> list[dict[str, str]]:
        """The labels of each alert that these labels fit, with theirs on top; of no alert known, as they are.

        A label that an alert has with another value rules it out.
        """
        name = labels.get("alertname", "")
        known = (self.labels_of(alert) for alert in self.called(name))
        fitting = [one for one in known if all(labels.get(key, value) == value for key, value in one.items())]
        return [{**one, **labels} for one in fitting] or [{**external_labels(self.platform), **labels}]


def alarms_of(platform: ResolvedPlatform, alerting: Alerting) -> Alarms:
    """The alerts of a platform whose monitoring is sound (``check_monitoring``)."""
    alerts = tuple(alert for group in groups_of(platform) for alert in group.alerts)
    config = configuration(platform, alerting, alerts)
    routing = read(
        config.document,
        routes=(route.name for route in config.routes),
        inhibitions=(rule.name for rule in config.inhibitions),
    )
    return Alarms(platform, alerting, alerts, config, routing)


def inhibited_by(alarms: Alarms, alert: Alert) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Rules that may silence the alert, each with one that does, and the labels that must be the same."""
    for source in alarms.alerts:
        yield from _between(alarms, source, alert, source.name)


def inhibits(alarms: Alarms, alert: Alert) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Rules by which the alert may silence another, each with that one."""
    for target in alarms.alerts:
        yield from _between(alarms, alert, target, target.name)


def _between(
    alarms: Alarms, source: Alert, target: Alert, name: str
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Labels of the series are taken to be the same: whether they are is only known when both fire."""
    for rule in alarms.routing.inhibitors:
        if rule.silences(alarms.labels_of(source), alarms.labels_of(target)):
            yield rule.name, name, rule.equal
