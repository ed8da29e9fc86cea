"""Parity where environments scale and bring out versions in different ways; the values of such a chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import manifestgen
from support.chart import with_stub_dependencies
from support.parity import expected, kustomized, templated

SPEC = Path(__file__).parents[1] / "specs" / "scaling.yaml"
ENVIRONMENTS = {"development": "shop-dev", "staging": "shop-staging", "production": "shop"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scaling") / "out"
    result = manifestgen.render(SPEC, out=folder)
    assert result.findings == ()
    return folder


@pytest.fixture(scope="module")
def chart(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_stub_dependencies(out / "helm/shop", tmp_path_factory.mktemp("chart") / "shop")


def kinds(environment: str, name: str) -> set[str]:
    return {kind for _, kind, of in expected(SPEC, environment) if of == name}


def test_the_environments_differ_in_what_scales_and_how_versions_come() -> None:
    assert {"Deployment", "HorizontalPodAutoscaler"} <= kinds("development", "api")
    assert {"Rollout", "ScaledObject"} <= kinds("staging", "api")
    assert {"Rollout", "ScaledObject"} <= kinds("production", "api")
    strategies = [
        next(iter(expected(SPEC, name)["argoproj.io/v1alpha1", "Rollout", "api"]["spec"]["strategy"]))
        for name in ("staging", "production")
    ]
    assert strategies == ["blueGreen", "canary"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_builds_the_objects_of_each(environment: str, out: Path, tool: Any) -> None:
    assert kustomized(tool("kubectl"), out, environment) == expected(SPEC, environment)


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_helm_renders_the_objects_of_each(environment: str, binary: str, chart: Path, tool: Any) -> None:
    made = templated(tool(binary), chart, environment, ENVIRONMENTS[environment])
    assert made == expected(SPEC, environment)


def test_a_chart_has_one_switch_for_a_kind_and_what_it_stands_in_for(out: Path) -> None:
    templates = out / "helm/shop/templates/api"
    first = {path.stem: path.read_text("utf-8").split("\n", 1)[0] for path in templates.iterdir()}
    assert first["deployment"] == "{{- if not .Values.api.rollout.enabled }}"
    assert first["rollout"] == "{{- if .Values.api.rollout.enabled }}"
    assert first["analysis-template-availability"] == first["rollout"]
    assert first["horizontal-pod-autoscaler"] == "{{- if not .Values.api.autoscaling.keda.enabled }}"
    assert first["scaled-object"] == "{{- if .Values.api.autoscaling.keda.enabled }}"
    assert first["trigger-authentication-cache"] == first["scaled-object"]
    values = yaml.safe_load((out / "helm/shop/values.yaml").read_text("utf-8"))
    assert set(values["api"]) >= {"image", "resources", "autoscaling", "rollout"}
    assert "api" not in values["api"]
    assert values["api"]["rollout"]["enabled"] is False
    assert values["crew"]["rollout"]["steps"][0] == {"setWeight": 10}
