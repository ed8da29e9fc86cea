"""Dashboards: what Grafana makes of them, what stands on them, and that they agree with the alerts."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import promql_parser
import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from manifestgen.facts.metrics import series_type
from manifestgen.kube.objects import Inventory
from manifestgen.monitoring import boards
from support.dashboards import Board, boards_in, panels_of, queries_of
from support.monitoring import files_of, files_of_spec, monitored, parsed, rules
from support.specs import Spec, inventory_of, platform_of

COLORS = {"critical": "red", "warning": "orange", "info": "blue"}


FILES = files_of_spec(monitored())
BOARDS = boards_in(FILES)
PROMETHEUS = parsed(FILES, "prometheus/prometheus.yml")
ALERTS = rules(FILES, "alerts")
RECORDS = {rule["record"] for rule in rules(FILES, "records")}
NAME = PROMETHEUS["global"]["external_labels"]["platform"]
each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)


# What Grafana knows

# Of https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/annotate-visualizations/: the models
# leave open what each data source adds to a query for annotations.
OF_THE_DATA_SOURCE = {("annotations", "list", "titleFormat"), ("annotations", "list", "step")}


def lost(before: Any, after: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """The keys of ``before`` that ``after`` has not."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key not in after:
                yield (*path, key)
            else:
                yield from lost(value, after[key], *path, key)
    elif isinstance(before, list) and isinstance(after, list):
        for one, other in itertools.zip_longest(before, after):
            yield from lost(one, other, *path)


@each_board
def test_grafana_knows_every_key(board: Board) -> None:
    register_default_plugins()
    known = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
    assert set(lost(board, known)) <= OF_THE_DATA_SOURCE


def test_a_key_that_grafana_does_not_know_is_noticed() -> None:
    register_default_plugins()
    board = json.loads(FILES["grafana/dashboards/api.json"].text)
    board["panels"][2]["fieldConfig"]["defaults"]["treshold"] = {}
    known = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
    assert ("panels", "fieldConfig", "defaults", "treshold") in set(lost(board, known))


TEXT = {"type": "string", "minLength": 1}
SOURCE = {
    "type": "object",
    "required": ["type", "uid"],
    "properties": {"type": {"const": "prometheus"}, "uid": {"const": "${datasource}"}},
    "additionalProperties": False,
}
NUMBER = {"type": "integer", "minimum": 1}
PLACE = {
    "type": "object",
    "required": ["x", "y", "w", "h"],
    "properties": {
        "x": {"type": "integer", "minimum": 0, "maximum": 23},
        "y": {"type": "integer", "minimum": 0},
        "w": {"type": "integer", "minimum": 1, "maximum": 24},
        "h": {"type": "integer", "minimum": 1},
    },
    "additionalProperties": False,
}
STEP = {
    "type": "object",
    "required": ["value", "color"],
    "properties": {"value": {"type": ["number", "null"]}, "color": TEXT},
    "additionalProperties": False,
}
TARGET = {
    "type": "object",
    "required": ["expr", "refId", "legendFormat", "editorMode", "instant", "range"],
    "properties": {
        "expr": TEXT,
        "refId": {"type": "string", "pattern": "^[A-Z]$"},
        "legendFormat": TEXT,
        "instant": {"type": "boolean"},
        "range": {"type": "boolean"},
        "editorMode": {"const": "code"},
        "format": {"const": "table"},
    },
    "additionalProperties": False,
}
PANEL = {
    "type": "object",
    "required": ["id", "type", "title", "description", "gridPos", "datasource", "targets", "fieldConfig"],
    "properties": {
        "id": NUMBER,
        "type": {"enum": ["timeseries", "stat", "state-timeline", "table"]},
        "title": TEXT,
        "description": TEXT,
        "gridPos": PLACE,
        "datasource": SOURCE,
        "targets": {"type": "array", "minItems": 1, "items": TARGET},
        "fieldConfig": {
            "type": "object",
            "properties": {
                "defaults": {
                    "type": "object",
                    "required": ["unit"],
                    "properties": {
                        "unit": {
                            "enum": ["short", "reqps", "ops", "s", "percentunit", "bytes", "Bps", "none"]
                        },
                        "min": {"type": "number"},
                        "max": {"type": "number"},
                        "decimals": {"type": "number"},
                        "thresholds": {
                            "type": "object",
                            "properties": {
                                "mode": {"const": "absolute"},
                                "steps": {"type": "array", "items": STEP, "minItems": 1},
                            },
                        },
                    },
                }
            },
        },
    },
}
ROW = {
    "type": "object",
    "required": ["id", "type", "title", "gridPos", "collapsed", "panels"],
    "properties": {
        "id": NUMBER,
        "type": {"const": "row"},
        "title": TEXT,
        "gridPos": PLACE,
        "collapsed": {"const": False},
        "panels": {"type": "array", "maxItems": 0},
    },
    "additionalProperties": False,
}
DASHBOARD: dict[str, Any] = {
    "type": "object",
    "required": ["uid", "title", "description", "tags", "panels", "templating", "annotations", "time"],
    "properties": {
        "uid": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,40}$"},
        "title": TEXT,
        "description": TEXT,
        "schemaVersion": {"type": "integer"},
        "tags": {"type": "array", "items": TEXT, "minItems": 1},
        "timezone": {"const": "browser"},
        "editable": {"const": False},
        "refresh": {"const": "1m"},
        "panels": {
            "type": "array",
            "items": {"if": {"properties": {"type": {"const": "row"}}}, "then": ROW, "else": PANEL},
        },
        "annotations": {
            "type": "object",
            "properties": {
                "list": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name", "datasource", "enable", "iconColor", "expr", "titleFormat"],
                        "properties": {"datasource": SOURCE, "enable": {"type": "boolean"}, "expr": TEXT},
                    },
                }
            },
        },
    },
}


@each_board
def test_everything_is_of_its_type(board: Board) -> None:
    jsonschema.validate(board, DASHBOARD)


@pytest.mark.parametrize("name", [n for n in FILES if n.startswith("grafana/dashboards/")])
def test_files_are_indented_and_end_with_a_line(name: str) -> None:
    text = FILES[name].text
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


# Where things stand


def test_each_dashboard_has_a_uid_of_its_own_by_which_alerts_lead_to_it() -> None:
    uids = {name.removesuffix(".json"): board["uid"] for name, board in BOARDS.items()}
    assert uids == {name: boards.uid(NAME, name) for name in uids}
    assert len(set(uids.values())) == len(uids)
    categories = {rule["labels"]["category"] for rule in ALERTS}
    assert {boards.OF_CATEGORY[category] for category in categories} <= set(uids)  # type: ignore[index]


@each_board
def test_no_panel_covers_another_and_none_leaves_the_grid(board: Board) -> None:
    cells = [
        (x, y)
        for panel in board["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert all(x < 24 for x, _ in cells)
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(numbers) == len(set(numbers))


@each_board
def test_no_panel_is_called_as_another_in_its_row(board: Board) -> None:
    row, seen = "", []
    for panel in board["panels"]:
        row = panel["title"] if panel["type"] == "row" else row
        seen.append((row, panel["type"] == "row", panel["title"]))
    assert len(seen) == len(set(seen))


def test_panels_keep_their_numbers_when_others_go() -> None:
    spec = monitored()
    del spec["datastores"]["cache"]
    without = boards_in(files_of_spec(spec))["database.json"]
    numbers = {panel["id"]: panel["title"] for panel in panels_of(without)}
    before = {panel["id"]: panel["title"] for panel in panels_of(BOARDS["database.json"])}
    assert 0 < len(numbers) < len(before)
    assert numbers.items() <= before.items()


def test_there_are_no_panels_of_what_the_platform_lacks() -> None:
    spec = monitored()
    spec["monitoring"]["stack"] = {
        **spec["monitoring"]["stack"],
        "kubeStateMetrics": {"enabled": False},
        "kubelet": {"enabled": False},
        "nodeExporter": {"enabled": False},
    }
    del spec["datastores"]["cache"]
    shown = json.dumps(boards_in(files_of_spec(spec)))
    for gone in ("redis_", "kube_", "container_", "kubelet_", "node_"):
        assert f'"expr": "{gone}' not in shown
        assert not re.search(rf"\b{gone}[a-z]+(_[a-z]+)+\{{", shown), gone


# What they ask


def selected(expr: str) -> set[str]:
    """The names of what an expression selects."""
    found: set[str] = set()

    def see(node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector) and node.name:
            found.add(node.name)
        return True

    promql_parser.walk(promql_parser.parse(expr), see)
    return found


COUNTED = {
    "shop_duration_seconds_bucket",
    "shop_duration_seconds_count",
    "orders_failed_total",
    "orders_total",
}
"""What objectives of the spec name."""


@each_board
def test_every_query_asks_for_metrics_that_exist(board: Board) -> None:
    declared = {*monitored()["monitoring"]["business"], *COUNTED}
    for place, expr in queries_of(board):
        names = selected(expr)
        assert names, place
        unknown = {name for name in names - RECORDS - declared if series_type(name) is None}
        assert not unknown, f"{place}: {unknown}"


@each_board
def test_every_job_that_a_query_names_is_scraped(board: Board) -> None:
    scraped = {job["job_name"] for job in PROMETHEUS["scrape_configs"]}
    for place, expr in queries_of(board):
        for jobs in re.findall(r'job=~?"([^"]+)"', expr):
            assert set(jobs.split("|")) <= scraped, place


@each_board
def test_every_variable_is_used_and_every_name_that_is_filled_in_is_one(board: Board) -> None:
    asked = " ".join(t["expr"] for panel in panels_of(board) for t in panel["targets"]) + " ${datasource}"
    used = set(re.findall(r"\$\{?([a-z]+)", asked.replace("$__rate_interval", "")))
    assert used == {one["name"] for one in board["templating"]["list"]}


# Lines where alerts are


def lines_of(panel: Mapping[str, Any]) -> list[tuple[float, str]]:
    """The limits of a panel with the colour on their bad side."""
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    if len(steps) < 2:
        return []
    if steps[0]["color"] == "green":  # much is bad
        return [(step["value"], step["color"]) for step in steps[1:]]
    return [(step["value"], before["color"]) for before, step in itertools.pairwise(steps)]


def watched_by(panel: Mapping[str, Any]) -> set[str]:
    """The alerts that a panel says it is watched by."""
    said = re.search(r"Watched by (.*)\.$", panel["description"])
    return set(re.split(r", | and ", said[1])) if said else set()


@each_board
def test_every_line_is_where_an_alert_with_that_colour_fires(board: Board) -> None:
    goals = {(round(slo["objective"] / 100, 6), "red") for slo in monitored()["slos"].values()}
    for panel in panels_of(board):
        alerts = [rule for rule in ALERTS if rule["alert"] in watched_by(panel)]
        for value, color in lines_of(panel):
            drawn = {
                (float(number), COLORS[rule["labels"]["severity"]])
                for rule in alerts
                for number in re.findall(r"(?:<=?|>=?) (-?[0-9.]+)", rule["expr"])
            }
            # What is on or off is in trouble at 0 or at 1; of what is counted, more than none is one.
            turned = {
                (1.0, COLORS[rule["labels"]["severity"]])
                for rule in alerts
                if re.search(r"(== [01]|> 0)\b", rule["expr"])
            }
            kept = goals if panel["title"] == "Good" else set()
            assert (value, color) in drawn | turned | kept, f"{panel['title']}: {value} {color}"


def test_most_alerts_on_figures_have_their_line() -> None:
    panels = [panel for board in BOARDS.values() for panel in panels_of(board)]
    watched = set().union(*map(watched_by, panels))
    figures = {
        rule["alert"]
        for rule in ALERTS
        if re.search(r"^[a-z_]+:[a-z_:0-9]+\{[^}]*\} [<>] [0-9.]+$", rule["expr"])
    }
    assert len(figures) > 20
    assert figures <= watched


def panel(board: Board, title: str) -> dict[str, Any]:
    return next(one for one in panels_of(board) if one["title"] == title)


@pytest.mark.parametrize(
    ("change", "limits"),
    [
        (
            {"thresholds": {"web": {"errorsWarning": 2, "errorsCritical": 7.5}}},
            [(0.02, "orange"), (0.075, "red")],
        ),
        (
            {"alerts": {"WebErrorRateHigh": {"severity": "info", "component": "shopfront"}}},
            [(0.01, "blue"), (0.05, "red")],
        ),
        ({"alerts": {"WebErrorRateHigh": {"enabled": False}}}, [(0.05, "red")]),
        (
            {
                "alerts": {
                    "WebErrorRateCritical": {
                        "expr": 'avg_over_time(job:http_requests_errors:ratio_rate5m{job="front"}[1h]) > 0.25'
                    }
                }
            },
            [(0.01, "orange"), (0.25, "red")],
        ),
        ({"alerts": {"WebErrorRateHigh": {"expr": "sum(rate(app_orders_total[5m])) > 3"}}}, [(0.05, "red")]),
    ],
    ids=["thresholds", "another component", "left out", "another expression", "about something else"],
)
def test_a_panel_follows_what_the_spec_makes_of_its_alerts(
    change: dict[str, Any], limits: list[tuple[float, str]]
) -> None:
    board = boards_in(files_of_spec(monitored(**change)))["api.json"]
    assert lines_of(panel(board, "Share of errors")) == limits


def test_an_alert_of_ones_own_has_a_panel_of_the_figure_it_compares() -> None:
    shown = panel(BOARDS["business.json"], "OrdersFailing")
    expr = monitored()["monitoring"]["alerts"]["OrdersFailing"]["expr"]
    assert f"{shown['targets'][0]['expr']} > 1" == expr
    assert lines_of(shown) == [(1, "red")]


# What the spec says about them


def names(spec: Spec) -> set[str]:
    return set(boards_in(files_of_spec(spec)))


FOUR = {"api.json", "database.json", "infrastructure.json", "business.json", "slo.json"}


@pytest.mark.parametrize(
    ("monitoring", "written"),
    [
        ({"stack": {}}, set()),
        ({"stack": {}, "dashboards": {"enabled": True, "workloads": []}}, FOUR),
        ({"dashboards": {"enabled": False}}, set()),
        ({"dashboards": {"workloads": ["front"]}}, {*FOUR, "workload-front.json"}),
    ],
    ids=["no Grafana", "a Grafana elsewhere", "switched off", "of one workload"],
)
def test_the_spec_says_which_are_written(monitoring: dict[str, Any], written: set[str]) -> None:
    spec = monitored(**monitoring)
    assert names(spec) == written
    provided = "grafana/provisioning/dashboards/dashboards.yml" in files_of_spec(spec)
    assert provided == bool(written)


def test_grafana_finds_them_in_the_folder_that_the_spec_names() -> None:
    files = files_of_spec(monitored(dashboards={"folder": "Shop $HOME", "path": "/srv/boards"}))
    (provider,) = parsed(files, "grafana/provisioning/dashboards/dashboards.yml")["providers"]
    assert provider["folder"] == "Shop $$HOME"  # Grafana makes one of two
    assert provider["options"] == {"path": "/srv/boards"}


def test_every_workload_has_one() -> None:
    workloads = {f"workload-{name}.json" for name in [*monitored()["workloads"], *monitored()["backups"]]}
    assert names(monitored()) == FOUR | workloads


def test_links_between_data_sources_lead_to_one() -> None:
    sources = parsed(FILES, "grafana/provisioning/datasources/datasources.yml")["datasources"]
    types = {source["uid"]: source["type"] for source in sources}
    links = {
        (source["type"], key): types[link["datasourceUid"]]
        for source in sources
        for key, value in source["jsonData"].items()
        for link in (value if isinstance(value, list) else [value])
        if isinstance(link, dict) and "datasourceUid" in link
    }
    assert links == {
        ("prometheus", "exemplarTraceIdDestinations"): "tempo",
        ("loki", "derivedFields"): "tempo",
        ("tempo", "tracesToLogsV2"): "loki",
        ("tempo", "tracesToMetrics"): "prometheus",
        ("tempo", "serviceMap"): "prometheus",
        ("jaeger", "tracesToLogsV2"): "loki",
        ("jaeger", "tracesToMetrics"): "prometheus",
    }


def test_the_figures_that_a_span_leads_to_are_recorded() -> None:
    sources = parsed(FILES, "grafana/provisioning/datasources/datasources.yml")["datasources"]
    (tempo,) = [source for source in sources if source["type"] == "tempo"]
    for query in tempo["jsonData"]["tracesToMetrics"]["queries"]:
        record, _, matchers = query["query"].partition("{")
        assert record in RECORDS
        assert matchers == "$$__tags}"


def test_a_platform_without_dashboards_does_not_wait_for_the_models_of_grafana(
    tmp_path: Path, repo_root: Path
) -> None:
    code = (
        "import sys, manifestgen; assert manifestgen.render(sys.argv[1], out=sys.argv[2]).ok\n"
        "assert not any(name.startswith('grafana_foundation_sdk') for name in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(repo_root / "specs/minimal.yaml"), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# As objects


def dashboards_among(objects: Inventory) -> dict[str, dict[str, Any]]:
    return {
        one.id.name: one.manifest
        for one in objects.objects.values()
        if one.id.kind == "ConfigMap" and "grafana_dashboard" in one.manifest["metadata"]["labels"]
    }


@pytest.mark.parametrize(
    ("delivery", "as_files", "as_objects"),
    [("files", True, False), ("operator", False, True), ("both", True, True)],
)
def test_dashboards_go_the_way_that_rules_go(delivery: str, as_files: bool, as_objects: bool) -> None:
    platform = platform_of(monitored(delivery=delivery))
    assert bool(boards_in(files_of(platform))) == as_files
    assert bool(dashboards_among(inventory_of(platform))) == as_objects


def test_an_object_holds_the_dashboard_of_the_file_without_its_environment() -> None:
    platform = platform_of(monitored(delivery="both"))
    objects = dashboards_among(inventory_of(platform))
    files = boards_in(files_of(platform))
    assert {f"dashboard-{name.removesuffix('.json')}" for name in files} == set(objects)
    for name, board in files.items():
        held = objects[f"dashboard-{name.removesuffix('.json')}"]
        text = held["data"][name]
        assert len(text.encode()) < 2**20  # what the API server takes
        found = json.loads(text.replace("this-namespace", str(platform.namespace)))
        assert found == {**board, "tags": [platform.name]}
        assert held["metadata"]["labels"]["grafana_dashboard"] == "1"
