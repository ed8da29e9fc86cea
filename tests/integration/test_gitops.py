"""What tells Argo CD and Flux to apply the output: it hands over what there is, and that is what they build.

Neither program can be had here, so their part is played: what objects lead to is built by the real kubectl
and Helm with the very paths, values and names that the objects say, and a plugin is run as Argo CD runs it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from syrupy.assertion import SnapshotAssertion

import manifestgen
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.spec.gitops import ArgoCD, Delivered, Flux, Window
from support import yaml11
from support.chart import with_stub_dependencies
from support.parity import Objects, built, by_identity, expected, kustomized, without_labels_of_helm
from support.specs import named, platform_of

Tool = Callable[[str], Path]

SPEC = "tests/specs/gitops.yaml"
BY_KUSTOMIZE = ("staging", "production", "flux")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Path:
    """A copy of the repository as its users have it: the spec, and the output beside it."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / SPEC).parent.mkdir(parents=True)
    shutil.copy(repo_root / SPEC, folder / SPEC)
    result = manifestgen.render(folder / SPEC, out=folder / "out")
    assert result.ok, result.findings
    return folder


@pytest.fixture(scope="module")
def files(repository: Path) -> dict[str, str]:
    folder = repository / "out/gitops"
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found}


def only(files: Mapping[str, str], path: str) -> dict[str, Any]:
    """The object of a file."""
    found: dict[str, Any] = yaml11.read(files[path])
    return found


def test_they_read_as_if_written_by_hand(files: Mapping[str, str], snapshot: SnapshotAssertion) -> None:
    assert {path: text for path, text in files.items() if "data-services/database" not in path} == snapshot


@pytest.mark.parametrize(
    "folder",
    [
        *(f"argocd/{name}" for name in ("staging", "production", "by-chart", "by-plugin")),
        *("flux/flux", "flux/flux-far", "flux/flux-by-chart"),
        *("flux/flux/data-services", "flux/flux-far/data-services"),
    ],
)
def test_a_folder_hands_over_all_of_its_objects(
    folder: str, repository: Path, files: Mapping[str, str], tool: Tool
) -> None:
    own = [path for path in files if Path(path).parent.as_posix() == folder and "kustomization" not in path]
    objects = built(tool("kubectl"), repository / "out/gitops" / folder)
    assert objects == by_identity(only(files, path) for path in own)
    assert len(objects) > 0


def test_nothing_comes_of_a_spec_without_it(tmp_path: Path, repo_root: Path) -> None:
    result = manifestgen.render(repo_root / "specs/minimal.yaml", out=tmp_path / "out")
    assert not [path for path in result.artifacts if path.startswith("gitops/")]
    assert "argocd" not in "".join(artifact.text for artifact in result.artifacts.values())


def test_it_can_be_rendered_alone_and_left_out(repo_root: Path, tmp_path: Path) -> None:
    alone = manifestgen.render(repo_root / SPEC, ["production"], out=tmp_path, targets=["gitops"], check=True)
    folders = {Path(path).parts[:3] for path in alone.artifacts}
    assert folders == {("gitops", "argocd", "production"), ("gitops", "argocd", "plugin.yaml")}
    others = manifestgen.render(repo_root / SPEC, out=tmp_path, targets=["kustomize"], check=True)
    assert all(path.startswith("k8s/") for path in others.artifacts)


# --- What they lead to -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", BY_KUSTOMIZE)
def test_the_path_of_the_platform_is_built_to_its_objects(
    name: str, repository: Path, files: Mapping[str, str], tool: Tool
) -> None:
    kind = "flux" if name == "flux" else "argocd"
    spec = only(files, f"{kind}/{name}/platform.yaml")["spec"]
    path = spec["path"] if kind == "flux" else spec["source"]["path"]
    assert built(tool("kubectl"), repository / path) == expected(repository / SPEC, name)


@pytest.mark.parametrize("binary", ["helm", "helm3"])
def test_argo_cd_renders_the_chart_to_the_objects(
    binary: str, repository: Path, files: Mapping[str, str], tool: Tool, tmp_path: Path
) -> None:
    spec = only(files, "argocd/by-chart/platform.yaml")["spec"]
    source = spec["source"]
    chart = with_stub_dependencies(repository / source["path"], tmp_path / "shop")
    values = [chart / file for file in source["helm"]["valueFiles"]]
    objects = _templated(
        tool(binary), chart, source["helm"]["releaseName"], spec["destination"]["namespace"], values
    )
    assert objects == expected(repository / SPEC, "by-chart")


def test_flux_renders_the_chart_to_the_objects(
    repository: Path, files: Mapping[str, str], tool: Tool, tmp_path: Path
) -> None:
    spec = only(files, "flux/flux-by-chart/platform.yaml")["spec"]
    values = [repository / file for file in spec["chart"]["spec"]["valuesFiles"]]
    chart = with_stub_dependencies(repository / spec["chart"]["spec"]["chart"], tmp_path / "shop")
    objects = _templated(tool("helm"), chart, spec["releaseName"], spec["targetNamespace"], values)
    assert objects == expected(repository / SPEC, "flux-by-chart")


def _templated(helm: Path, chart: Path, release: str, namespace: str, values: list[Path]) -> Objects:
    options = [word for file in values for word in ("--values", file)]
    command = [
        helm,
        "template",
        release,
        chart,
        "--namespace",
        namespace,
        *options,
        "--kube-version",
        "1.37.0",
    ]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    objects = by_identity(yaml11.read_all(done.stdout))
    without_labels_of_helm(objects)
    return objects


def test_the_data_services_of_argo_cd_are_the_charts_of_kustomize(
    repository: Path, files: Mapping[str, str]
) -> None:
    path = only(files, "argocd/production/data-services.yaml")["spec"]["source"]["path"]
    charts = yaml11.read((repository / path / "kustomization.yaml").read_text("utf-8"))["helmCharts"]
    assert [chart["name"] for chart in charts] == ["postgresql", "redis"]


@pytest.mark.parametrize("name", ["database", "cache"])
def test_flux_runs_each_data_service_by_the_chart_and_values_of_the_others(
    name: str, repository: Path, files: Mapping[str, str]
) -> None:
    folder = repository / "out/k8s/dependencies/flux-far"
    charts = yaml11.read((folder / "kustomization.yaml").read_text("utf-8"))["helmCharts"]
    (chart,) = (one for one in charts if one["valuesFile"] == f"values-{name}.yaml")
    spec = only(files, f"flux/flux-far/data-services/{name}.yaml")["spec"]
    source = only(files, f"flux/flux-far/data-services/{name}-repository.yaml")
    said = spec["chart"]["spec"]
    assert (said["chart"], said["version"]) == (chart["name"], chart["version"])
    assert said["sourceRef"] == {"kind": "HelmRepository", "name": source["metadata"]["name"]}
    assert source["spec"]["url"] == chart["repo"]
    assert spec["values"] == yaml11.read((folder / chart["valuesFile"]).read_text("utf-8"))
    assert spec["targetNamespace"] == chart["namespace"]


def test_a_chart_in_a_folder_is_where_helm_looks_for_it(repository: Path, files: Mapping[str, str]) -> None:
    path = only(files, "flux/flux/data-services/cache.yaml")["spec"]["chart"]["spec"]["chart"]
    folder = repository / "out/k8s/dependencies/flux/cache"
    local = yaml11.read((folder / "kustomization.yaml").read_text("utf-8"))
    there = folder / local["helmGlobals"]["chartHome"] / local["helmCharts"][0]["name"]
    assert os.path.normpath(repository / path) == os.path.normpath(there)


# --- What they may do ------------------------------------------------------------------------------


def test_a_project_allows_what_the_platform_has_and_nothing_else(tmp_path: Path) -> None:
    spec = named("gitops")
    spec["priorityClasses"] = {"urgent": {"value": 1000}}
    production = project_of(spec, tmp_path)["spec"]
    kinds = [(one["group"], one["kind"]) for one in production["clusterResourceWhitelist"]]
    assert ("scheduling.k8s.io", "PriorityClass") in kinds
    assert ("apiextensions.k8s.io", "CustomResourceDefinition") not in kinds
    assert production["destinations"] == [{"server": "https://10.20.0.1:6443", "namespace": "shop"}]
    assert production["sourceRepos"] == ["https://git.example.com/team/shop.git"]


def project_of(spec: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    (folder / "platform.yaml").write_text(yaml11.written(dict(spec)), "utf-8")
    result = manifestgen.render(folder / "platform.yaml", out=folder / "out", check=True)
    assert result.ok, result.findings
    found: dict[str, Any] = yaml11.read(result.artifacts["gitops/argocd/production/project.yaml"].text)
    return found


def test_an_application_is_of_the_project_beside_it(files: Mapping[str, str]) -> None:
    for name in ("staging", "production", "by-plugin"):
        project = only(files, f"argocd/{name}/project.yaml")
        for file in ("platform", "data-services"):
            application = only(files, f"argocd/{name}/{file}.yaml")
            assert application["spec"]["project"] == project["metadata"]["name"]
            assert application["metadata"]["namespace"] == project["metadata"]["namespace"]
            assert application["spec"]["destination"] in project["spec"]["destinations"]


# --- The plugin ------------------------------------------------------------------------------------


def as_argo_cd(
    words: list[str], folder: Path, parameters: list[dict[str, str]]
) -> subprocess.CompletedProcess[str]:
    """Run a command as the plugin's server does: in a copy of the repository, parameters as variables."""
    given = {f"PARAM_{one['name'].upper()}": one["string"] for one in parameters}
    variables = {
        "PATH": os.pathsep.join((str(BIN), os.environ["PATH"])),
        "HOME": str(copy_of(folder).parent),
        "ARGOCD_APP_NAME": "shop-by-plugin",
        "ARGOCD_APP_NAMESPACE": "shop-by-plugin",
        "ARGOCD_APP_REVISION": "0" * 40,
        "KUBE_VERSION": "1.32",
        **given,
    }
    return subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def copy_of(folder: Path) -> Path:
    """The copy of the repository that a folder is in."""
    return next((one for one in (folder, *folder.parents) if one.name == "copy"), folder)


@pytest.fixture
def copy(repository: Path, tmp_path: Path) -> Path:
    """What Argo CD hands to the plugin: a copy of the repository, here one without any output."""
    shutil.copytree(repository, tmp_path / "copy", ignore=shutil.ignore_patterns("out"))
    return tmp_path / "copy"


def test_the_plugin_gives_what_the_overlay_is_built_to(
    copy: Path, repository: Path, files: Mapping[str, str], tool: Tool
) -> None:
    plugin = only(files, "argocd/plugin.yaml")
    source = only(files, "argocd/by-plugin/platform.yaml")["spec"]["source"]
    assert source["plugin"]["name"] == plugin["metadata"]["name"]
    assert {one["name"] for one in source["plugin"]["parameters"]} == {
        one["name"] for one in plugin["spec"]["parameters"]["static"]
    }
    done = as_argo_cd(
        plugin["spec"]["generate"]["command"], copy / source["path"], source["plugin"]["parameters"]
    )
    assert (done.returncode, done.stderr) == (0, "")
    made = by_identity(yaml11.read_all(done.stdout))
    assert made == kustomized(tool("kubectl"), repository / "out", "by-plugin")
    assert {path.name for path in copy.iterdir()} == {"tests"}, "it wrote something"


def test_the_plugin_finds_its_repositories(copy: Path, files: Mapping[str, str], tmp_path: Path) -> None:
    command = only(files, "argocd/plugin.yaml")["spec"]["discover"]["find"]["command"]
    found = as_argo_cd(command, copy, [])
    assert (found.returncode, bool(found.stdout)) == (0, True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/values.yaml").write_text("# apiVersion: manifestgen/v1\n", "utf-8")
    other = as_argo_cd(command, tmp_path / "other", [])
    assert other.returncode != 0 or not other.stdout


@pytest.mark.parametrize(
    "text", ["$(touch x)", "`touch x`", "production; touch x", "--help", "a'b\"c", "a\nb", ""]
)
def test_a_parameter_is_data_whatever_it_says(text: str, copy: Path, files: Mapping[str, str]) -> None:
    command = only(files, "argocd/plugin.yaml")["spec"]["generate"]["command"]
    for parameters in (
        [{"name": "environment", "string": text}, {"name": "spec", "string": SPEC}],
        [{"name": "environment", "string": "staging"}, {"name": "spec", "string": text or "/nowhere"}],
    ):
        done = as_argo_cd(command, copy, parameters)
        assert done.returncode in (1, 2), done.stdout
        assert done.stdout == ""
        assert {path.name for path in copy.iterdir()} == {"tests"}


def test_findings_reach_whoever_looks_at_the_application(copy: Path, files: Mapping[str, str]) -> None:
    command = only(files, "argocd/plugin.yaml")["spec"]["generate"]["command"]
    text = (copy / SPEC).read_text("utf-8")
    (copy / SPEC).write_text(text.replace("replicas: 2", "replicas: two"), "utf-8")
    done = as_argo_cd(
        command, copy, [{"name": "environment", "string": "staging"}, {"name": "spec", "string": SPEC}]
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.search(
        rf"^{SPEC}:\d+:\d+: error: workloads.api.replicas: .*\[type\]$", done.stderr, re.MULTILINE
    )


# --- Nothing is left out ---------------------------------------------------------------------------


def test_the_spec_uses_every_option() -> None:
    spec = named("gitops")
    given = [platform_of(spec, name).spec.gitops for name in spec["environments"]]
    used = {name for one in given if one is not None for part in _parts(one) for name in part}
    known = {f"{model.__name__}.{field}" for model in (ArgoCD, Flux, Window) for field in model.model_fields}
    of_all = set(Delivered.model_fields)
    assert {one for one in known if one.partition(".")[2] not in of_all} <= used
    assert {field for one in used if (field := one.partition(".")[2]) in of_all} == of_all


def _parts(model: BaseModel) -> Iterator[set[str]]:
    yield {f"{type(model).__name__}.{field}" for field in model.model_fields_set}
    for field in type(model).model_fields:
        value = getattr(model, field)
        for member in value.values() if isinstance(value, dict) else ():
            yield from _parts(member)


def test_every_branch_of_every_template_is_reached(files: Mapping[str, str]) -> None:
    """By the words that only one branch writes."""
    written = "".join(files.values())
    for template in Renderer(template_folders()).names("gitops"):
        (folder,) = template_folders()
        for line in (folder / template).read_text("utf-8").splitlines():
            words = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "\0", line).split("\0")
            assert all(part.strip() in written for part in words), f"{template}: {line}"
