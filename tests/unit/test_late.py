"""Stand-ins for models, which import them when somebody needs them."""

from __future__ import annotations

import ast
import subprocess
import sys
import typing
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest

from manifestgen.spec import late
from manifestgen.spec.externals import External
from manifestgen.spec.late import Late, known
from manifestgen.spec.platform import Platform

STAND_INS = {name: one for name, one in vars(late).items() if isinstance(one, Late)}


@pytest.mark.parametrize("name", STAND_INS)
def test_a_stand_in_leads_to_the_model_that_mypy_sees(name: str) -> None:
    model = STAND_INS[name].model()
    assert f"{STAND_INS[name].module}.{STAND_INS[name].attribute}" == _seen_by_mypy()[name]
    if name in late.WORDS:
        assert get_args(model.model_fields["type"].annotation) == (late.WORDS[name],)


def _seen_by_mypy() -> dict[str, str]:
    """What each name of the module is to mypy."""
    (block,) = (
        one for one in ast.parse(Path(late.__file__).read_text("utf-8")).body if isinstance(one, ast.If)
    )
    seen: dict[str, str] = {}
    for statement in block.body:
        if isinstance(statement, ast.ImportFrom) and statement.module != "manifestgen.spec":
            seen |= {alias.name: f"{statement.module}.{alias.name}" for alias in statement.names}
        elif isinstance(statement, ast.Assign):
            seen[ast.unparse(statement.targets[0])] = f"manifestgen.spec.{ast.unparse(statement.value)}"
    return {
        name: path
        for name, path in seen.items()
        if not path.startswith("manifestgen.spec.") or path.count(".") > 2
    }


def test_all_that_mypy_sees_is_there() -> None:
    assert _seen_by_mypy().keys() == STAND_INS.keys()


def test_a_stand_in_knows_its_instances_and_makes_some() -> None:
    made = late.External(networks=["10.0.0.0/8"])
    assert type(made) is External
    assert isinstance(made, late.External)
    assert not isinstance(made, late.Gateway)
    match made:
        case late.External(networks=networks):
            assert networks == ["10.0.0.0/8"]
        case _:
            pytest.fail("it does not match")


def test_the_type_behind_an_annotation_has_no_stand_in_left() -> None:
    hints = typing.get_type_hints(Platform, include_extras=True)
    assert any(_late_in(hint) for hint in hints.values())
    assert not [name for name, hint in hints.items() if _late_in(known(hint, whole=True))]
    assert (
        known(dict[str, Annotated[late.External | None, "x"]]) == dict[str, Annotated[External | None, "x"]]
    )
    assert known(int | None) == int | None


def _late_in(annotation: Any) -> bool:
    if isinstance(annotation, Late):
        return True
    return get_origin(annotation) is not typing.Literal and any(map(_late_in, get_args(annotation)))


def test_a_small_platform_imports_few_models(repo_root: Path, tmp_path: Path) -> None:
    program = (
        "import sys, manifestgen\n"
        "assert manifestgen.render(sys.argv[1], out=sys.argv[2]).ok\n"
        "print(*sorted(name for name in sys.modules if name.startswith('manifestgen.spec.')))\n"
    )
    command = [sys.executable, "-c", program, repo_root / "specs/minimal.yaml", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    rare = {one.module for one in STAND_INS.values()}
    assert not loaded & rare
