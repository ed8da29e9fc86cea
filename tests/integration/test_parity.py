"""Kustomize = Helm 3 = Helm 4 = objects(environment), with the real binaries."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import manifestgen
from manifestgen.pipeline import load
from support.chart import with_stub_dependencies
from support.parity import expected, kustomized, templated

SPECS = {
    "strategies": "tests/specs/strategies.yaml",
    "platform": "specs/platform.yaml",
    "minimal": "specs/minimal.yaml",
    "providers": "tests/specs/providers.yaml",
    "types": "tests/specs/types.yaml",
    "gateway": "tests/specs/gateway.yaml",
    "ways": "tests/specs/ways.yaml",
}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> dict[str, Path]:
    """The output folder of each spec."""
    folders = {}
    for name, spec in SPECS.items():
        folders[name] = tmp_path_factory.mktemp(name) / "out"
        result = manifestgen.render(repo_root / spec, out=folders[name])
        assert result.ok, result.findings
    return folders


def _chart(out: Path, tmp_path: Path) -> Path:
    (chart,) = (out / "helm").iterdir()
    return with_stub_dependencies(chart, tmp_path / chart.name)


def _environments(spec: Path) -> dict[str, str]:
    return {name: str(platform.namespace) for name, platform in load(spec).environments.items()}


@pytest.mark.parametrize("name", SPECS)
def test_kustomize_builds_exactly_the_objects_of_each_environment(
    name: str, rendered: dict[str, Path], repo_root: Path, tool: Any
) -> None:
    spec = repo_root / SPECS[name]
    for environment in _environments(spec):
        assert kustomized(tool("kubectl"), rendered[name], environment) == expected(spec, environment)


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize("name", SPECS)
def test_helm_renders_exactly_the_objects_of_each_environment(
    name: str, binary: str, rendered: dict[str, Path], repo_root: Path, tool: Any, tmp_path: Path
) -> None:
    spec = repo_root / SPECS[name]
    chart = _chart(rendered[name], tmp_path)
    for environment, namespace in _environments(spec).items():
        assert templated(tool(binary), chart, environment, namespace) == expected(spec, environment)


def test_a_broken_patch_makes_the_comparison_fail(
    rendered: dict[str, Path], repo_root: Path, tool: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(rendered["platform"], out)
    patch = out / "k8s/overlays/production/patches/api-horizontal-pod-autoscaler.yaml"
    text = patch.read_text("utf-8")
    assert "maxReplicas: 50" in text
    patch.write_text(text.replace("maxReplicas: 50", "maxReplicas: 49"), encoding="utf-8")
    spec = repo_root / "specs/platform.yaml"
    assert kustomized(tool("kubectl"), out, "production") != expected(spec, "production")


def test_a_broken_template_makes_the_comparison_fail(
    rendered: dict[str, Path], repo_root: Path, tool: Any, tmp_path: Path
) -> None:
    chart = _chart(rendered["platform"], tmp_path)
    (template,) = (chart / "templates").rglob("*horizontal-pod-autoscaler.yaml")
    text = template.read_text("utf-8")
    assert ".Values.api.autoscaling.maxReplicas" in text
    broken = text.replace(".Values.api.autoscaling.maxReplicas", ".Values.api.autoscaling.minReplicas")
    template.write_text(broken, encoding="utf-8")
    spec = repo_root / "specs/platform.yaml"
    assert templated(tool("helm"), chart, "production", "corporate-intel") != expected(spec, "production")


@pytest.mark.parametrize("binary", ["helm", "helm3"])
def test_the_chart_passes_a_strict_lint_with_the_values_of_each_environment(
    binary: str, rendered: dict[str, Path], tool: Any, tmp_path: Path
) -> None:
    import subprocess

    chart = _chart(rendered["platform"], tmp_path)
    for values in sorted(chart.glob("values-*.yaml")):
        done = subprocess.run(
            [tool(binary), "lint", "--strict", "--values", values, chart],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
