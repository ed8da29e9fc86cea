"""What must hold for every spec, on specs drawn from the models themselves.

``make prove EXAMPLES=5000`` runs the same on as many specs as you like, other ones each time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manifestgen.errors import errors_in
from support import proving
from support.drawing import coverage, drawn_platforms, drawn_specs, raw_specs
from support.drawing.artist import models_below
from support.drawing.meanings import MEANINGS, OF_RIGHTS, REFERENCES, SHAPES, untaught
from support.drawing.references import CANDIDATES, SUPPLIES
from support.drawing.repair import findings_of
from support.inprocess import helm, kustomize
from support.parity import by_identity, kustomized, templated
from support.rendering import rendered
from support.specs import as_json

CHUNKS, EACH = 12, 25


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_drawn_spec_is_rendered_alike_by_kustomize_and_helm_valid_and_once(chunk: int) -> None:
    tally = proving.Tally()
    proving.for_examples(
        drawn_specs(coverage.share(chunk, CHUNKS)), EACH, chunk, lambda drawn: proving.prove(drawn, tally)
    )
    assert tally.accepted >= 0.8 * tally.drawn, tally.refused


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(2))
def test_the_real_binaries_agree_with_what_is_modelled_in_process(
    chunk: int, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    folders = (tmp_path / str(number) for number in range(10_000))

    def check(drawn: Any) -> None:
        folder = next(folders)
        folder.mkdir()
        result = rendered(drawn.spec, folder)
        if errors_in(result.findings):
            return
        files = proving.texts(result)
        proving.write_all(result, folder)
        chart, modelled = proving.chart_on_disk(folder), helm.Chart(proving.chart_files(files))
        for name, (platform, _) in result.environments.items():
            namespace = str(platform.namespace)
            built = by_identity(kustomize.build(files, f"k8s/overlays/{name}"))
            proving.equal("kustomize", kustomized(tool("kubectl"), folder / "out", name), built)
            for binary in ("helm", "helm3"):
                made = by_identity(modelled.template(name, namespace))
                proving.equal(binary, templated(tool(binary), chart, name, namespace), made)

    proving.for_examples(drawn_specs(), 6, 100 + chunk, check)


@pytest.mark.slow
def test_whatever_the_types_allow_ends_in_findings_or_in_files() -> None:
    """Without anything put right: nearly all of these are refused, none with a traceback."""
    tally = proving.Tally()
    proving.for_examples(raw_specs(), 80, 0, lambda drawn: proving.prove(drawn, tally))
    assert tally.refused.total() > 50


@pytest.mark.slow
def test_another_seed_of_hashes_gives_the_same_bytes(tmp_path: Path) -> None:
    specs = tmp_path / "specs"
    specs.mkdir()

    def keep(drawn: Any) -> None:
        number = len(list(specs.iterdir()))
        (specs / f"{number:03}.yaml").write_text(as_json(drawn.spec), "utf-8")

    proving.for_examples(drawn_specs(), 12, 7, keep)
    program = (
        "import hashlib, pathlib, sys, manifestgen\n"
        "for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    result = manifestgen.render(file, out=sys.argv[2], check=True)\n"
        "    print(file.name, [(p, hashlib.sha256(a.text.encode()).hexdigest())"
        " for p, a in result.artifacts.items()], [str(f) for f in result.findings])\n"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", program, specs, tmp_path / "out"],
            env={**os.environ, "PYTHONHASHSEED": number},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for number in ("1", "4242")
    ]
    assert "k8s/base" in printed[0]
    assert printed[0] == printed[1]


# --- The strategy itself ---------------------------------------------------------------------------


@pytest.mark.slow
def test_every_field_of_every_model_is_drawn_in_some_platform_that_is_right() -> None:
    """Draws are aimed at what has not come up yet, so that this does not depend on luck."""
    missing = coverage.all_fields()

    def count(platform: Any) -> None:
        if not findings_of(platform):
            missing.difference_update(coverage.used_fields(platform))

    for start in range(80):
        if missing:
            proving.for_examples(drawn_platforms(tuple(sorted(missing))), 4, start, count)
    assert not missing, f"never drawn: {sorted(missing)}"


def test_every_text_with_a_form_of_its_own_has_a_generator() -> None:
    assert not list(untaught())


def test_what_is_known_of_meanings_is_about_fields_that_there_are() -> None:
    fields: dict[str, set[str]] = {}
    for model in models_below(coverage.Platform):
        for base in model.__mro__:
            fields.setdefault(base.__name__, set()).update(getattr(base, "model_fields", ()))
    for name, field, role in [*MEANINGS, *REFERENCES]:
        assert role in ("value", "key", "item")
        assert field in fields[name], (name, field)
    for name, members, fewest, most in SHAPES:
        assert set(members) <= fields[name], (name, members)
        assert 0 <= fewest <= most <= len(members)
    assert {*REFERENCES.values(), "platform", *OF_RIGHTS} == set(CANDIDATES)
    assert set(SUPPLIES) <= set(CANDIDATES)
