"""Alertmanager: who is told about which alerts, and when nobody is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from manifestgen.artifact import Artifact
from manifestgen.monitoring import promql
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Alerting, AlertMatch, AlertRoute, Inhibition, Interval, Period, Receiver
from manifestgen.targets.monitoring.place import files

TARGET: Final = "alertmanager"

_LABELS: Final[Mapping[str, str]] = {"alert": "alertname"}
"""Labels that are called otherwise than the field of ``Match`` for them."""


def render_alertmanager(platform: ResolvedPlatform, renderer: Renderer) -> list[Artifact]:
    """``alertmanager.yml`` and its message templates; nothing without an ``alerting`` section."""
    alerting = platform.spec.alerting
    if alerting is None:
        return []
    contexts = {"alertmanager.yml": _server(alerting), "templates/messages.tmpl": {}}
    return files(platform, renderer, TARGET, contexts)


def _server(alerting: Alerting) -> dict[str, Any]:
    return {
        "global": dict(_global(alerting)),
        "root": _root(alerting),
        "routes": [{"name": name, "body": dict(_route(route))} for name, route in alerting.routes.items()],
        "inhibitions": [
            {"comment": rule.description or name, "body": _inhibition(rule)}
            for name, rule in alerting.inhibitions.items()
        ],
        "intervals": [
            {"name": name, "periods": list(_periods(interval))}
            for name, interval in alerting.intervals.items()
        ],
        "receivers": [
            {"name": name, "description": receiver.description, "body": dict(_receiver(receiver))}
            for name, receiver in alerting.receivers.items()
        ],
    }


def _global(alerting: Alerting) -> Iterator[tuple[str, Any]]:
    yield "resolve_timeout", alerting.resolve_timeout
    if alerting.pagerduty_url:
        yield "pagerduty_url", alerting.pagerduty_url
    smtp = alerting.smtp
    if smtp is not None:
        yield "smtp_smarthost", smtp.smarthost
        yield "smtp_from", smtp.from_
        yield "smtp_require_tls", smtp.require_tls
        if smtp.username is not None:
            yield "smtp_auth_username", smtp.username
        if smtp.password_file is not None:
            yield "smtp_auth_password_file", smtp.password_file


def _root(alerting: Alerting) -> dict[str, Any]:
    return {
        "receiver": alerting.default,
        "group_by": alerting.group_by,
        "group_wait": alerting.group_wait,
        "group_interval": alerting.group_interval,
        "repeat_interval": alerting.repeat_interval,
    }


def _route(route: AlertRoute) -> Iterator[tuple[str, Any]]:
    """A route has one receiver: several become branches below it, each asked in turn."""
    yield "matchers", list(_matchers(route.match))
    yield "receiver", route.to[0]
    if route.continue_:
        yield "continue", True
    for key in ("group_by", "group_wait", "group_interval", "repeat_interval"):
        if getattr(route, key):
            yield key, getattr(route, key)
    intervals = dict(_intervals(route))
    if len(route.to) == 1:
        yield from intervals.items()
    else:
        # Branches do not inherit intervals from the route above them.
        branches = [{"receiver": receiver, "continue": True, **intervals} for receiver in route.to]
        del branches[-1]["continue"]
        yield "routes", branches


def _intervals(route: AlertRoute) -> Iterator[tuple[str, list[str]]]:
    if route.muted:
        yield "mute_time_intervals", route.muted
    if route.active:
        yield "active_time_intervals", route.active


def _matchers(match: AlertMatch) -> Iterator[str]:
    for field in type(match).model_fields:
        value = getattr(match, field)
        if value is not None:
            values = [value] if isinstance(value, str) else value
            yield promql.matcher(_LABELS.get(field, field), values)


def _inhibition(rule: Inhibition) -> dict[str, Any]:
    return {
        "source_matchers": list(_matchers(rule.source)),
        "target_matchers": list(_matchers(rule.target)),
        "equal": rule.equal,
    }


def _periods(interval: Interval) -> Iterator[dict[str, Any]]:
    """The periods as Alertmanager has them: a date is one of its own, of month, day and maybe year."""
    for period in interval.periods.values():
        for date in period.dates or [""]:
            yield dict(_period(period, date, interval.location))


def _period(period: Period, date: str, location: str) -> Iterator[tuple[str, Any]]:
    if period.times:
        ranges = (clock.split("-") for clock in period.times)
        yield "times", [{"start_time": start, "end_time": end} for start, end in ranges]
    if period.weekdays:
        yield "weekdays", list(_weekday_ranges(period))
    if date:
        *year, month, day = date.split("-")
        yield "days_of_month", [str(int(day))]
        yield "months", [str(int(month))]
        if year:
            yield "years", year
    yield "location", location


def _weekday_ranges(period: Period) -> Iterator[str]:
    """Days that follow one another as a range, ``monday:friday``.

    Alertmanager's week begins with Sunday: a range may not end there, so it stands alone.
    """
    from manifestgen.spec.alerting import Weekday

    *week, sunday = get_args(Weekday)
    start = ""
    for day, following in zip(week, [*week[1:], None], strict=True):
        if day not in period.weekdays:
            continue
        start = start or day
        if following not in period.weekdays:
            yield day if day == start else f"{start}:{day}"
            start = ""
    if sunday in period.weekdays:
        yield sunday


def _receiver(receiver: Receiver) -> Iterator[tuple[str, Any]]:
    if receiver.pagerduty is not None:
        yield (
            "pagerduty_configs",
            [
                {
                    "routing_key_file": receiver.pagerduty.routing_key_file,
                    "send_resolved": receiver.pagerduty.resolved,
                    "description": '{{ template "platform.title" . }}',
                    "severity": '{{ template "platform.severity" . }}',
                    "component": "{{ .CommonLabels.component }}",
                    "group": "{{ .CommonLabels.team }}",
                    "class": "{{ .CommonLabels.category }}",
                    "details": {"alerts": '{{ template "platform.text" . }}'},
                }
            ],
        )
    if receiver.slack is not None:
        yield (
            "slack_configs",
            [
                {
                    "api_url_file": receiver.slack.url_file,
                    "channel": receiver.slack.channel,
                    "send_resolved": receiver.slack.resolved,
                    "color": '{{ template "platform.color" . }}',
                    "title": '{{ template "platform.slack.title" . }}',
                    "title_link": "{{ .ExternalURL }}",
                    "fallback": '{{ template "platform.slack.title" . }}',
                    "text": '{{ template "platform.slack.text" . }}',
                }
            ],
        )
    if receiver.email is not None:
        yield (
            "email_configs",
            [
                {
                    "to": ", ".join(receiver.email.to),
                    "send_resolved": receiver.email.resolved,
                    "headers": {"Subject": '{{ template "platform.title" . }}'},
                }
            ],
        )
