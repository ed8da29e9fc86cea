"""The pages: everything about each alert of a platform, from all environments that have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from manifestgen.monitoring import promql
from manifestgen.monitoring.alertmanager.topology import Conditions, Derived, derived
from manifestgen.monitoring.boards import API, BUSINESS, DATABASE, INFRASTRUCTURE, SLO
from manifestgen.monitoring.business import alerts_of
from manifestgen.monitoring.gateways import proxies_of
from manifestgen.monitoring.jobs import namespace_of
from manifestgen.monitoring.links import board_of, board_url
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Alert
from manifestgen.monitoring.runbooks.access import preamble
from manifestgen.monitoring.runbooks.knowledge import Runbook, known, of_business
from manifestgen.monitoring.runbooks.telling import Recipient, recipients_of
from manifestgen.monitoring.runbooks.thresholds import Threshold, preset_of, thresholds_of
from manifestgen.rendering import markdown
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.prometheus import Category

Platforms = Mapping[str, ResolvedPlatform]

BOARD_TITLES: Final = {
    API: "API",
    DATABASE: "Database",
    INFRASTRUCTURE: "Infrastructure",
    BUSINESS: "Business",
    SLO: "Objectives",
}
_FILLED: Final = (
    (re.compile(r"\{\{ (?:with query `[^`]*`|end) \}\}"), ""),
    (re.compile(r"\{\{ \$labels\.([A-Za-z_][A-Za-z0-9_]*) \}\}"), r"`\1`"),
    (re.compile(r"\{\{ (?:\$value|\. \| first)[^}]* \}\}"), "`value`"),
    (re.compile(r'\{\{ "\{\{" \}\}'), "{{"),
)
"""What a message is filled with, and how a page shows that."""


class Told(NamedTuple):
    """An alert of one component in the environments that have it alike."""

    environments: tuple[str, ...]
    alert: Alert
    recipients: tuple[Recipient, ...] = ()
    """Who is told there."""


class Step(NamedTuple):
    """Somebody who is told about an alert, with the environments where that is so in the same way."""

    environments: tuple[str, ...]
    recipient: Recipient


class Link(NamedTuple):
    """A link with its text, and where it is worth saying, what for."""

    text: str
    target: str
    remark: str = ""


class Relation(NamedTuple):
    """Other alerts that silence this one, or are silent with it, for the same reason."""

    reason: str
    alerts: tuple[str, ...]


class Page(NamedTuple):
    """All that a page states."""

    name: str
    told: tuple[Told, ...]
    steps: tuple[Step, ...]
    messages: tuple[str, ...]
    runbook: Runbook
    preamble: tuple[str, ...]
    expressions: tuple[Told, ...]
    environments: tuple[str, ...]
    thresholds: tuple[Threshold, ...]
    boards: tuple[Link, ...]
    causes: tuple[Relation, ...]
    effects: tuple[Relation, ...]

    @property
    def summary(self) -> str:
        """What is wrong, as a cell of a table says it."""
        return self.told[0].alert.summary

    @property
    def sentence(self) -> str:
        """The same as a paragraph."""
        return self.summary if self.summary.rstrip().endswith((".", "!", "?")) else f"{self.summary}."

    @property
    def category(self) -> Category:
        """The chapter it stands in."""
        return self.told[0].alert.category

    @property
    def severities(self) -> str:
        """Mostly one; more where it depends on the environment or the component."""
        return ", ".join(dict.fromkeys(one.alert.severity for one in self.told))

    @property
    def components(self) -> str:
        """All components that it is about."""
        return ", ".join(dict.fromkeys(one.alert.component for one in self.told))


class _Found(NamedTuple):
    environment: str
    alert: Alert
    labels: Mapping[str, str]
    """Those that are known before it fires."""
    recipients: tuple[Recipient, ...]


def pages(platforms: Platforms) -> list[Page]:
    """A page for each alert that any of the platforms has, in the order of the rules."""
    found: dict[str, list[_Found]] = {}
    for environment, platform in platforms.items():
        recipients = recipients_of(platform)
        for alert in (alert for group in groups_of(platform) for alert in group.alerts):
            labels = {**alert.labels, "alertname": alert.name, "environment": environment}
            one = _Found(environment, _anywhere(alert, platform), labels, recipients(alert))
            found.setdefault(alert.name, []).append(one)
    related = _Relations(platforms, found)
    return [_page(name, alerts, platforms, related) for name, alerts in found.items()]


def _anywhere(alert: Alert, platform: ResolvedPlatform) -> Alert:
    """The alert with the variable of its commands in place of the namespace, a fact of the environment."""
    expr = alert.expr
    proxies = proxies_of(platform)
    for matcher in (_of_namespace, *([proxies.served_in] if proxies else [])):
        expr = expr.replace(matcher(namespace_of(platform)), matcher("$NS"))
    return alert._replace(expr=expr)


def _of_namespace(name: str) -> str:
    return promql.matcher("namespace", [name])


def _page(name: str, found: Sequence[_Found], everywhere: Platforms, related: _Relations) -> Page:
    platforms = {one.environment: everywhere[one.environment] for one in found}
    components = list(dict.fromkeys(one.alert.component for one in found))
    runbook = _runbook(name, next(reversed(platforms.values())))
    preset = preset_of(name)
    return Page(
        name,
        told=tuple(_alike(found, _who)),
        steps=tuple(_steps(found)),
        messages=tuple(dict.fromkeys(_readable(one.alert.description) for one in found)),
        runbook=runbook,
        preamble=tuple(preamble(runbook.commands, platforms, components, preset[0].name if preset else None)),
        expressions=tuple(_alike(found, lambda one: one.alert.expr)),
        environments=tuple(platforms),
        thresholds=tuple(thresholds_of(name, platforms)),
        boards=tuple(dict.fromkeys(_boards(found, platforms))),
        causes=related.causes(name),
        effects=related.effects(name),
    )


def _who(one: _Found) -> Hashable:
    """What a row says of who is told: who they are, not how."""
    alert = one.alert
    names = tuple((recipient.name, recipient.times) for recipient in one.recipients)
    return (alert.component, alert.severity, alert.team, alert.for_, alert.slo, names)


def _steps(found: Iterable[_Found]) -> Iterator[Step]:
    environments: dict[Recipient, dict[str, None]] = {}
    for one in found:
        for recipient in one.recipients:
            environments.setdefault(recipient, {})[one.environment] = None
    for recipient, names in environments.items():
        yield Step(tuple(names), recipient)


def _alike(found: Iterable[_Found], key: Callable[[_Found], Hashable]) -> Iterator[Told]:
    """The alerts that are the same by ``key``, each once, with their environments."""
    alike: dict[Hashable, list[_Found]] = {}
    for one in found:
        alike.setdefault(key(one), []).append(one)
    for same in alike.values():
        environments = dict.fromkeys(one.environment for one in same)
        yield Told(tuple(environments), same[0].alert, same[0].recipients)


def _runbook(name: str, platform: ResolvedPlatform) -> Runbook:
    """What is known about an alert, with the steps that the spec adds before all others."""
    entry = platform.spec.monitoring.alerts.get(name)
    steps = tuple(markdown.cell(step) for step in entry.steps) if entry else ()
    runbook = known().get(name) or _of_business(name, platform)
    if runbook is not None:
        return runbook._replace(steps=(*steps, *runbook.steps))
    missing = f"The spec does not say what to do: add `steps` to `monitoring.alerts.{name}`."
    return Runbook("It is an alert of this platform alone.", "", steps or (missing,))


def _of_business(name: str, platform: ResolvedPlatform) -> Runbook | None:
    for metric, stated in platform.spec.monitoring.business.items():
        if any(alert.name == name for alert in alerts_of(metric, stated)):
            return of_business(metric, stated)
    return None


def _readable(template: str) -> str:
    """A message with names in place of what is filled in, as Markdown."""
    for pattern, text in _FILLED:
        template = pattern.sub(text, template)
    return markdown.cell(template)


def _boards(found: Iterable[_Found], platforms: Platforms) -> Iterator[Link]:
    alike = len({platform.spec.monitoring.grafana_url for platform in platforms.values()}) == 1
    for environment, alert, *_ in found:
        platform = platforms[environment]
        address = platform.spec.monitoring.grafana_url
        if address is not None:
            board = board_of(alert)
            url = board_url(address, platform.name, board)
            yield Link(BOARD_TITLES[board], url, "" if alike else environment)


class _Relations:
    """Which alerts silence which others, by all inhibitions."""

    def __init__(self, platforms: Platforms, found: Mapping[str, Iterable[_Found]]) -> None:
        self._causes: dict[str, dict[str, str]] = {}
        self._effects: dict[str, dict[str, str]] = {}
        everything = [one for alerts in found.values() for one in alerts]
        for environment, platform in platforms.items():
            here = [one for one in everything if one.environment == environment]
            for inhibition in _inhibitions(platform, [one.alert for one in here]):
                self._add(inhibition, here)

    def _add(self, inhibition: Derived, alerts: Iterable[_Found]) -> None:
        why = " ".join(inhibition.why.split())
        targets = [one for one in alerts if _meets(inhibition.target, one)]
        for source in [one for one in alerts if _meets(inhibition.source, one)]:
            for target in targets:
                cause, effect = source.alert.name, target.alert.name
                if cause != effect and _equal(source, target, inhibition.equal):
                    self._causes.setdefault(effect, {}).setdefault(cause, why)
                    self._effects.setdefault(cause, {}).setdefault(effect, why)

    def causes(self, name: str) -> tuple[Relation, ...]:
        """The alerts that silence ``name``, by the reason."""
        return _by_reason(self._causes.get(name, {}))

    def effects(self, name: str) -> tuple[Relation, ...]:
        """The alerts that ``name`` silences, by the reason."""
        return _by_reason(self._effects.get(name, {}))


def _by_reason(alerts: Mapping[str, str]) -> tuple[Relation, ...]:
    alike: dict[str, list[str]] = {}
    for name, why in alerts.items():
        alike.setdefault(why, []).append(name)
    return tuple(Relation(why, tuple(names)) for why, names in alike.items())


def _inhibitions(platform: ResolvedPlatform, alerts: Iterable[Alert]) -> Iterator[Derived]:
    """All that silence some of the alerts: those of the spec, then those that follow from the platform."""
    alerting = platform.spec.alerting
    if alerting is None:
        return
    for name, rule in alerting.inhibitions.items():
        source, target = (
            {label: tuple(values) for label, values in match.conditions.items()}
            for match in (rule.source, rule.target)
        )
        yield Derived(name, rule.description or "", source, target, tuple(rule.equal))
    if alerting.topology_inhibitions:
        yield from derived(platform, alerts)


def _meets(conditions: Conditions, found: _Found) -> bool:
    return all(found.labels.get(label) in values for label, values in conditions.items())


def _equal(source: _Found, target: _Found, equal: Iterable[str]) -> bool:
    """Whether labels that must be the same may be: of those that the series bring, nobody knows yet."""
    one, other = source.labels, target.labels
    return all(one[label] == other[label] for label in equal if label in one and label in other)
