"""Runbooks: a page for each alert, whose links, commands and figures are those of the platform."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from manifestgen import pipeline
from manifestgen.artifact import Artifact
from manifestgen.facts.metrics import series_type
from manifestgen.monitoring import boards
from manifestgen.monitoring.alarms import alarms_of
from manifestgen.monitoring.routing.decision import decide
from manifestgen.monitoring.rulebook import KNOWN_ALERTS, groups_of
from manifestgen.monitoring.rules import Alert
from manifestgen.monitoring.runbooks.knowledge import known
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.resolving import ResolvedPlatform, resolve
from manifestgen.targets.monitoring.runbooks import render_runbooks
from manifestgen.yamlio.load import load_text
from support.monitoring import monitored
from support.promql import metrics_used
from support.specs import as_json, inventory_of, spec_of

SHIPPED = Path(__file__).parents[2] / "specs" / "platform.yaml"
RENDERER = Renderer(template_folders())
URL = "https://git.corporate-intel.example.com/platform/blob/main/out/docs/runbooks"
GRAFANA = "https://grafana.corporate-intel.example.com"
MARKDOWN = MarkdownIt("commonmark").enable("table")
KINDS = re.findall(
    r"\S+",
    "pods services endpointslices ingresses events deployments replicasets statefulsets jobs nodes quota"
    " cronjob persistentvolumeclaims storageclasses horizontalpodautoscalers certificates certificaterequests"
    " orders.acme.cert-manager.io challenges.acme.cert-manager.io externalsecrets scaledobjects.keda.sh",
)
"""Kinds that commands ask for: of Kubernetes, and of the controllers that alerts are about."""


@pytest.fixture(scope="module")
def platforms() -> Mapping[str, ResolvedPlatform]:
    return pipeline.load(SHIPPED).environments


@pytest.fixture(scope="module")
def files(platforms: Mapping[str, ResolvedPlatform]) -> dict[str, str]:
    return texts(render_runbooks(platforms, RENDERER))


def texts(artifacts: list[Artifact]) -> dict[str, str]:
    return {artifact.path.removeprefix("docs/runbooks/"): artifact.text for artifact in artifacts}


def alerts(platform: ResolvedPlatform) -> Iterator[Alert]:
    return (alert for group in groups_of(platform) for alert in group.alerts)


def tokens(text: str) -> Iterator[Token]:
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or []


def links(text: str) -> list[str]:
    return [str(token.attrs["href"]) for token in tokens(text) if token.type == "link_open"]


def headings(text: str) -> list[str]:
    found = MARKDOWN.parse(text)
    return [after.content for one, after in pairwise(found) if one.type == "heading_open"]


def commands(text: str) -> list[str]:
    """The lines of shell of a page."""
    fences = [token.content for token in tokens(text) if token.type == "fence" and token.info == "sh"]
    return [line for fence in fences for line in fence.splitlines()]


def test_every_alert_has_its_page_and_every_page_its_alert(
    platforms: Mapping[str, ResolvedPlatform], files: Mapping[str, str]
) -> None:
    names = {alert.name for platform in platforms.values() for alert in alerts(platform)}
    assert set(files) == {"README.md", *(f"{name}.md" for name in names)}
    assert set(links(files["README.md"])) == set(files) - {"README.md"}


def test_every_alert_leads_to_its_page_and_to_a_dashboard(
    platforms: Mapping[str, ResolvedPlatform], files: Mapping[str, str]
) -> None:
    uids = {boards.uid("corporate-intel", board) for board in (*boards.OF_CATEGORY.values(), boards.SLO)}
    for platform in platforms.values():
        for alert in alerts(platform):
            assert alert.links["runbook_url"].removeprefix(f"{URL}/") in files
            assert alert.links["dashboard_url"].removeprefix(f"{GRAFANA}/d/") in uids
            assert (alert.links["dashboard_url"].endswith("-slo")) == bool(alert.slo)


def test_every_page_can_be_read_and_its_links_lead_somewhere(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        inside = [link for link in links(text) if not link.startswith(GRAFANA)]
        assert inside and set(inside) <= set(files), name
        if name != "README.md":
            wanted = ["What it means", "First steps", "How to mend it", "How it is measured", "Who is told"]
            wanted.append("Escalation")
            shown = headings(text)
            assert shown[0] == name.removesuffix(".md") and shown[-1] == "See also", name
            assert [one for one in wanted if one in shown] == shown[1:-1], name
            assert any(link.startswith(f"{GRAFANA}/d/") for link in links(text)), name


def tables(text: str) -> dict[str, list[dict[str, str]]]:
    """The rows of the table below each heading, by the names of their columns."""
    found: dict[str, list[dict[str, str]]] = {}
    heading, cells = "", list[list[str]]()
    for token, after in pairwise(MARKDOWN.parse(text)):
        if token.type == "heading_open":
            heading = after.content
        elif token.type == "table_open":
            cells = []
        elif token.type == "tr_open":
            cells.append([])
        elif token.type in ("th_open", "td_open"):
            shown = "".join(child.content for child in after.children or [])
            cells[-1].append(shown)
        elif token.type == "table_close":
            found[heading] = [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]
    return found


def where(row: dict[str, str], platforms: Mapping[str, ResolvedPlatform]) -> list[str]:
    return [*platforms] if row["Environment"] == "all" else row["Environment"].split(", ")


def test_a_page_names_whom_the_routes_of_each_environment_tell(
    platforms: Mapping[str, ResolvedPlatform], files: Mapping[str, str]
) -> None:
    """Against what `alerts list` answers from, which amtool agrees with."""
    shown = {
        (name.removesuffix(".md"), environment, row.get("Objective", ""), row["Component"]): row["Receivers"]
        for name, text in files.items()
        if name != "README.md"
        for row in tables(text)["Who is told"]
        for environment in where(row, platforms)
    }
    steps = {
        (name.removesuffix(".md"), environment, row["Receiver"].split(":")[0], row["When"]): row
        for name, text in files.items()
        if name != "README.md"
        for row in tables(text)["Escalation"]
        for environment in where(row, platforms)
    }
    seen = set()
    for environment, platform in platforms.items():
        assert platform.spec.alerting is not None
        alarms = alarms_of(platform, platform.spec.alerting)
        for alert in alarms.alerts:
            decision = decide(alarms.routing, alarms.labels_of(alert))
            names = shown[alert.name, environment, alert.slo, alert.component]
            assert [re.sub(r" \(.*", "", one) for one in names.split("; ")] == [*decision.told]
            for way in decision.ways:
                times = "".join(f" {one}" for one in (*way.node.active, *way.node.muted))
                found = [
                    row for key, row in steps.items() if key[:3] == (alert.name, environment, way.receiver)
                ]
                (row,) = (one for one in found if all(name in one["When"] for name in times.split()))
                assert row["First"].startswith(way.node.group_wait)
                assert row["Again, while it fires"] == f"every {way.node.repeat_interval}"
                seen.add((environment, way.receiver))
    assert len(seen) > 8


def test_a_page_says_how_receivers_are_told_and_who_acts(files: Mapping[str, str]) -> None:
    (pagerduty, *_) = [
        row for row in tables(files["WebDown.md"])["Escalation"] if row["Receiver"].startswith("on-call")
    ]
    assert pagerduty["By"] == "PagerDuty" and pagerduty["Environment"] == "production"
    assert "- `critical`: somebody of api-team acts within 5 minutes." in files["WebDown.md"]
    (mail,) = {row["By"] for row in tables(files["PostgresqlLoadHigh.md"])["Escalation"]}
    assert mail == "Slack #team-database; mail to database@corporate-intel.example.com"


def test_without_alerting_nobody_is_named() -> None:
    spec = monitored(runbooksUrl="https://example.com/runbooks")
    del spec["alerting"]
    platforms = resolve(load_text(as_json(spec), "spec.yaml"))
    told = texts(render_runbooks({"live": platforms["live"]}, RENDERER))
    assert "Escalation" not in headings(told["WebDown.md"])
    assert "Receivers" not in tables(told["WebDown.md"])["Who is told"][0]


def test_much_is_known_about_every_alert_that_we_bring() -> None:
    assert set(known()) == set(KNOWN_ALERTS)
    for name, runbook in known().items():
        assert len(runbook.meaning) > 40 and runbook.commands and runbook.steps, name
    said = " ".join(f"{one.meaning} {' '.join(one.steps)}" for one in known().values())
    starts = {re.match(r"[A-Z][a-z]+", name).group() for name in KNOWN_ALERTS}  # type: ignore[union-attr]
    named = re.findall(rf"\b(?:{'|'.join(sorted(starts))})[A-Z]\w+", re.sub(r"`[^`]*`", "", said))
    kinds_of_kubernetes = {"EndpointSlice", "EndpointSlices"}
    assert named and set(named) - kinds_of_kubernetes <= set(KNOWN_ALERTS)


def test_commands_are_sound_shell(files: Mapping[str, str], tmp_path: Path) -> None:
    every = [
        f"page_{name.removesuffix('.md')}() {{\n" + "\n".join(commands(text)) + "\n}"
        for name, text in files.items()
        if commands(text)
    ]
    script = tmp_path / "all.sh"
    script.write_text("\n".join(every), "utf-8")
    done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_commands_name_what_the_platform_has(
    platforms: Mapping[str, ResolvedPlatform], files: Mapping[str, str]
) -> None:
    production = platforms["production"]
    stores = set(production.spec.datastores)
    stack = {"prometheus-server", "prometheus-alertmanager"}
    services = stores | {"postgres-primary"} | set(production.spec.workloads) | stack
    objects = inventory_of(production).objects
    secrets = {
        thing.manifest["spec"]["target"]["name"]: {
            entry["secretKey"] for entry in thing.manifest["spec"]["data"]
        }
        for one, thing in objects.items()
        if one.kind == "ExternalSecret" and "data" in thing.manifest["spec"]
    }
    roles = {
        thing.manifest["metadata"]["labels"].get("app.kubernetes.io/component") for thing in objects.values()
    }
    seen = set()
    for name, text in files.items():
        for line in commands(text):
            for pattern, there in (
                (r"^NAME=(\S+)", {*production.spec.workloads, *stores}),
                (r"^NS=(\S+)", {platform.namespace for platform in platforms.values()}),
                (r"port-forward service/(\S+)", services),
                (r"get secret (\S+)", set(secrets)),
                (r"app\.kubernetes\.io/component=(\w+)", roles),
                (r'index \.data "([^"]+)"', set().union(*secrets.values())),
            ):
                found = set(re.findall(pattern, line))
                seen |= {pattern} if found else set()
                assert found <= there, (name, line)
    assert len(seen) == 6


def test_kubectl_is_asked_for_kinds_that_there_are(files: Mapping[str, str]) -> None:
    asked = set()
    for text in files.values():
        for line in commands(text):
            words = shlex.split(line, comments=True)
            if words[:1] == ["kubectl"]:
                for verb in ("get", "describe"):
                    if verb in words:
                        asked |= set(words[words.index(verb) + 1].split(","))
    assert asked and asked <= {*KINDS, "secret"}


def test_queries_of_prometheus_name_metrics_that_exist(
    platforms: Mapping[str, ResolvedPlatform], files: Mapping[str, str]
) -> None:
    records = {record.name for group in groups_of(platforms["production"]) for record in group.records}
    business = set(platforms["production"].spec.monitoring.business)
    lines = "\n".join(line for text in files.values() for line in commands(text))
    queries = re.findall(r"""promtool query instant "\$PROMETHEUS" '([^']+)'""", lines)
    used = metrics_used(queries)
    own = {"ALERTS", "prometheus_rule_group_last_duration_seconds"}
    assert len(queries) > 10
    assert {name for name in used if name not in records | business | own and not series_type(name)} == set()


def test_figures_that_differ_stand_beside_each_other_with_their_reason(files: Mapping[str, str]) -> None:
    page = files["WebErrorRateHigh.md"]
    assert "| `web.errorsWarning` | 5 % | 1 % | Share of answers" in page
    assert "`api` in staging:" in page and "> 0.05\n" in page and "> 0.01\n" in page
    assert "| staging | api | warning | api-team | api-team (not in off-hours or holidays) | 5m |" in page
    assert "| production | api | warning | api-team | api-team | 5m |" in page
    assert 'namespace="$NS"' in files["PodNotRunning.md"]
    assert "Silent while [WebDown](WebDown.md), [WebErrorRateCritical](WebErrorRateCritical.md)" in page
    assert "Without postgres, what connects to it cannot do well" in page


def rendered(**changes: Any) -> dict[str, str]:
    return rendered_of(monitored(runbooksUrl="https://example.com/runbooks", **changes))


def rendered_of(spec: Mapping[str, Any]) -> dict[str, str]:
    platforms = {n: one for n, one in resolve(load_text(as_json(spec), "spec.yaml")).items() if n is not None}
    return texts(render_runbooks(platforms, RENDERER))


OWN = {"expr": "up == 0", "severity": "info", "component": "front", "category": "api"}


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="`"), min_size=1),
        min_size=4,
        max_size=4,
    )
)
@settings(max_examples=50, deadline=None)
def test_any_text_of_the_spec_is_shown_as_it_is(written: list[str]) -> None:
    summary, description, *steps = written
    own = {**OWN, "summary": summary, "description": description, "steps": steps}
    page = rendered_of(spec_of(monitoring={"alerts": {"Own": own}}))["Own.md"]
    shown = [
        "".join(child.content for child in token.children or [])
        for token in MARKDOWN.parse(page)
        if token.type == "inline"
    ]
    assert shown[1] == (summary if summary[-1] in ".!?" else f"{summary}.")
    assert shown[2] == description
    assert shown[shown.index("How to mend it") + 1 :][:2] == steps
    assert headings(page)[0] == "Own" and headings(page)[-1] == "See also"


def test_an_expression_that_looks_like_the_end_of_its_block_stays_in_it() -> None:
    expr = 'up{job="```\n# x"} == 0'.replace("\n", "\\n") + "\n# ```\n"
    own = {**OWN, "expr": expr, "summary": "S", "description": "D"}
    page = rendered(alerts={"Own": own})["Own.md"]
    (fence,) = [token for token in tokens(page) if token.type == "fence"]
    assert fence.content == expr


def test_steps_of_the_spec_come_before_those_that_are_known() -> None:
    page = rendered(alerts={"RedisMemoryHigh": {"steps": ["Ask `team-cache`"]}})["RedisMemoryHigh.md"]
    mend = page.partition("## How to mend it\n\n")[2]
    assert mend.startswith("- Ask `team-cache`\n- Keys without an end")


def test_without_an_address_an_alert_has_no_links_and_no_pages() -> None:
    spec = monitored()
    (platform,) = (one for name, one in resolve(load_text(as_json(spec), "spec.yaml")).items() if name)
    assert all(not alert.links for alert in alerts(platform))
