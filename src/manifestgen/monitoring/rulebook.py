"""All rules of a platform: presets filled in, the spec's own alerts and changes, who answers for what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.monitoring import gotemplate, objectives
from manifestgen.monitoring.business import alerts_of, record_of
from manifestgen.monitoring.findings import finding_at
from manifestgen.monitoring.jobs import jobs_of
from manifestgen.monitoring.links import links_of
from manifestgen.monitoring.presets.observers import WATCHDOG
from manifestgen.monitoring.rules import Alert, Group, Preset, Record, Subject, fill
from manifestgen.monitoring.subjects import PRESETS, applications
from manifestgen.resolving.model import ResolvedPlatform, kept_by_platform
from manifestgen.spec import monitoring as spec

PRESET_ALERTS: Final = frozenset(alert.name for preset in PRESETS for alert in preset.alerts)
"""Names of the alerts that presets bring; an entry of ``monitoring.alerts`` may change them."""

KNOWN_ALERTS: Final = PRESET_ALERTS.union(objectives.ALERTS)
"""The same with those on objectives."""

_UNTIL_REVIEW: Final = "72h"
_REQUIRED: Final = ("expr", "severity", "component", "category", "summary", "description")


@kept_by_platform
def groups_of(platform: ResolvedPlatform) -> tuple[Group, ...]:
    """The groups of rules for the platform, none of them empty.

    Entries of ``monitoring.alerts`` must be sound: see ``alert_findings``.
    """
    jobs = frozenset(job.name for job in jobs_of(platform))
    groups = [_preset_group(preset, subjects) for preset, subjects in applications(platform, jobs)]
    if platform.spec.slos:
        groups += objectives.slo_groups(platform)
    groups.append(_business_group(platform.spec.monitoring.business))
    groups.append(_own_group(platform.spec.monitoring.alerts, groups))
    changed = (_with_changes(group, platform) for group in groups)
    return tuple(group for group in changed if group.records or group.alerts)


def alert_findings(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Entries of ``monitoring.alerts`` that neither change an alert nor are a whole one."""
    known = {*KNOWN_ALERTS, *(alert.name for alert in _business_alerts(platform.spec.monitoring.business))}
    for name, entry in platform.spec.monitoring.alerts.items():
        lacking = [key for key in _REQUIRED if getattr(entry, key) is None]
        if name not in known and entry.expr is None:
            yield finding_at(
                platform,
                ("monitoring", "alerts", name),
                rule="alert-unknown",
                message=f"{name} is no alert of the presets",
                advice=f"{nearest_hint(name, known)}; an alert of one's own needs `expr`",
            )
        elif name not in known and lacking:
            yield finding_at(
                platform,
                ("monitoring", "alerts", name),
                rule="alert-incomplete",
                message=f"{name} lacks {', '.join(lacking)}",
                advice="an alert that is not of the presets has to be whole",
            )


def _preset_group(preset: Preset, subjects: tuple[Subject, ...]) -> Group:
    everything = subjects[0].values
    records = tuple(Record(record.name, fill(record.expr, everything)) for record in preset.records)
    alerts = tuple(alert for subject in subjects for alert in _filled(preset, subject))
    return Group(preset.name, preset.title, records, alerts)


def _filled(preset: Preset, subject: Subject) -> Iterator[Alert]:
    for alert in preset.alerts:
        if alert.name not in subject.without:
            yield alert._replace(
                expr=fill(alert.expr, subject.values),
                description=fill(alert.description, subject.values),
                component=subject.name,
                category=preset.category,
            )


def _business_group(metrics: Mapping[str, spec.BusinessMetric]) -> Group:
    bounded = {name: m for name, m in metrics.items() if m.lowest is not None or m.highest is not None}
    records = tuple(record_of(name, metric) for name, metric in bounded.items())
    return Group("business", "Figures of the business", records, tuple(_business_alerts(metrics)))


def _business_alerts(metrics: Mapping[str, spec.BusinessMetric]) -> Iterator[Alert]:
    for name, metric in metrics.items():
        yield from alerts_of(name, metric)


def _own_group(entries: Mapping[str, spec.Alert], groups: Iterable[Group]) -> Group:
    there = {*KNOWN_ALERTS, *(alert.name for group in groups for alert in group.alerts)}
    own = {name: entry for name, entry in entries.items() if name not in there}
    return Group("own", "Alerts of this platform alone", (), tuple(_own(n, e) for n, e in own.items()))


def _own(name: str, entry: spec.Alert) -> Alert:
    """A whole alert of its own; what it leaves out was refused before (``alert_findings``)."""
    return Alert(
        name,
        severity=entry.severity or "warning",
        expr=entry.expr or "",
        summary=gotemplate.literal(entry.summary or ""),
        description=gotemplate.description(entry.description or ""),
        test=entry.test,
    )


def _with_changes(group: Group, platform: ResolvedPlatform) -> Group:
    changes = platform.spec.monitoring.alerts
    kept = (a for a in group.alerts if a.name not in changes or changes[a.name].enabled)
    alerts = (_changed(alert, changes[alert.name]) if alert.name in changes else alert for alert in kept)
    return group._replace(alerts=tuple(_answered_for(_kept(alert), platform) for alert in alerts))


def _kept(alert: Alert) -> Alert:
    """People see ``info`` at the daily review only, so it must last until then, over a weekend, too.

    One that never ends needs no such thing.
    """
    keep = _UNTIL_REVIEW if alert.severity == "info" and alert.name != WATCHDOG.name else None
    return alert._replace(keep_firing_for=alert.keep_firing_for or keep)


def _changed(alert: Alert, change: spec.Alert) -> Alert:
    fields = ("expr", "for_", "keep_firing_for", "severity", "component", "category", "team", "test")
    given = {field: getattr(change, field) for field in fields if getattr(change, field) is not None}
    if change.summary is not None:
        given["summary"] = gotemplate.literal(change.summary)
    if change.description is not None:
        given["description"] = gotemplate.description(change.description)
    return alert._replace(**given)


def _answered_for(alert: Alert, platform: ResolvedPlatform) -> Alert:
    teams = platform.spec.alerting.teams if platform.spec.alerting else {}
    by_place = teams.get(alert.component) or teams.get(alert.category)
    told = alert._replace(team=alert.team or by_place or platform.spec.metadata.owner)
    return told._replace(links=links_of(told, platform))
