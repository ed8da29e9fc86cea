"""The messages that people get, rendered by Alertmanager's own code from what alerts really carry."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from syrupy.assertion import SnapshotAssertion

from manifestgen.resolving import resolve
from manifestgen.yamlio.load import load_text
from support.monitoring import files_of

Tool = Callable[[str], Path]
Print = Callable[..., str]

SHIPPED = Path(__file__).parents[2] / "specs" / "platform.yaml"
PAGES = "https://runbooks.example.com"


SUMMARIES = {
    "RedisHitRatioLow": "Redis answers few reads from memory",
    "ContainerThrottled": "A container waits for CPU",
}


def alert(name: str, severity: str, description: str, **labels: str) -> dict[str, Any]:
    """A firing alert as Prometheus sends it."""
    return {
        "status": "firing",
        "startsAt": "2026-11-27T21:04:05Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "labels": {
            "alertname": name,
            "severity": severity,
            "component": "api",
            "category": "api",
            "team": "api-team",
            "environment": "production",
            **labels,
        },
        "annotations": {
            "summary": SUMMARIES.get(name, "The service fails many of its requests"),
            "description": description,
            "runbook_url": f"{PAGES}/{name}",
            "dashboard_url": f"https://grafana.example.com/d/corporate-intel-api?var-job=api&x={name}",
        },
        "generatorURL": "http://prometheus.example.com/graph",
        "fingerprint": "0123456789abcdef",
    }


def message(*alerts: dict[str, Any], status: str = "firing") -> dict[str, Any]:
    """A message about a group of alerts, as Alertmanager gives it to its templates."""

    def common(key: str) -> dict[str, str]:
        first, *others = (one[key] for one in alerts)
        return {k: v for k, v in first.items() if all(one.get(k) == v for one in others)}

    labels = common("labels")
    return {
        "receiver": "api-team",
        "status": status,
        "alerts": [{**one, "status": status} for one in alerts],
        "groupLabels": {k: v for k, v in labels.items() if k in ("alertname", "component", "environment")},
        "commonLabels": labels,
        "commonAnnotations": common("annotations"),
        "externalURL": "https://alertmanager.example.com",
    }


ERRORS = alert("WebErrorRateCritical", "critical", "7.2% of the requests to api end with a 5xx status.")
HOSTILE = alert(
    "WebEndpointErrorRateHigh",
    "warning",
    '<!channel> <script>alert("x")</script> & [click](http://evil.example) `code` *bold*',
    handler='/a "b"\\c?d=<e>&f|g',
)
MESSAGES: dict[str, dict[str, Any]] = {
    "one critical alert": message(ERRORS),
    "over": message({**ERRORS, "endsAt": "2026-11-27T21:44:05Z"}, status="resolved"),
    "several of a digest": message(
        alert(
            "RedisHitRatioLow", "info", "redis-0 answers 41% of the reads.", component="redis", team="data"
        ),
        alert("ContainerThrottled", "info", "worker waits 30% of the time.", component="kubernetes"),
    ),
    "hostile labels": message(HOSTILE),
}
TEXTS = ("title", "text", "silence", "color", "severity", "opsgenie.priority", "opsgenie.tags")
FOR_OTHERS = ("slack.title", "slack.text", "teams.title", "teams.text")


@pytest.fixture(scope="module")
def glob(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The templates of Corporate Intel, which are those of every platform."""
    files = files_of(resolve(load_text(SHIPPED.read_text("utf-8"), str(SHIPPED)))["production"])
    folder = tmp_path_factory.mktemp("templates")
    (folder / "messages.tmpl").write_text(files["alertmanager/templates/messages.tmpl"].text, "utf-8")
    return f"{folder}/*.tmpl"


@pytest.fixture
def printed(glob: str, tool: Tool, tmp_path: Path) -> Print:
    """What a template prints about a message."""

    def render(data: dict[str, Any], *names: str, kind: str = "text") -> str:
        (tmp_path / "data.json").write_text(json.dumps(data), "utf-8")
        mark = "\n" if len(names) == 1 else "\n==== {} ====\n"
        text = "".join(f'{mark.format(name)}{{{{ template "platform.{name}" . }}}}' for name in names)
        done = subprocess.run(
            [
                *(str(tool("amtool")), "template", "render", f"--template.glob={glob}"),
                *(f"--template.data={tmp_path}/data.json", f"--template.type={kind}"),
                f"--template.text={text}",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return render


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_says_what_is_broken_for_whom_since_when_and_where_to_look(
    name: str, printed: Print, snapshot: SnapshotAssertion
) -> None:
    assert printed(MESSAGES[name], *TEXTS) == snapshot(name=f"{name}: text")
    assert printed(MESSAGES[name], *FOR_OTHERS) == snapshot(name=f"{name}: chats")
    assert printed(MESSAGES[name], "mail.html", kind="html") == snapshot(name=f"{name}: mail")


def filter_of(address: str) -> str:
    """The matchers that the page of a new silence is filled in with."""
    (given,) = parse_qs(urlsplit("https://x/" + urlsplit(address).fragment).query)["filter"]
    return given


@pytest.mark.parametrize("name", MESSAGES)
def test_the_link_to_a_silence_holds_all_labels_of_the_message(name: str, printed: Print) -> None:
    data = MESSAGES[name]
    labels = sorted(data["commonLabels"].items(), key=lambda pair: (pair[0] != "alertname", pair[0]))
    quoted = [(key, re.sub(r'(["\\])', r"\\\1", value)) for key, value in labels]
    wanted = "{" + ", ".join(f'{key}="{value}"' for key, value in quoted) + "}"
    assert filter_of(printed(data, "silence")) == wanted
    assert filter_of(links(printed(data, "mail.html", kind="html"))[-1]) == wanted


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for key, value in attrs if key == "href"]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def links(html: str) -> list[str]:
    page = _Page()
    page.feed(html)
    return page.links


def test_nothing_in_a_mail_is_markup(printed: Print) -> None:
    page = _Page()
    page.feed(printed(MESSAGES["hostile labels"], "mail.html", kind="html"))
    assert page.tags == {"html", "body", "h2", "h3", "p", "a"}
    assert HOSTILE["annotations"]["description"] in page.words


def test_an_address_that_is_a_program_is_not_linked(printed: Print) -> None:
    bad = {**ERRORS, "annotations": {**ERRORS["annotations"], "runbook_url": "javascript:alert(1)"}}
    assert not any(
        "javascript" in unquote(one) for one in links(printed(message(bad), "mail.html", kind="html"))
    )


def test_nothing_calls_the_channel_in_slack_or_links_in_teams(printed: Print) -> None:
    slack = printed(MESSAGES["hostile labels"], "slack.text")
    assert set(re.findall(r"<[^|>]*\|(\w+)>", slack)) == {"Runbook", "Dashboard", "Silence"}
    assert "<!" not in slack
    teams = printed(MESSAGES["hostile labels"], "teams.text")
    assert set(re.findall(r"(?<!\\)\[(\w+)(?<!\\)\]\(", teams)) == {"Runbook", "Dashboard", "Silence"}
