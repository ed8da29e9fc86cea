"""What pipelines take from elsewhere."""

from __future__ import annotations

import re

import pytest

from manifestgen.facts.pins import ACTIONS, PROGRAMS, Action
from manifestgen.pipeline import build
from support.rendering import scratch
from support.specs import EVERYTHING, as_json, named


def _texts() -> list[str]:
    """The texts of pipelines that use all there is."""
    with scratch() as folder:
        file = folder / "ways.yaml"
        file.write_text(as_json(named("ways")), encoding="utf-8")
        specs = (EVERYTHING, file)
        return [artifact.text for one in specs for artifact in build(one, targets=["ci"]).artifacts.values()]


@pytest.mark.parametrize("action", ACTIONS.values(), ids=[*ACTIONS])
def test_an_action_is_named_by_its_whole_commit_with_its_version_beside_it(action: Action) -> None:
    assert re.fullmatch(r"[0-9a-f]{40}", action.commit)
    assert re.fullmatch(r"v[0-9]+\.[0-9]+\.[0-9]+", action.version)
    assert re.fullmatch(r"[a-z-]+/[a-z-]+", action.name)


def test_each_action_is_used_and_no_other() -> None:
    used = {use for text in _texts() for use in re.findall(r"^ +uses: (.*)$", text, re.M)}
    assert used == {action.reference for action in ACTIONS.values()}


def test_each_program_is_used_and_held_to_its_sum() -> None:
    texts = "".join(_texts())
    for program in PROGRAMS.values():
        assert program.version in program.release
        for archive in program.archives.values():
            assert re.fullmatch(r"[0-9a-f]{64}", archive.sha256)
            assert f"SUM={archive.sha256}\n" in texts
            assert archive.file in texts
    sums = [archive.sha256 for program in PROGRAMS.values() for archive in program.archives.values()]
    assert len(set(sums)) == len(sums)
