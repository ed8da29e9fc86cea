"""Objects against their schemas, and what a user's own templates can get wrong."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import manifestgen
from manifestgen import pipeline
from manifestgen.errors import Finding, ManifestgenError
from manifestgen.kube.objects import Inventory, KubeObject
from manifestgen.verify.schemas import SchemaChecker, check_version, known_versions
from support.specs import as_json, everything, inventory_of, platform_of, spec_of

PLATFORM = platform_of(everything())
OBJECTS = tuple(inventory_of(PLATFORM).objects.values())
KINDS = {made.id.kind: made for made in OBJECTS if not made.unchecked}


def findings_on(*made: KubeObject) -> list[Finding]:
    inventory = Inventory("shop", {each.id: each for each in made})
    return list(SchemaChecker("1.32").check(PLATFORM, inventory))


def changed(made: KubeObject, **more: Any) -> KubeObject:
    return replace(made, manifest={**copy.deepcopy(made.manifest), **more})


def test_all_objects_of_everything_are_valid_for_old_and_new_versions() -> None:
    assert known_versions()[0] == "1.25"
    assert "1.32" in known_versions()
    for version in ("1.30", known_versions()[-1]):
        assert list(SchemaChecker(version).check(PLATFORM, inventory_of(PLATFORM))) == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_refuses_a_key_that_it_does_not_know(kind: str) -> None:
    made = KINDS[kind]
    (finding,) = findings_on(changed(made, oops=1))
    assert finding.rule == "object-invalid"
    assert "oops" in finding.message
    assert made.template in finding.advice
    assert finding.location is not None


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_refuses_a_value_of_another_type(kind: str) -> None:
    made = KINDS[kind]
    key = next((key for key in made.manifest if key not in ("apiVersion", "kind", "metadata")), "spec")
    assert {finding.rule for finding in findings_on(changed(made, **{key: ["x"]}))} == {"object-invalid"}


def test_a_wrong_object_is_found_beside_right_ones_of_its_kind() -> None:
    """Objects of one shape are checked once; one that differs in a type is of another shape."""
    right = KINDS["Deployment"]
    wrong = copy.deepcopy(right.manifest)
    wrong["metadata"]["name"] = "wrong"
    wrong["spec"]["template"]["spec"]["containers"][0]["image"] = 1
    (finding,) = findings_on(right, replace(right, manifest=wrong))
    assert finding.message.startswith("Deployment wrong: spec.template.spec.containers.0.image: ")


def test_a_kind_without_a_schema_is_refused() -> None:
    made = KINDS["Deployment"]
    (finding,) = findings_on(changed(made, apiVersion="apps/v9"))
    assert (finding.rule, finding.message) == (
        "object-unknown-kind",
        "there is no schema for Deployment of apps/v9",
    )


@pytest.mark.parametrize("version", ["1.24", "1.99", "1.032"])
def test_a_version_without_schemas_is_refused(version: str) -> None:
    (finding,) = check_version(platform_of(spec_of(cluster={"kubernetesVersion": version})))
    assert finding.rule == "kubernetes-version"
    assert finding.advice == f"use one of {known_versions()[0]} to {known_versions()[-1]}"


# --- Templates of the user's own ------------------------------------------------------------------

SERVICE = "kubernetes/service.yaml.j2"


def findings_of(template: str, tmp_path: Path) -> tuple[Finding, ...]:
    """What is said of everything with a Service template of the user's own; no file comes of it."""
    spec, folder = tmp_path / "spec.yaml", tmp_path / "templates"
    spec.write_text(as_json(everything()), "utf-8")
    (folder / "kubernetes").mkdir(parents=True)
    (folder / SERVICE).write_text(template, "utf-8")
    try:
        build = pipeline.build(spec, templates=folder)
    except ManifestgenError as error:
        return error.findings
    assert not build.artifacts
    return build.findings


@pytest.mark.parametrize(
    ("template", "rule", "words"),
    [
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: {{ name }}}\nspec: {port: 1}\n",
            "object-invalid",
            "port",
        ),
        (
            "apiVersion: v9\nkind: Service\nmetadata: {name: {{ name }}}\n",
            "object-unknown-kind",
            "Service of v9",
        ),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: same}\nspec: {}\n", "object-clash", "named same"),
        ("{{ nme }}", "template-error", "nme"),
        ("{% if %}", "template-error", "Expected"),
        ("{{ name | no_such_filter }}", "template-error", "no_such_filter"),
        ("{{ ''.__class__.__mro__ }}", "template-error", "unsafe"),
    ],
)
def test_what_a_template_gets_wrong_is_a_finding(
    template: str, rule: str, words: str, tmp_path: Path
) -> None:
    findings = findings_of(template, tmp_path)
    assert {finding.rule for finding in findings} == {rule}
    assert words in findings[0].message
    assert findings[0].location is not None


def test_what_the_base_needs_of_a_cluster_may_be_given_by_its_environments(tmp_path: Path) -> None:
    worker = {
        "type": "worker",
        "image": {"repository": "example.com/app", "tag": "1.0.0"},
        "replicas": 1,
        "resources": {},
        "stop": {"delay": "5s"},  # a hook that Kubernetes 1.25 does not know
    }
    spec = spec_of(cluster={"kubernetesVersion": "1.25"}, workloads={"app": worker})
    (tmp_path / "old.yaml").write_text(as_json(spec))
    assert {one.rule for one in manifestgen.validate(tmp_path / "old.yaml")} == {"kubernetes-feature"}
    spec["environments"]["live"]["cluster"] = {"kubernetesVersion": "1.32"}
    (tmp_path / "new.yaml").write_text(as_json(spec))
    assert manifestgen.validate(tmp_path / "new.yaml") == ()
