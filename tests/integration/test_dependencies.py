"""k8s/dependencies gives the very objects that the chart of the platform gives by its dependencies.

The charts are stubs that show what a chart sees; they lie where Kustomize keeps what it has fetched.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import manifestgen
from support import yaml11
from support.charts import write_chart
from support.parity import Objects, by_identity

OF_HELM = "helm.sh/chart"
"""A label that names the chart, by its alias where it is a dependency; it is Helm's own."""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Path:
    out = tmp_path_factory.mktemp("dependencies") / "out"
    result = manifestgen.render(repo_root / "tests/specs/providers.yaml", out=out)
    assert result.ok, result.findings
    for tree in (out / "k8s/dependencies").iterdir():
        for chart in _kustomization(tree)["helmCharts"]:
            fetched = tree / "charts" / f"{chart['name']}-{chart['version']}" / chart["name"]
            write_chart(fetched, chart["name"], chart["version"])
    _add_dependencies(out / "helm/shop")
    return out


def _add_dependencies(platform: Path) -> None:
    for chart in yaml11.read((platform / "Chart.yaml").read_text("utf-8"))["dependencies"]:
        write_chart(platform / "charts" / chart["name"], chart["name"], chart["version"])


def _kustomization(tree: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml11.read((tree / "kustomization.yaml").read_text("utf-8"))
    return found


def _kustomized(kubectl: Path, helm: Path, tree: Path) -> Objects:
    command = [str(kubectl), "kustomize", "--enable-helm", "--helm-command", str(helm), str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    return _comparable(done.stdout)


def _templated(helm: Path, chart: Path, environment: str, namespace: str) -> Objects:
    """What the dependencies of the chart give: in the namespace of the release where they name none."""
    options = ["--include-crds", "--skip-tests", "--kube-version", "1.32.0", "--namespace", namespace]
    values = chart / f"values-{environment}.yaml"
    command = [helm, "template", "shop", chart, "--values", values, *options]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    documents = done.stdout.split("\n---\n")
    return _comparable("\n---\n".join(d for d in documents if "# Source: shop/charts/" in d), namespace)


def _comparable(text: str, namespace: str | None = None) -> Objects:
    found = by_identity(yaml11.read_all(text))
    for (_, kind, _), manifest in found.items():
        metadata = manifest["metadata"]
        metadata.get("labels", {}).pop(OF_HELM, None)
        if namespace is not None and kind not in ("ClusterRole", "CustomResourceDefinition"):
            metadata.setdefault("namespace", namespace)
    return found


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize(("environment", "stores"), [("dev", 4), ("staging", 2)])
def test_kustomize_builds_the_objects_of_the_chart_s_dependencies(
    environment: str, stores: int, binary: str, rendered: Path, tool: Any
) -> None:
    tree = rendered / "k8s/dependencies" / environment
    built = _kustomized(tool("kubectl"), tool(binary), tree)
    of_chart = _templated(tool(binary), rendered / "helm/shop", environment, f"shop-{environment}")
    assert len(built) == stores * 6
    assert built == of_chart


def test_an_environment_without_charts_has_no_tree(rendered: Path) -> None:
    trees = {tree.name for tree in (rendered / "k8s/dependencies").iterdir()}
    assert trees == {"dev", "staging"}


@pytest.mark.parametrize("environment", ["production", "twin"])
def test_a_chart_that_an_environment_does_without_gives_nothing(
    environment: str, rendered: Path, tool: Any
) -> None:
    assert _templated(tool("helm"), rendered / "helm/shop", environment, "shop") == {}


def test_a_chart_in_a_folder_is_found_there(tmp_path: Path, repo_root: Path, tool: Any) -> None:
    text = (repo_root / "tests/specs/providers.yaml").read_text("utf-8")
    spec = tmp_path / "spec.yaml"
    remote = '{repository: "https://charts.example.com/bitnami", name: redis, version: 20.x.x}'
    assert remote in text
    local = '{repository: "file://../../../charts/own-redis", name: redis, version: 20.0.0}'
    spec.write_text(text.replace(remote, local), encoding="utf-8")
    out = tmp_path / "out"
    assert manifestgen.render(spec, out=out).ok
    write_chart(tmp_path / "charts/own-redis", "redis", "20.0.0")
    tree = out / "k8s/dependencies/dev"
    assert _kustomization(tree)["resources"] == ["cache"]
    built = _kustomized(tool("kubectl"), tool("helm"), tree / "cache")
    _add_dependencies(out / "helm/shop")
    of_chart = _templated(tool("helm"), out / "helm/shop", "dev", "shop-dev")
    assert built == {key: made for key, made in of_chart.items() if key in built}
    assert len(built) == 6
