"""The same spec gives the same bytes: on any machine, from any folder, at any time."""

from __future__ import annotations

import datetime
import getpass
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import manifestgen

Tree = dict[str, bytes]


def tree(out: Path) -> Tree:
    """Every file below a folder, the lock included."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def render(cwd: Path, *arguments: str | Path, **environment: str) -> None:
    """Run the command line as a program of its own."""
    command = [sys.executable, "-m", "manifestgen", "render", *map(str, arguments)]
    variables = {"PATH": os.environ["PATH"], **_importable(), **environment}
    done = subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _importable() -> Mapping[str, str]:
    return {"PYTHONPATH": path} if (path := os.environ.get("PYTHONPATH")) else {}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Path:
    """A copy of the shipped spec."""
    folder = tmp_path_factory.mktemp("marked-folder") / "specs"
    folder.mkdir()
    shutil.copy(repo_root / "specs/platform.yaml", folder)
    return folder / "platform.yaml"


@pytest.fixture(scope="module")
def usual(spec: Path) -> Tree:
    """What a plain `manifestgen render` beside the spec writes."""
    render(spec.parents[1])
    return tree(spec.parents[1] / "out")


ENVIRONMENTS = {
    "once more": {},
    "another hash seed": {"PYTHONHASHSEED": "1"},
    "a third hash seed": {"PYTHONHASHSEED": "4242"},
    "the locale C": {"LC_ALL": "C", "LANG": "C"},
    "the locale C, and no UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "German": {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"},
    "Turkish, whose i has no dot": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "yesterday, by the clock of the place": {"TZ": "Pacific/Niue"},
    "tomorrow, by the clock of the place": {"TZ": "Pacific/Kiritimati"},
    "without assertions and docstrings": {"PYTHONOPTIMIZE": "2"},
    "another user with another terminal": {
        **{
            "USER": "nobody-we-know",
            "LOGNAME": "nobody-we-know",
            "HOME": "/nowhere",
            "HOSTNAME": "elsewhere",
        },
        **{"TERM": "dumb", "COLUMNS": "40", "NO_COLOR": "1", "CI": "true"},
    },
}


@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_the_same_bytes_come_out_in(case: str, spec: Path, usual: Tree, tmp_path: Path) -> None:
    render(spec.parents[1], "--out", tmp_path / "out", **ENVIRONMENTS[case])
    assert tree(tmp_path / "out") == usual


def test_the_same_bytes_come_out_from_another_folder(spec: Path, usual: Tree, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    render(tmp_path / "here", "--spec", spec, "--out", "absolute")
    render(tmp_path / "here", "--spec", os.path.relpath(spec, tmp_path / "here"), "--out", "../relative")
    (tmp_path / "link.yaml").symlink_to(spec)
    render(tmp_path, "--spec", "link.yaml", "--out", tmp_path / "linked")
    for out in ("here/absolute", "relative", "linked"):
        assert tree(tmp_path / out) == usual


def test_a_second_render_changes_nothing(spec: Path, usual: Tree) -> None:
    out = spec.parents[1] / "out"
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    render(spec.parents[1])
    assert tree(out) == usual
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == times


def test_one_environment_after_the_other_gives_the_same_tree(spec: Path, usual: Tree, tmp_path: Path) -> None:
    for environment in ("production", "staging"):
        render(spec.parents[1], environment, "--out", tmp_path / "out")
    assert tree(tmp_path / "out") == usual


def test_neither_the_version_nor_the_clock_has_a_say(
    spec: Path, usual: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifestgen, "__version__", "98.76.54")
    monkeypatch.setattr(time, "time", lambda: 86_400.0)
    assert manifestgen.render(spec, out=tmp_path / "out").ok
    assert tree(tmp_path / "out") == usual


def test_nothing_of_the_machine_stands_in_the_output(spec: Path, usual: Tree, repo_root: Path) -> None:
    today = datetime.datetime.now(tz=datetime.UTC).date()
    traces = {
        "the folder of the spec": spec.parents[1].name,
        "the folder of the program": str(Path(manifestgen.__file__).parents[1]),
        "the folder of the repository": f"{repo_root}/",
        "the user": f" {getpass.getuser()}@",
        "the machine": socket.gethostname(),
        "the system": platform.release(),
        "Python": platform.python_version(),
        "our version": f"manifestgen {manifestgen.__version__}",
        "today": today.isoformat(),
        "today in words": today.strftime("%d %b %Y"),
    }
    said = spec.read_text("utf-8")  # a machine may be called as something that the spec names
    home = re.compile(rf"(?<![\w.-]){re.escape(str(Path.home()))}/")  # Vault has pki/root/generate
    for path, content in usual.items():
        text = content.decode("utf-8")
        assert not home.search(text), path
        assert [what for what, trace in traces.items() if trace in text and trace not in said] == [], path


def test_lines_end_alike_and_files_with_one_newline(usual: Tree) -> None:
    for path, content in usual.items():
        assert b"\r" not in content, path
        assert content.endswith(b"\n") and not content.endswith(b"\n\n"), path
        assert not any(line != line.rstrip() for line in content.decode().split("\n")), path
