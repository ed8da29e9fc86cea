"""The dashboards of a platform as Grafana reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from manifestgen.artifact import Artifact

Board = dict[str, Any]


def boards_in(files: Mapping[str, Artifact]) -> dict[str, Board]:
    """The dashboards among the monitoring files of an environment, by the name of their file."""
    return {
        path.removeprefix("grafana/dashboards/"): json.loads(artifact.text)
        for path, artifact in files.items()
        if path.startswith("grafana/dashboards/")
    }


def panels_of(board: Board) -> list[dict[str, Any]]:
    """Its panels without the titles of rows."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries_of(board: Board) -> Iterator[tuple[str, str]]:
    """All PromQL of a dashboard with the place it stands at; what Grafana fills in, is filled in."""
    variables = board["templating"]["list"]
    choices = {one["name"]: one.get("allValue", "") for one in variables}
    for panel in panels_of(board):
        for target in panel["targets"]:
            yield f"{panel['title']} {target['refId']}", _chosen(target["expr"], choices)
    for annotation in board["annotations"]["list"]:
        yield f"annotation {annotation['name']}", annotation["expr"]
    for one in variables:
        if one["type"] == "query":
            yield f"variable {one['name']}", one["query"].removeprefix("label_values(").rpartition(",")[0]


def _chosen(expr: str, choices: Mapping[str, str]) -> str:
    expr = expr.replace("$__rate_interval", "5m").replace("$__interval", "1m").replace("$__range", "1h")
    for name, value in choices.items():
        expr = expr.replace(f"${name}", value).replace(f"${{{name}}}", value)
    return expr
