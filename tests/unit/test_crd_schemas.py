"""Schemas of custom resources in a folder of the user's: found, used, and never trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import manifestgen
from manifestgen import cli
from support.specs import as_json, spec_of

WIDGET = {
    "type": "object",
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "properties": {"size": {"type": "integer", "minimum": 1}},
            "additionalProperties": False,
        },
    },
    "required": ["spec"],
    "additionalProperties": False,
}


def spec_with(folder: Path, *objects: Any, **more: Any) -> Path:
    """A spec with these objects of one's own."""
    manifests = {f"own-{index}": {"object": one, **more} for index, one in enumerate(objects)}
    path = folder / "spec.yaml"
    path.write_text(as_json(spec_of(manifests=manifests)), "utf-8")
    return path


def widget(name: str = "widget", **spec: Any) -> dict[str, Any]:
    """A custom resource."""
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": spec or {"size": 3},
    }


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A folder with the schema of widgets."""
    return with_schema(tmp_path / "crds", json.dumps(WIDGET))


def with_schema(folder: Path, text: str) -> Path:
    (folder / "example.com").mkdir(parents=True, exist_ok=True)
    (folder / "example.com/widget_v1.json").write_text(text, "utf-8")
    return folder


def test_a_custom_resource_is_checked_by_the_schema_of_its_kind(tmp_path: Path, schemas: Path) -> None:
    good, bad = widget("good"), widget("bad", size=0, colour="red")
    assert manifestgen.validate(spec_with(tmp_path, good), crd_schemas=schemas) == ()
    found = manifestgen.validate(spec_with(tmp_path, good, bad), crd_schemas=schemas)
    assert [(one.rule, one.path) for one in found] == [
        ("object-invalid", "manifests.own-1.object.spec"),
        ("object-invalid", "manifests.own-1.object.spec.size"),
    ]


def test_without_a_schema_it_is_refused_unless_the_spec_says_why_not(tmp_path: Path) -> None:
    (found,) = manifestgen.validate(spec_with(tmp_path, widget()))
    assert (found.rule, found.path) == ("object-unknown-kind", "manifests.own-0.object.kind")
    assert manifestgen.validate(spec_with(tmp_path, widget(), unchecked={"reason": "There is none"})) == ()


def test_an_exception_does_not_cover_kinds_of_kubernetes_nor_metadata(tmp_path: Path) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "date": {}}
    labels = {**widget(), "metadata": {"name": "y", "labels": {"a": 1}}}
    spec = spec_with(tmp_path, config, labels, unchecked={"reason": "There is none"})
    assert [(one.rule, one.path) for one in manifestgen.validate(spec)] == [
        ("object-invalid", "manifests.own-0.object"),
        ("object-invalid", "manifests.own-1.object.metadata.labels.a"),
    ]


def test_the_schema_of_the_user_wins_over_ours(tmp_path: Path) -> None:
    store = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "SecretStore",
        "metadata": {"name": "ours"},
        "spec": {"provider": {"fake": {"data": []}}},
    }
    spec = spec_with(tmp_path, store)
    assert {one.rule for one in manifestgen.validate(spec)} == {"object-invalid"}
    folder = tmp_path / "crds" / "external-secrets.io"
    folder.mkdir(parents=True)
    (folder / "secretstore_v1.json").write_text('{"type": "object"}', "utf-8")
    assert manifestgen.validate(spec, crd_schemas=tmp_path / "crds") == ()


def test_a_kind_of_another_group_is_not_taken_for_one_of_kubernetes(tmp_path: Path) -> None:
    service = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "x"}}
    ingress = {"apiVersion": "networking.example.com/v1", "kind": "Ingress", "metadata": {"name": "x"}}
    odd = {"spec": {"ports": 3, "template": {"spec": []}, "rules": "none"}}
    spec = spec_with(tmp_path, {**service, **odd}, {**ingress, **odd}, unchecked={"reason": "None"})
    assert manifestgen.lint(spec) == ()
    assert [one.rule for one in manifestgen.validate(spec_with(tmp_path, {**service, **odd}))] == [
        "object-unknown-kind"
    ]


@pytest.mark.parametrize("kind", ["Container", "PodSpec", "PodList"])
def test_a_part_or_a_list_of_objects_is_no_object(kind: str, tmp_path: Path) -> None:
    spec = spec_with(tmp_path, {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}})
    assert [one.rule for one in manifestgen.validate(spec)] == ["object-unknown-kind"]


LOOP = {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
WRONG = {
    "no JSON: Expecting": "{",
    "no JSON Schema: it is no object": "[]",
    "no JSON Schema, at type": '{"type": "objekt"}',
    "it refers to https://example.com/x.json, which": '{"$ref": "https://example.com/x.json"}',
    "it refers to file:///etc/passwd, which": '{"properties": {"spec": {"$ref": "file:///etc/passwd"}}}',
    "it refers to /definitions/x, which": '{"$ref": "#/definitions/x"}',
    "no object can be checked by it: maximum recursion": json.dumps(LOOP),
    "no JSON Schema, at properties/kind/pattern: ": '{"properties": {"kind": {"pattern": "["}}}',
    "no JSON: ": "[" * 100_000,
}


@pytest.mark.parametrize("message", WRONG)
def test_a_schema_that_is_none_is_a_finding(message: str, tmp_path: Path) -> None:
    folder = with_schema(tmp_path / "crds", WRONG[message])
    (found,) = manifestgen.validate(spec_with(tmp_path, widget()), crd_schemas=folder)
    assert (found.rule, found.path) == ("crd-schema", str(folder / "example.com/widget_v1.json"))
    assert found.message.startswith(message)


def test_only_the_files_that_are_needed_are_read(tmp_path: Path, schemas: Path) -> None:
    (schemas / "example.com/gadget_v1.json").write_text("{", "utf-8")
    assert manifestgen.validate(spec_with(tmp_path, widget()), crd_schemas=schemas) == ()


def test_no_kind_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "widget_v1.json").write_text("{}", "utf-8")
    inner = tmp_path / "crds"
    inner.mkdir()
    odd = {**widget(), "apiVersion": "../v1"}
    assert [one.rule for one in manifestgen.validate(spec_with(tmp_path, odd), crd_schemas=inner)] == [
        "format"
    ]


@pytest.mark.parametrize("words", [["validate"], ["lint"], ["render", "--out", "OUT"]])
def test_the_command_line_takes_the_folder(words: list[str], tmp_path: Path, schemas: Path) -> None:
    spec = spec_with(tmp_path, widget())
    given = [str(tmp_path / "out") if word == "OUT" else word for word in words]
    assert cli.run([*given, "--spec", str(spec)]) == 1
    assert cli.run([*given, "--spec", str(spec), "--crd-schemas", str(schemas)]) == 0
    assert cli.run([*given, "--spec", str(spec), "--crd-schemas", str(tmp_path / "none")]) == 2
