"""The committed out/ is what the committed spec gives, and `--check` sees when it is not any more."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

import manifestgen
from manifestgen import cli
from manifestgen.errors import Exit
from support import yaml11

LOCK = ".manifestgen.lock"
HEADER = "# yaml-language-server: $schema=./platform.schema.json"

Check = Callable[[Path], tuple[int, str]]


@pytest.fixture
def check(repo_root: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """`manifestgen render --check` of the shipped spec against a folder: exit code, and what it says."""

    def run(out: Path) -> tuple[int, str]:
        code = cli.run(
            ["render", "--check", "--spec", str(repo_root / "specs/platform.yaml"), "--out", str(out)]
        )
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.fixture(scope="module")
def fresh(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the shipped spec gives."""
    out = tmp_path_factory.mktemp("fresh") / "out"
    assert manifestgen.render(repo_root / "specs/platform.yaml", out=out).ok
    return out


@pytest.fixture
def copy(fresh: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    shutil.copytree(fresh, tmp_path / "out")
    return tmp_path / "out"


def test_the_committed_tree_is_fresh(check: Check, repo_root: Path) -> None:
    code, said = check(repo_root / "out")
    assert code == Exit.OK, said


def test_a_tree_just_rendered_is_fresh(check: Check, copy: Path) -> None:
    assert check(copy)[0] == Exit.OK


@pytest.mark.parametrize("seed", range(10))
def test_any_byte_that_changes_is_seen(seed: int, check: Check, copy: Path) -> None:
    chance = random.Random(seed)
    file = chance.choice(sorted(path for path in copy.rglob("*") if path.is_file() and path.name != LOCK))
    content = bytearray(file.read_bytes())
    position = chance.randrange(len(content))
    content[position] ^= 1 << chance.randrange(7)
    file.write_bytes(content)
    code, said = check(copy)
    assert code == Exit.FINDINGS
    assert file.relative_to(copy).as_posix() in said


@pytest.mark.parametrize("seed", range(10))
def test_any_byte_that_changes_in_the_lock_is_seen(seed: int, check: Check, copy: Path) -> None:
    chance = random.Random(seed)
    lines = (copy / LOCK).read_text("utf-8").splitlines(keepends=True)
    number = chance.randrange(len(lines))
    line = lines[number]
    position = chance.randrange(len(line))
    changed = "f" if line[position] != "f" else "e"
    lines[number] = line[:position] + changed + line[position + 1 :]
    (copy / LOCK).write_text("".join(lines), encoding="utf-8")
    code, said = check(copy)
    assert code == Exit.FINDINGS
    named = line.split()[-1]
    assert LOCK in said or named in said


Change = Callable[[Path], str]


def _delete(out: Path) -> str:
    (out / "k8s/base/api/service.yaml").unlink()
    return "k8s/base/api/service.yaml"


def _delete_the_lock(out: Path) -> str:
    (out / LOCK).unlink()
    return LOCK


def _delete_a_folder(out: Path) -> str:
    shutil.rmtree(out / "monitoring/staging/prometheus")
    return "monitoring/staging/prometheus/prometheus.yml"


def _append_a_line(out: Path) -> str:
    with (out / "helm/corporate-intel/values.yaml").open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    return "helm/corporate-intel/values.yaml"


def _empty(out: Path) -> str:
    (out / "k8s/overlays/production/kustomization.yaml").write_bytes(b"")
    return "k8s/overlays/production/kustomization.yaml"


def _keep_what_the_spec_no_longer_gives(out: Path) -> str:
    """As after the removal of a workload from the spec: a file of ours that is left over."""
    shutil.copy(out / "k8s/base/api/service.yaml", out / "k8s/base/api/service-old.yaml")
    line = next(line for line in _lock(out) if line.endswith(" k8s/base/api/service.yaml\n"))
    lines = [*_lock(out), line.replace("service.yaml", "service-old.yaml")]
    (out / LOCK).write_text("".join(lines), encoding="utf-8")
    return "k8s/base/api/service-old.yaml"


def _lock(out: Path) -> list[str]:
    return (out / LOCK).read_text("utf-8").splitlines(keepends=True)


def _replace_by_a_link(out: Path) -> str:
    file = out / "k8s/base/api/deployment.yaml"
    target = out.parent / "elsewhere.yaml"
    shutil.move(file, target)
    file.symlink_to(target)
    return "k8s/base/api/deployment.yaml"


CHANGES: list[Change] = [
    *(_delete, _delete_the_lock, _delete_a_folder, _append_a_line, _empty),
    *(_keep_what_the_spec_no_longer_gives, _replace_by_a_link),
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_file_is_named_when_somebody_does(change: Change, check: Check, copy: Path) -> None:
    named = change(copy)
    code, said = check(copy)
    assert code == Exit.FINDINGS
    assert named in said


def test_a_check_writes_nothing(check: Check, copy: Path) -> None:
    for change in CHANGES[:5]:
        change(copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    check(copy)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


# --- The schema of the spec ------------------------------------------------------------------------


def test_the_committed_schema_is_fresh(repo_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["schema"]) == Exit.OK
    printed = capsys.readouterr().out
    assert printed == (repo_root / "specs/platform.schema.json").read_text("utf-8"), (
        "run: manifestgen schema > specs/platform.schema.json"
    )


def _specs(repo_root: Path) -> list[Path]:
    return sorted((repo_root / "specs").glob("*.yaml"))


def test_every_committed_spec_names_the_schema_in_its_first_line_and_agrees_with_it(repo_root: Path) -> None:
    schema = json.loads((repo_root / "specs/platform.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    specs = _specs(repo_root)
    assert {spec.name for spec in specs} >= {"platform.yaml", "minimal.yaml"}
    for spec in specs:
        text = spec.read_text("utf-8")
        assert text.splitlines()[0] == HEADER, spec
        jsonschema.validate(yaml11.read(text), schema)


def test_the_smallest_spec_is_small(repo_root: Path) -> None:
    assert len((repo_root / "specs/minimal.yaml").read_text("utf-8").splitlines()) < 20
