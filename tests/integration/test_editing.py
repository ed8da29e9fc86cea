"""Editing one leaf of a spec changes only lines that mean it.

What is held, for every scalar of a spec that takes another value of its type:

1. **A figure or a text** (replicas, an amount, a name, an address, a setting …): every line that changes
   in any file shows its old or its new value: as it is, a part of it, or the same amount in another unit.
   Nothing else changes, but what follows from these lines: the checksums of settings, by which pods restart,
   punctuation, and the patch of an overlay that a value needs, or needs no more, to differ from the base.
   ``editing.REASONS`` lists the few that decide about more than they say, each with its reason.
2. **A switch** (true or false, one of a few words) decides whether there are lines at all. Those without the
   value stand in files of the thing it belongs to, or in those about everything (the monitoring, the values
   and the README of the chart), and are ``MOST_OF_A_SWITCH`` at the most. No file of another thing changes.
3. **In an environment**, neither kind changes a file of another environment, unless that one builds on it or
   the base leaves the thing open, so that the environments make the base together.
4. ``WITHOUT`` is left out, and so are the documents (``DOCUMENTED``), unless they are edited: they tell
   once more what the rules say, or follow from the whole platform, and have proofs of their own.
5. **What cannot take another value** for itself is refused, and the finding says where.

In CI one leaf of each kind is edited, that is of each place in the models; with MANIFESTGEN_ALL_EDITS=1
all of them are.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from manifestgen.errors import errors_in
from manifestgen.pipeline import load
from support import yaml11
from support.editing import (
    MOST_OF_A_SWITCH,
    REASONS,
    Leaf,
    changed_lines,
    edited,
    in_platform,
    is_elsewhere,
    is_of,
    is_switch,
    kind_of,
    leaves,
    other_values,
    unexplained,
)
from support.proving import texts
from support.rendering import rendered
from support.specs import as_json

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ALL = os.environ.get("MANIFESTGEN_ALL_EDITS") == "1"
CHUNKS = 4
ATTEMPTS = 6
FIXED = (("apiVersion",), ("kind",))
WITHOUT = {
    "monitoring": {
        "tests": False,
        "dashboards": {"enabled": False},
        "runbooksUrl": None,
        "grafanaUrl": None,
    },
    "alerting": {"topologyInhibitions": False},
}
"""What follows from the rules and from all else: tests, pictures and pages of alerts, inhibitions."""
DOCUMENTED = "documentation"
"""The section whose documents tell of the whole platform: they are there for leaves of its own only."""


@cache
def _specs() -> tuple[Path, ...]:
    """The specs that are shown, small ones first, so that each kind of leaf is edited where it is cheap."""
    shown = [
        *(ROOT / "specs/examples").glob("*.yaml"),
        ROOT / "specs/minimal.yaml",
        ROOT / "specs/platform.yaml",
    ]
    return tuple(sorted(shown, key=lambda path: path.stat().st_size))


@cache
def _leaves() -> tuple[tuple[Path, Leaf], ...]:
    """The leaves to edit, each with its spec."""
    seen: set[tuple[bool, tuple[str, ...]]] = set()
    chosen: list[tuple[Path, Leaf]] = []
    for file in _specs():
        for path, value in leaves(yaml11.read(file.read_text("utf-8"))):
            kind = (path[0] == "environments", kind_of(path))
            if (
                value is not None
                and path not in FIXED
                and path[-1] != "extends"
                and (ALL or kind not in seen)
            ):
                seen.add(kind)
                chosen.append((file, Leaf(path, kind[1], value)))
    return tuple(chosen)


@pytest.fixture(scope="module")
def before() -> dict[tuple[Path, bool], dict[str, str]]:
    """The files of each spec as it is, without and with documents, rendered when they are first asked for."""
    return {}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the specs build on."""
    shutil.copytree(ROOT / "specs/examples/company", tmp_path / "company")
    return tmp_path


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_editing_one_leaf_changes_only_lines_that_mean_it(
    chunk: int, before: dict[tuple[Path, bool], dict[str, str]], folder: Path
) -> None:
    mine = _leaves()[chunk * len(_leaves()) // CHUNKS : (chunk + 1) * len(_leaves()) // CHUNKS]
    rendered_ones, wrong = 0, []
    for file, leaf in mine:
        spec = yaml11.read(file.read_text("utf-8"))
        spec |= {section: {**spec[section], **off} for section, off in WITHOUT.items() if spec.get(section)}
        documented = in_platform(leaf.path)[0] == DOCUMENTED
        if not documented:
            for layer in (spec, *spec["environments"].values()):
                layer.pop(DOCUMENTED, None)
        if (file, documented) not in before:
            before[file, documented] = texts(rendered(spec, folder))
            assert before[file, documented], f"{file} does not render"
        complaints = list(_complaints(spec, leaf, before[file, documented], folder))
        rendered_ones += not complaints or complaints[0] != "refused"
        wrong += [f"{file.name}: {leaf.path}: {one}" for one in complaints if one != "refused"]
    assert not wrong, "\n".join(wrong)
    assert rendered_ones > 0.6 * len(mine), "most leaves take another value"


def _complaints(spec: dict[str, Any], leaf: Leaf, before: dict[str, str], folder: Path) -> Iterator[str]:
    """What one edit does beyond what it may; ``refused`` alone when no other value is taken."""
    for _, value in zip(range(ATTEMPTS), other_values(leaf), strict=False):
        result = rendered(edited(spec, leaf.path, value), folder)
        errors = errors_in(result.findings)
        if not errors:
            changed = changed_lines(before, texts(result))
            words = f"{leaf.value!r} → {value!r} changes"
            yield from (f"{words} {where}" for where in _beyond(spec, folder, leaf, value, changed))
            return
        if not all(error.location is not None and error.path for error in errors):
            yield f"{value!r} is refused without a place: {errors}"
            return
    yield "refused"


def _beyond(
    spec: dict[str, Any], folder: Path, leaf: Leaf, value: Any, changed: Mapping[str, list[str]]
) -> Iterator[str]:
    yield from _elsewhere(spec, folder, leaf, changed)
    extra = unexplained(leaf, value, changed)
    if leaf.kind in REASONS:
        return
    if is_switch(leaf):
        yield from _of_others(leaf, extra)
    else:
        yield from (f"{path}: {lines[:4]}" for path, lines in extra.items())


def _of_others(leaf: Leaf, extra: Mapping[str, list[str]]) -> Iterator[str]:
    """More than a switch may change."""
    section, *names = map(str, in_platform(leaf.path))
    if (total := sum(map(len, extra.values()))) > MOST_OF_A_SWITCH:
        yield f"{total} lines"
    if section in ("workloads", "datastores", "routes", "settings"):
        yield from (f"{path}: {lines[:4]}" for path, lines in extra.items() if not is_of(path, names[0]))


def _elsewhere(
    spec: dict[str, Any], folder: Path, leaf: Leaf, changed: Mapping[str, list[str]]
) -> Iterator[str]:
    """Changes in files of environments that do not build on the one of the leaf."""
    if leaf.path[0] != "environments" or in_platform(leaf.path)[:2] in _left_open(spec, folder):
        return
    environment, layers = str(leaf.path[1]), spec["environments"]
    unrelated = [name for name in layers if not _builds_on(layers, name, environment)]
    for path, lines in changed.items():
        if is_elsewhere(path, environment, unrelated):
            yield f"{path}: {lines[:4]}"


def _builds_on(layers: dict[str, Any], name: str | None, environment: str) -> bool:
    while name is not None:
        if name == environment:
            return True
        name = layers[name].get("extends")
    return False


def _left_open(spec: dict[str, Any], folder: Path) -> set[tuple[str, ...]]:
    """The things that the base has only in part."""
    (folder / "spec.yaml").write_text(as_json(spec), encoding="utf-8")
    return {path[:2] for path in load(folder / "spec.yaml").base.incomplete}


def test_every_exception_is_about_a_leaf_that_there_is() -> None:
    kinds = {leaf.kind for _, leaf in _leaves()}
    assert set(REASONS) <= kinds
