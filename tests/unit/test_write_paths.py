"""Paths that may not be written, whatever a spec calls its things."""

from __future__ import annotations

import os.path
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifestgen.write import paths

GOOD = [
    "a",
    "k8s/base/api/deployment.yaml",
    "helm/corporate-intel/templates/_helpers.tpl",
    ".github/workflows/render.yml",
    ".gitignore",
    "..a/b..",
    "docs/Überblick.md",
    "two words.md",
    "a/.manifestgen.lock",
    "x" * 255,
]

BAD = [
    "",
    "/",
    "/etc/passwd",
    ".",
    "..",
    "a/../b",
    "../a",
    "a/..",
    "./a",
    "a/.",
    "a//b",
    "a/",
    "a\\b",
    "a\nb",
    "a\0b",
    "a\x1b[31mb",
    "a\x7fb",
    "a\u2028b",
    "a\u202eb",
    "a\u200bb",
    "\ud800",
    " a",
    "a /b",
    ".git/config",
    ".git",
    "k8s/.GIT/hooks/post-checkout",
    ".manifestgen.lock",
    ".manifestgen.tmp/x",
    "x" * 256,
    "é" * 128,
    "/".join(["d" * 200] * 21),
]


@pytest.mark.parametrize("path", GOOD)
def test_an_ordinary_path_may_be_written(path: str) -> None:
    assert paths.problem(path) is None


@pytest.mark.parametrize("path", BAD)
def test_a_path_that_leads_astray_is_refused(path: str) -> None:
    assert paths.problem(path)


hostile = st.text(alphabet=st.one_of(st.sampled_from("./ \\.gitGIT~"), st.characters()), max_size=12)


@given(hostile)
def test_whatever_passes_stays_inside_and_is_normalised(path: str) -> None:
    if paths.problem(path) is None:
        assert os.path.normpath(path) == path
        assert not os.path.isabs(path)
        assert ".git" not in path.lower().split("/")
        assert path.isprintable()


@given(st.text(alphabet=string.ascii_letters + string.digits + "./-_ ", max_size=12))
def test_the_short_cut_for_plain_paths_changes_no_answer(path: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        quick = paths.problem(path)
        patch.setattr(paths, "_PLAIN", paths.re.compile(r"(?!)"))
        assert paths.problem(path) == quick


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a/Chart.yaml", "a/chart.yaml"),
        ("docs/caf\u00e9.md", "docs/cafe\u0301.md"),
        ("STRASSE", "straße"),
        ("a", "a/b"),
        ("a/b/c/d", "a/b"),
        ("A", "a/b"),
    ],
)
def test_two_paths_that_one_disk_cannot_hold_collide(first: str, second: str) -> None:
    assert [set(pair) for pair in paths.collisions([first, second])] == [{first, second}]


def test_different_paths_do_not_collide() -> None:
    assert list(paths.collisions(["a/b", "a/c", "ab", "a-b", "A/d"])) == []


def test_parents_are_the_folders_above_nearest_first() -> None:
    assert list(paths.parents("a/b/c.yaml")) == ["a/b", "a"]
    assert list(paths.parents("c.yaml")) == []
