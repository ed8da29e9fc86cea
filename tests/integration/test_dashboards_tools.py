"""Prometheus itself answers every query of the dashboards, from what the exporters export."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from manifestgen.resolving import ResolvedPlatform, resolve
from manifestgen.spec.late import Dashboards
from manifestgen.yamlio.load import load_text
from support.dashboards import boards_in, queries_of
from support.monitoring import files_of, groups, monitored
from support.series import MINUTES, input_series
from support.specs import platform_of

Tool = Callable[[str], Path]

ROOT = Path(__file__).parents[2]
SPECS = {
    "staging": "specs/platform.yaml",
    "production": "specs/platform.yaml",
    "maps": "specs/examples/gateway-api.yaml",
    "live": "tests/specs/gateway.yaml",
    "mesh": "tests/specs/gateway.yaml",
}


def _platform(case: str) -> ResolvedPlatform:
    if case == "everything":
        return platform_of(monitored())
    path = ROOT / SPECS[case]
    platforms = resolve(load_text(path.read_text("utf-8"), str(path)))
    return with_dashboards(platforms["production" if case == "maps" else case])


def with_dashboards(platform: ResolvedPlatform) -> ResolvedPlatform:
    """The same platform with dashboards, whether it has a Grafana or not."""
    monitoring = platform.spec.monitoring.model_copy(update={"dashboards": Dashboards(enabled=True)})
    return replace(platform, spec=platform.spec.model_copy(update={"monitoring": monitoring}))


@pytest.fixture(scope="module", params=[*SPECS, "everything"])
def platform(request: pytest.FixtureRequest) -> ResolvedPlatform:
    """A platform in one environment."""
    return _platform(request.param)


def unanswered(promtool: Path, folder: Path, platform: ResolvedPlatform, *, without: str = "") -> str:
    """What promtool says of the queries that give nothing, when no series begins with ``without``."""
    files = files_of(platform)
    (folder / "records.yml").write_text(yaml.safe_dump({"groups": groups(files, "records")}), "utf-8")
    there = [one for one in input_series(platform) if not without or not one["series"].startswith(without)]
    asked = {
        f"{name}: {place}": expr
        for name, board in boards_in(files).items()
        for place, expr in queries_of(board)
    }
    assert asked
    # That a query gives something is the same as that there is one figure for whether it does.
    test = {
        "rule_files": ["records.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": there,
                "promql_expr_test": [
                    {
                        "expr": f"count(\n{expr}\n) > bool 0",
                        "eval_time": f"{MINUTES}m",
                        "exp_samples": [{"labels": "{}", "value": 1}],
                    }
                    for expr in asked.values()
                ],
            }
        ],
    }
    path = folder / "panels.test.json"
    path.write_text(json.dumps(test), "utf-8")
    command = [str(promtool), "test", "rules", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_no_panel_is_without_data(platform: ResolvedPlatform, tool: Tool, tmp_path: Path) -> None:
    said = unanswered(tool("promtool"), tmp_path, platform)
    assert not said, said


def test_a_panel_whose_exporter_is_gone_is_noticed(tool: Tool, tmp_path: Path) -> None:
    # The proof above can fail: with one metric less, the panels that show it have nothing to show.
    said = unanswered(tool("promtool"), tmp_path, _platform("production"), without="pg_database_size_bytes")
    assert "pg_database_size_bytes" in said
    assert said.count("expr:") == 1, said
