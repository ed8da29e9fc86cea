"""The collector that asks TimescaleDB: each figure is a column of its query, and known to the alerts."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from manifestgen.facts.metrics import series_type
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.resolving import ResolvedPlatform
from manifestgen.targets.monitoring import render_collector
from support.specs import everything, platform_of

RENDERER = Renderer(template_folders())


def collector(platform: ResolvedPlatform) -> dict[str, Any]:
    (artifact,) = render_collector(platform, RENDERER, "prometheus")
    document: dict[str, Any] = yaml.safe_load(artifact.text)
    return document


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return collector(platform_of(everything()))


def test_every_figure_is_a_column_of_its_query(whole: dict[str, Any]) -> None:
    queries = {one["query_name"]: one["query"] for one in whole["queries"]}
    for metric in whole["metrics"]:
        query = queries.pop(metric["query_ref"], "") or next(
            one["query"] for one in whole["queries"] if one["query_name"] == metric["query_ref"]
        )
        columns = set(
            re.findall(r"(?:\bAS |\.)(\w+)(?=,?\n)", query.partition("FROM timescaledb_information")[0])
        )
        assert {*metric["key_labels"], *metric["values"]} <= columns, metric["metric_name"]
    assert not queries, "a query that nothing reads"


def test_every_figure_is_in_the_catalogue_with_its_type(whole: dict[str, Any]) -> None:
    types = {one["metric_name"]: one["type"] for one in whole["metrics"]}
    assert types
    assert types == {name: series_type(name) for name in types}


def test_nobody_is_asked_where_no_exporter_is() -> None:
    spec = everything()
    spec["monitoring"]["stack"]["sqlExporter"] = {"enabled": False}
    assert render_collector(platform_of(spec), RENDERER, "prometheus") == []
