"""The examples: eleven platforms of eleven kinds, rendered, held equal, and without a finding."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import manifestgen
from manifestgen.pipeline import load
from support import yaml11
from support.chart import with_stub_dependencies
from support.parity import expected, kustomized, templated

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "specs" / "examples"
EXAMPLES = sorted(FOLDER.glob("*.yaml"))

pytestmark = pytest.mark.parametrize("spec", EXAMPLES, ids=lambda spec: spec.stem)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Where each example is rendered to, once."""

    @cache
    def rendered(spec: Path) -> Path:
        out = tmp_path_factory.mktemp(spec.stem) / "out"
        result = manifestgen.render(spec, out=out)
        assert result.ok, result.findings
        return out

    return rendered


def test_there_are_eleven_and_the_readme_tells_what_each_is_for(spec: Path) -> None:
    assert len(EXAMPLES) == 11
    rows = [line for line in (FOLDER / "README.md").read_text().splitlines() if line.startswith("| [")]
    assert len(rows) == 11
    assert sum(f"]({spec.name})" in row for row in rows) == 1


def test_an_example_has_no_finding_of_any_rule(spec: Path, tmp_path: Path) -> None:
    assert manifestgen.lint(spec, out=tmp_path / "nothing") == ()


def test_an_editor_accepts_an_example(spec: Path) -> None:
    schema = json.loads((ROOT / "specs" / "platform.schema.json").read_text())
    first, *_ = spec.read_text().splitlines()
    assert first == "# yaml-language-server: $schema=../platform.schema.json"
    assert list(Draft202012Validator(schema).iter_errors(yaml11.read(spec.read_text()))) == []


def test_a_second_render_changes_nothing(spec: Path, folders: Any) -> None:
    assert manifestgen.render(spec, out=folders(spec), check=True).current


def test_kustomize_and_helm_give_the_objects_of_each_environment(
    spec: Path, folders: Any, tool: Any, tmp_path: Path
) -> None:
    out = folders(spec)
    (chart,) = (out / "helm").iterdir()
    chart = with_stub_dependencies(chart, tmp_path / chart.name)
    for environment, platform in load(spec).environments.items():
        objects = expected(spec, environment)
        assert kustomized(tool("kubectl"), out, environment) == objects
        for binary in ("helm", "helm3"):
            assert templated(tool(binary), chart, environment, str(platform.namespace)) == objects
