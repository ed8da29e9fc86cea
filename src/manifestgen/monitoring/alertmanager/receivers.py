"""Receivers: the ways to tell somebody, with the messages of ``templates/messages.tmpl``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from manifestgen.spec.receivers import Email, Opsgenie, PagerDuty, Receiver, Slack, Teams, Webhook

_TITLE: Final = '{{ template "platform.title" . }}'
_TEXT: Final = '{{ template "platform.text" . }}'
_RUNBOOK: Final = "{{ .CommonAnnotations.runbook_url }}"
_DASHBOARD: Final = "{{ .CommonAnnotations.dashboard_url }}"
_SILENCE: Final = '{{ template "platform.silence" . }}'

_OPSGENIE_IN_EUROPE: Final = "https://api.eu.opsgenie.com/"
"""https://docs.opsgenie.com/docs/api-overview; without it, Alertmanager asks the one of the US."""


def receiver_body(receiver: Receiver) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """All but the name of a receiver, each way in its list."""
    if receiver.pagerduty is not None:
        yield "pagerduty_configs", [_pagerduty(receiver.pagerduty)]
    if receiver.opsgenie is not None:
        yield "opsgenie_configs", [_opsgenie(receiver.opsgenie)]
    if receiver.slack is not None:
        yield "slack_configs", [_slack(receiver.slack)]
    if receiver.teams is not None:
        yield "msteamsv2_configs", [_teams(receiver.teams)]
    if receiver.email is not None:
        yield "email_configs", [_email(receiver.email)]
    if receiver.webhook is not None:
        yield "webhook_configs", [_webhook(receiver.webhook)]


def _pagerduty(way: PagerDuty) -> dict[str, Any]:
    """An incident. PagerDuty leaves out links without an address."""
    return {
        "routing_key_file": way.routing_key_file,
        "send_resolved": way.resolved,
        "description": _TITLE,
        "severity": '{{ template "platform.severity" . }}',
        "component": "{{ .CommonLabels.component }}",
        "group": "{{ .CommonLabels.team }}",
        "class": "{{ .CommonLabels.category }}",
        "details": {
            "environment": "{{ .CommonLabels.environment }}",
            "team": "{{ .CommonLabels.team }}",
            "alerts": _TEXT,
        },
        "links": [
            {"href": _RUNBOOK, "text": "Runbook"},
            {"href": _DASHBOARD, "text": "Dashboard"},
            {"href": _SILENCE, "text": "Silence"},
        ],
    }


def _opsgenie(way: Opsgenie) -> dict[str, Any]:
    address = {"api_url": _OPSGENIE_IN_EUROPE} if way.region == "eu" else {}
    return {
        "api_key_file": way.api_key_file,
        **address,
        "send_resolved": way.resolved,
        "message": _TITLE,
        "description": _TEXT,
        "priority": '{{ template "platform.opsgenie.priority" . }}',
        "entity": "{{ .CommonLabels.component }}",
        "tags": '{{ template "platform.opsgenie.tags" . }}',
        "details": {"runbook": _RUNBOOK, "dashboard": _DASHBOARD, "silence": _SILENCE},
    }


def _slack(way: Slack) -> dict[str, Any]:
    title = '{{ template "platform.slack.title" . }}'
    return {
        "api_url_file": way.url_file,
        "channel": way.channel,
        "send_resolved": way.resolved,
        "color": '{{ template "platform.color" . }}',
        "title": title,
        "title_link": "{{ .ExternalURL }}",
        "fallback": title,
        "text": '{{ template "platform.slack.text" . }}',
    }


def _teams(way: Teams) -> dict[str, Any]:
    return {
        "webhook_url_file": way.url_file,
        "send_resolved": way.resolved,
        "title": '{{ template "platform.teams.title" . }}',
        "text": '{{ template "platform.teams.text" . }}',
    }


def _email(way: Email) -> dict[str, Any]:
    return {
        "to": ", ".join(way.to),
        "send_resolved": way.resolved,
        "headers": {"Subject": _TITLE},
        "html": '{{ template "platform.mail.html" . }}',
        "text": _TEXT,
    }


def _webhook(way: Webhook) -> dict[str, Any]:
    """The body is Alertmanager's own: labels and annotations as they are, among them the links."""
    body: dict[str, Any] = {"url": way.url} if way.url is not None else {"url_file": way.url_file}
    body["send_resolved"] = way.resolved
    if way.token_file is not None:
        body["http_config"] = {"authorization": {"credentials_file": way.token_file}}
    return body
