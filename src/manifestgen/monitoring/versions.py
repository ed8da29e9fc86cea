"""What the declared versions of Prometheus and Alertmanager cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.facts.since import ALERTMANAGER, PROMETHEUS, parse_version
from manifestgen.monitoring.findings import finding_at
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Alerting, Receiver

Place = tuple[str, ...]


def version_findings(platform: ResolvedPlatform) -> Iterator[Finding]:
    """What is used of later versions; the entries of ``monitoring.alerts`` must be sound."""
    yield from _prometheus(platform)
    alerting = platform.spec.alerting
    if alerting is None:
        return
    declared = parse_version(alerting.version)
    for what, place in _used(alerting):
        if declared < ALERTMANAGER[what]:
            major, minor = ALERTMANAGER[what]
            yield finding_at(
                platform,
                ("alerting", *place),
                rule="alertmanager-version",
                message=f"Alertmanager {alerting.version} does not know {what}; {major}.{minor} and later do",
                advice="remove it, or raise `alerting.version` if the Alertmanager is a later one",
            )


def _prometheus(platform: ResolvedPlatform) -> Iterator[Finding]:
    monitoring = platform.spec.monitoring
    since = PROMETHEUS["keep_firing_for"]
    if parse_version(monitoring.version) >= since:
        return
    own = [name for name, entry in monitoring.alerts.items() if entry.keep_firing_for is not None]
    places: list[Place] = [("alerts", name, "keepFiringFor") for name in own]
    if any(a.keep_firing_for and a.name not in own for group in groups_of(platform) for a in group.alerts):
        places.append(("version",))
    for place in places:
        who = "the alerts of presets keep" if place == ("version",) else "it keeps"
        yield finding_at(
            platform,
            ("monitoring", *place),
            rule="prometheus-version",
            message=f"{who} firing for a while, and Prometheus {monitoring.version} does not know "
            f"keep_firing_for; {since[0]}.{since[1]} and later do",
            advice="update Prometheus, and say so in `monitoring.version`",
        )


def _used(alerting: Alerting) -> Iterator[tuple[str, Place]]:
    """What is used that came with a later version, and where in ``alerting``."""
    for name, interval in alerting.intervals.items():
        yield "time_intervals", ("intervals", name)
        if interval.location != "UTC":
            yield "location", ("intervals", name, "location")
    for name, route in alerting.routes.items():
        if route.active:
            yield "active_time_intervals", ("routes", name, "active")
    if alerting.smtp is not None and alerting.smtp.password_file is not None:
        yield "smtp_auth_password_file", ("smtp", "passwordFile")
    for name, receiver in alerting.receivers.items():
        for what, place in _used_by(receiver):
            yield what, ("receivers", name, *place)


def _used_by(receiver: Receiver) -> Iterator[tuple[str, Place]]:
    if receiver.pagerduty is not None:
        yield "pagerduty routing_key_file", ("pagerduty", "routingKeyFile")
    if receiver.opsgenie is not None:
        yield "opsgenie api_key_file", ("opsgenie", "apiKeyFile")
    if receiver.teams is not None:
        yield "msteamsv2_configs", ("teams",)
    if receiver.webhook is not None and receiver.webhook.url_file is not None:
        yield "webhook url_file", ("webhook", "urlFile")
