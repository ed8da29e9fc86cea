"""An AlertmanagerConfig says what the files say: the same routes, and the same messages by real templates."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifestgen.kinds.alertmanagers import alertmanager_views
from manifestgen.rendering.messages import with_messages
from support.monitoring import files_of
from support.parity import by_identity
from support.specs import everything, inventory_of, platform_of

Part = dict[str, Any]

EVERY_WAY = {
    "slack": {"urlFile": "/etc/alertmanager/slack-url", "channel": "#alerts"},
    "pagerduty": {"routingKeyFile": "/etc/alertmanager/pagerduty-key"},
    "opsgenie": {"apiKeyFile": "/etc/alertmanager/opsgenie-key", "region": "eu"},
    "teams": {"urlFile": "/etc/alertmanager/teams-url"},
    "email": {"to": ["all@example.com"]},
    "webhook": {"urlFile": "/etc/alertmanager/webhook-url", "tokenFile": "/etc/alertmanager/token"},
}
ALERTING: Part = {
    "version": "0.28",
    "delivery": "both",
    "secret": "receivers",
    "default": "all",
    "smtp": {
        "smarthost": "smtp.example.com:587",
        "from": "alerts@example.com",
        "username": "mailer",
        "passwordFile": "/etc/alertmanager/smtp-password",
    },
    "pagerdutyUrl": "https://pagerduty.example.com/here",
    "receivers": {"all": EVERY_WAY, "few": {"slack": EVERY_WAY["slack"]}},
    "routes": {
        "critical": {"match": {"severity": "critical"}, "to": ["all", "few"], "continue": True},
        "review": {
            "match": {"team": ["a", "b-c"]},
            "to": ["few"],
            "active": ["mornings"],
            "muted": ["feasts"],
        },
    },
    "intervals": {
        "mornings": {"periods": {"all": {"weekdays": ["monday", "tuesday"], "times": ["08:00-09:00"]}}},
        "feasts": {"periods": {"christmas": {"dates": ["12-25", "2027-03-28"]}}},
    },
}
BACK = {
    "sourceMatch": "source_matchers",
    "targetMatch": "target_matchers",
    "muteTimeIntervals": "mute_time_intervals",
    "inhibitRules": "inhibit_rules",
}


@pytest.fixture(scope="module")
def platform() -> Any:
    return platform_of({**everything(), "alerting": ALERTING})


@pytest.fixture(scope="module")
def config(platform: Any) -> Part:
    """The ``spec`` of the object."""
    objects = by_identity(one.manifest for one in inventory_of(platform).objects.values())
    (found,) = (made for (_, kind, _), made in objects.items() if kind == "AlertmanagerConfig")
    spec: Part = found["spec"]
    return spec


def in_the_words_of_files(value: Any) -> Any:
    """What the operator makes of it, as far as routes, inhibitions and intervals go."""
    if isinstance(value, list):
        return [in_the_words_of_files(item) for item in value]
    if not isinstance(value, dict):
        return value
    if {"name", "value"} <= set(value):
        return f"{value['name']}{value.get('matchType', '=')}{json.dumps(value['value'])}"
    if set(value) == {"start", "end"}:
        return str(value["start"]) if value["start"] == value["end"] else f"{value['start']}:{value['end']}"
    snake = {BACK.get(key) or re.sub("([A-Z])", r"_\1", key).lower(): item for key, item in value.items()}
    return {key: in_the_words_of_files(item) for key, item in snake.items()}


def test_routes_inhibitions_and_intervals_are_those_of_the_file(platform: Any, config: Part) -> None:
    file = yaml.safe_load(files_of(platform)["alertmanager/alertmanager.yml"].text)
    told = in_the_words_of_files({key: config[key] for key in ("route", "inhibitRules", "muteTimeIntervals")})
    assert told["route"] == file["route"]
    assert told["inhibit_rules"] == file["inhibit_rules"]
    assert told["mute_time_intervals"] == file["time_intervals"]


def test_every_secret_is_a_key_of_the_one_secret(config: Part) -> None:
    def secrets(value: Any) -> Iterator[str]:
        if isinstance(value, dict) and set(value) == {"name", "key"}:
            assert value["name"] == "receivers"
            yield value["key"]
        elif isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                yield from secrets(item)

    wanted = {
        "slack-url",
        "pagerduty-key",
        "opsgenie-key",
        "teams-url",
        "webhook-url",
        "token",
        "smtp-password",
    }
    assert set(secrets(config["receivers"])) == wanted
    assert "/etc/alertmanager" not in str(config["receivers"])


def texts_of(value: Any) -> Iterator[str]:
    """The texts in it that call a template."""
    if isinstance(value, str):
        if '{{ template "' in value:
            yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_of(item)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two alerts, one of them over, with all labels and all that needs an escape."""
    labels = {
        "alertname": "A",
        "severity": "critical",
        "environment": "live",
        "component": "api",
        "team": "x",
    }
    links = {"runbook_url": "https://example.com/a b", "dashboard_url": "https://example.com/?a=1&b=<c>"}
    annotations = {"summary": "It <burns> & *smokes*", "description": 'See "this" | that', **links}
    alert = {"labels": labels, "annotations": annotations, "fingerprint": "1", "generatorURL": ""}
    times = {"startsAt": "2026-01-02T03:04:05Z", "endsAt": "2026-01-02T04:04:05Z"}
    alerts = [{"status": status, **alert, **times} for status in ("firing", "resolved")]
    whole = {
        "receiver": "all",
        "status": "firing",
        "alerts": alerts,
        "groupLabels": {"alertname": "A"},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "https://alerts.example.com",
    }
    file = tmp_path_factory.mktemp("data") / "data.json"
    file.write_text(json.dumps(whole), "utf-8")
    return file


def test_every_message_is_that_of_the_file(
    platform: Any, config: Part, data: Path, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    files = files_of(platform)
    (tmp_path / "messages.tmpl").write_text(files["alertmanager/templates/messages.tmpl"].text, "utf-8")
    (tmp_path / "none.tmpl").write_text("", "utf-8")
    with_file = [*texts_of(yaml.safe_load(files["alertmanager/alertmanager.yml"].text)["receivers"])]
    alone = [*texts_of(config["receivers"])]
    assert len(with_file) == len(alone) > 10

    def rendered(text: str, templates: str, kind: str) -> str:
        words = [tool("amtool"), "template", "render", f"--template.type={kind}", f"--template.data={data}"]
        more = [f"--template.glob={tmp_path / templates}", f"--template.text={text}"]
        done = subprocess.run([*map(str, words), *more], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{text}\n{done.stderr}"
        return done.stdout

    for short, long in {*zip(with_file, alone, strict=True)}:
        kind = "html" if "html" in short else "text"
        assert rendered(long, "none.tmpl", kind) == rendered(short, "messages.tmpl", kind)
        assert rendered(short, "messages.tmpl", kind).strip()


def test_a_text_without_templates_stays_as_it_is() -> None:
    first = '{{ define "a" -}}\n{{ if .X }}{{ template "b" . }}{{ end }}\n{{- end }}'
    messages = first + '\n\n{{ define "b" }}{{ "}}" }}{{ end }}'
    given = {"title": "plain {{ .Status }}", "to": ["x"], "max": 3}
    assert with_messages(given, messages) == given
    needed = with_messages('{{ template "a" . }}', messages)
    assert needed.index('define "a"') < needed.index('define "b"') < needed.index('{{ template "a" . }}')


def test_there_is_no_object_where_files_tell_alertmanager(platform: Any) -> None:
    by_files = platform_of({**everything(), "alerting": {**ALERTING, "delivery": "files"}})
    assert list(alertmanager_views(by_files)) == []
    by_object = platform_of({**everything(), "alerting": {**ALERTING, "delivery": "operator"}})
    assert "alertmanager/alertmanager.yml" not in files_of(by_object)
    assert len([*alertmanager_views(by_object)]) == 1
