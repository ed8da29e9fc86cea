"""The texts of the chart, as a reviewer would read them."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.targets.helm import render
from support.helm_objects import INFO, layers


class TextFile(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


ARTIFACTS = {
    artifact.path.removeprefix("helm/shop/"): artifact.text
    for artifact in render(*layers(), INFO, Renderer(template_folders()))
}


NAMES = [path.replace("/", "_") for path in ARTIFACTS]


@pytest.mark.parametrize("path", ARTIFACTS, ids=NAMES)
def test_the_file_reads_as_it_did(path: str, snapshot: SnapshotAssertion) -> None:
    assert ARTIFACTS[path] == snapshot(extension_class=TextFile)


@pytest.mark.parametrize("path", ARTIFACTS, ids=NAMES)
def test_the_file_ends_with_one_newline_and_has_no_trailing_space(path: str) -> None:
    text = ARTIFACTS[path]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
