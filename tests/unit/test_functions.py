"""manifestgen as a KRM function: what comes of a ResourceList. In test_krm.py Kustomize calls it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from manifestgen.api.functions import answer
from manifestgen.api.objects import objects
from manifestgen.cli import run as cli
from manifestgen.errors import Exit
from manifestgen.report import text
from support import yaml11
from support.parity import by_identity, expected
from support.specs import spec_of

Document = dict[str, Any]

WEB = {
    "type": "web",
    "image": {"repository": "ghcr.io/example/web", "tag": "1.0.0"},
    "ports": {"http": 8080},
    "replicas": 2,
    "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}},
}
SPEC = spec_of(workloads={"web": WEB})
OTHER = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}, "data": {"yes": "1.10"}}
INTERNAL = {
    "config.kubernetes.io/index": "3",
    "config.kubernetes.io/path": "web/all.yaml",
    "internal.config.kubernetes.io/index": "3",
    "internal.config.kubernetes.io/path": "web/all.yaml",
}


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec in the current folder."""
    monkeypatch.chdir(tmp_path)
    file = Path("platform.yaml")
    file.write_text(yaml11.written(SPEC), "utf-8")
    return file


def config(**said: Any) -> Document:
    return {
        "apiVersion": "manifestgen/v1",
        "kind": "PlatformFunction",
        "metadata": {"name": "shop", "annotations": {"config.kubernetes.io/function": "exec: {path: x}"}},
        "spec": said,
    }


def listed(function_config: Any, *items: Document) -> str:
    """A ResourceList as a tool writes it."""
    document = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": list(items)}
    return yaml11.written({**document, "functionConfig": function_config})


@pytest.mark.parametrize(
    "asked",
    [
        config(environment="live", file="platform.yaml"),
        config(environment="live", platform=SPEC),
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {"environment": "live", "file": "platform.yaml"}},
    ],
    ids=["file", "inline", "arguments"],
)
def test_the_objects_follow_the_items_that_were_there(asked: Document, spec: Path) -> None:
    given = answer(listed(asked, OTHER))
    assert given.ok and not given.findings
    assert "results" not in given.document
    assert given.document["functionConfig"] == asked
    other, *made = given.document["items"]
    assert other == OTHER
    assert by_identity(made) == expected(spec, "live")
    assert tuple(made) == objects(spec, "live").manifests


def test_an_object_that_is_there_is_replaced_and_keeps_its_place(spec: Path) -> None:
    asked = config(environment="live", file="platform.yaml")
    first = answer(listed(asked)).document["items"]
    old = next(one for one in first if one["kind"] == "Deployment")
    old = {**old, "metadata": {**old["metadata"], "annotations": {**INTERNAL, "own": "x"}}, "spec": {}}
    again = answer(listed(asked, OTHER, old)).document["items"]
    assert again[0] == OTHER
    assert again[1]["metadata"]["annotations"] == INTERNAL
    assert again[1]["spec"]["replicas"] == 2
    assert len(again) == len(first) + 1
    assert answer(listed(asked, *again)).document["items"] == again


def test_what_is_in_another_namespace_is_another_object(spec: Path) -> None:
    asked = config(environment="live", file="platform.yaml")
    made = answer(listed(asked)).document["items"]
    elsewhere = {**made[0], "metadata": {**made[0]["metadata"], "namespace": "elsewhere"}}
    items = answer(listed(asked, elsewhere)).document["items"]
    assert items == [elsewhere, *made]


WRONG = {
    "no-yaml": "a: [",
    "no-list": "apiVersion: v1\nkind: List\nitems: []\n",
    "no-objects": listed(config(environment="live", file="platform.yaml"), {"kind": "x"}),
    "nothing-asked": listed(None),
    "another-kind": listed({"kind": "Secret"}),
    "no-spec-in-it": listed({"kind": "PlatformFunction"}),
    "no-environment": listed(config(file="platform.yaml")),
    "both": listed(config(environment="live", file="platform.yaml", platform=SPEC)),
    "neither": listed(config(environment="live")),
    "unknown-key": listed(config(environment="live", spec="platform.yaml")),
    "unknown-environment": listed(config(environment="life", file="platform.yaml")),
    "unknown-file": listed(config(environment="live", file="nowhere.yaml")),
    "wrong-file": listed(config(environment="live", file="wrong.yaml")),
    "wrong-inline": listed(
        config(environment="live", platform=spec_of(workloads={"web": {**WEB, "replicas": "two"}}))
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_a_result(name: str, spec: Path, snapshot: SnapshotAssertion) -> None:
    Path("wrong.yaml").write_text(spec.read_text("utf-8").replace("replicas: 2", "replicas: two"), "utf-8")
    given = answer(WRONG[name])
    assert not given.ok
    assert given.document["results"] == snapshot(name="results")
    assert text.findings(given.findings) == snapshot(name="words")
    if name not in ("no-yaml", "no-list", "no-objects"):
        assert given.document["items"] == []


def test_the_items_stay_when_something_is_wrong(spec: Path) -> None:
    given = answer(listed(config(environment="nope", file="platform.yaml"), OTHER))
    assert given.document["items"] == [OTHER]


@pytest.mark.parametrize(("environment", "code"), [("live", Exit.OK), ("nope", Exit.FINDINGS)])
def test_the_command_reads_and_prints_one(
    environment: str,
    code: Exit,
    spec: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = listed(config(environment=environment, file="platform.yaml"), OTHER)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(asked.encode())))
    assert cli(("krm",)) == code
    said = capsys.readouterr()
    document = yaml11.read(said.out)
    assert (document["apiVersion"], document["kind"]) == ("config.kubernetes.io/v1", "ResourceList")
    assert document["items"][0] == OTHER
    assert ("results" in document) == (code is Exit.FINDINGS) == bool(said.err)


def test_objects_are_printed_as_one_stream(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(("objects", "live", "--spec", "platform.yaml")) == Exit.OK
    printed = capsys.readouterr().out
    assert by_identity(yaml11.read_all(printed)) == expected(spec, "live")
    assert cli(("objects", "nope", "--spec", "platform.yaml")) == Exit.USAGE
    assert capsys.readouterr().out == ""
