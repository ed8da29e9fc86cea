"""Service meshes: what must hold for every spec that has one, and the real tools on specs of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import manifestgen
from manifestgen.errors import errors_in
from manifestgen.pipeline import load
from support import proving
from support.chart import with_stub_dependencies
from support.drawing import drawn_specs
from support.parity import expected, kustomized, templated
from support.rendering import rendered_anywhere
from support.specs import EVERYTHING

ABOUT = (
    ("Platform", "mesh"),
    ("Mesh", "authorization"),
    ("WorkloadBase", "connects"),
    ("InMesh", "plaintext"),
)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(2))
def test_a_mesh_lets_in_what_network_policies_do_and_repeats_only_what_it_may(chunk: int) -> None:
    seen = 0

    def check(drawn: Any) -> None:
        nonlocal seen
        result = drawn.result or rendered_anywhere(drawn.spec)
        if not errors_in(result.findings):
            proving.let_in_alike(result)
            seen += any(platform.spec.mesh for platform, _ in result.environments.values())

    proving.for_examples(drawn_specs(ABOUT), 30, 300 + chunk, check)
    assert seen >= 10


@pytest.mark.parametrize("name", ["istio", "linkerd"])
def test_kustomize_and_helm_give_the_objects_of_each_environment(
    name: str, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    spec, out = EVERYTHING.with_stem(name), tmp_path / "out"
    result = manifestgen.render(spec, out=out)
    assert result.ok, result.findings
    (chart,) = (out / "helm").iterdir()
    chart = with_stub_dependencies(chart, tmp_path / chart.name)
    for environment, platform in load(spec).environments.items():
        objects = expected(spec, environment)
        assert kustomized(tool("kubectl"), out, environment) == objects
        for binary in ("helm", "helm3"):
            assert templated(tool(binary), chart, environment, str(platform.namespace)) == objects


def test_without_the_word_there_is_nothing_of_a_mesh(tmp_path: Path) -> None:
    spec = EVERYTHING.parents[2] / "specs" / "platform.yaml"
    result = manifestgen.render(spec, out=tmp_path / "out")
    assert result.ok
    for file in (tmp_path / "out").rglob("*"):
        text = file.read_text("utf-8") if file.is_file() else ""
        assert not [word for word in ("sidecar.istio.io", "linkerd.io", "security.istio.io") if word in text]
