"""Namespaces, rights, stores and monitors: the same objects by Kustomize, by Helm and by the spec."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import manifestgen
from manifestgen.pipeline import load
from support.chart import with_stub_dependencies
from support.parity import Objects, expected, kustomized, templated

SPEC = Path(__file__).parent.parent / "specs/tenants.yaml"
ENVIRONMENTS = {name: str(platform.namespace) for name, platform in load(SPEC).environments.items()}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of the spec."""
    folder = tmp_path_factory.mktemp("tenants") / "out"
    result = manifestgen.render(SPEC, out=folder)
    assert result.ok, result.findings
    return folder


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_builds_the_objects_of_each_environment(environment: str, out: Path, tool: Any) -> None:
    assert kustomized(tool("kubectl"), out, environment) == expected(SPEC, environment)


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_helm_renders_the_objects_of_each_environment(
    environment: str, binary: str, out: Path, tool: Any, tmp_path: Path
) -> None:
    chart = with_stub_dependencies(out / "helm/tenants", tmp_path / "tenants")
    rendered = templated(tool(binary), chart, environment, ENVIRONMENTS[environment])
    assert rendered == expected(SPEC, environment)


def _names(objects: Objects, kind: str) -> set[str]:
    return {name for _, found, name in objects if found == kind}


def test_two_environments_in_one_cluster_share_no_object_that_gives_rights() -> None:
    seen: dict[tuple[str, str], str] = {}
    for environment in ENVIRONMENTS:
        objects = expected(SPEC, environment)
        for kind in ("Namespace", "ClusterRole", "ClusterRoleBinding"):
            for name in _names(objects, kind):
                assert seen.setdefault((kind, name), environment) == environment
    assert ("ClusterRole", "tenants-api") in seen
    assert ("ClusterRole", "tenants-staging-worker") in seen
    assert ("ClusterRole", "tenants-certificates") in seen
    assert ("Namespace", "tenants-abroad") in seen


def test_a_binding_to_an_aggregated_role_names_it_as_it_is_called_there() -> None:
    objects = expected(SPEC, "staging")
    binding = objects["rbac.authorization.k8s.io/v1", "RoleBinding", "readers"]
    assert binding["roleRef"]["name"] == "tenants-staging-certificates"
    assert binding["roleRef"]["name"] in _names(objects, "ClusterRole")
