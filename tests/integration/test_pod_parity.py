"""Pods that differ in every part between environments: Kustomize = Helm 3 = Helm 4 = objects(environment)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import manifestgen
from manifestgen.pipeline import load
from support.parity import expected, kustomized, templated

SPEC = Path(__file__).parents[1] / "specs" / "pods.yaml"
ENVIRONMENTS = {name: str(platform.namespace) for name, platform in load(SPEC).environments.items()}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pods") / "out"
    result = manifestgen.render(SPEC, out=folder)
    assert (result.ok, result.findings) == (True, ())
    return folder


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_builds_the_pods_of_each_environment(environment: str, out: Path, tool: Any) -> None:
    assert kustomized(tool("kubectl"), out, environment) == expected(SPEC, environment)


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_helm_renders_the_pods_of_each_environment(
    environment: str, binary: str, out: Path, tool: Any
) -> None:
    chart = out / "helm" / "pods"
    rendered = templated(tool(binary), chart, environment, ENVIRONMENTS[environment])
    assert rendered == expected(SPEC, environment)


def test_a_second_render_changes_nothing(out: Path) -> None:
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert manifestgen.render(SPEC, out=out).ok
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
