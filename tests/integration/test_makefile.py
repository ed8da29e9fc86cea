"""What a newcomer types first: the targets of the Makefile."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def make(folder: Path, *arguments: str) -> str:
    """The output of a make that must succeed."""
    # The make that runs the tests is not to be heard: its flags and variables are for itself.
    environment = {key: value for key, value in os.environ.items() if "MAKE" not in key and key != "ARGS"}
    done = subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, f"make {arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def targets(repo_root: Path) -> list[str]:
    """The targets that people call."""
    return re.findall(r"^\.PHONY: (\w+)$", (repo_root / "Makefile").read_text(), re.MULTILINE)


def test_make_alone_lists_every_target_with_one_line(repo_root: Path) -> None:
    listed = [line.split()[1] for line in make(repo_root).splitlines()]
    assert listed == targets(repo_root)
    assert {"setup", "render", "check", "test", "tools", "out", "bench", "docs", "clean"} <= set(listed)


def test_every_target_knows_what_to_do(repo_root: Path) -> None:
    for target in targets(repo_root):
        make(repo_root, "--dry-run", target)


@pytest.mark.slow
def test_in_a_fresh_clone_make_render_sets_up_and_leaves_the_committed_tree_as_it_is(
    repo_root: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listing, cwd=repo_root, text=True).split("\0"):
        source = repo_root / name
        if name and source.is_file():  # a deleted file is listed until the deletion is committed
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, clone / name)

    make(clone, "-j2", "render", "out")

    assert files(clone / "out") == files(repo_root / "out")
    assert "Nothing to be done" in make(clone, "setup")


def files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder."""
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found, f"{folder} is empty"
    return found


@pytest.mark.parametrize(
    ("pretence", "words"),
    [
        ("sys.version_info = (3, 10, 0)", "Python 3.11 or newer is needed"),
        (
            "import os, importlib.util as u; os.geteuid = lambda: 1000; u.find_spec = lambda name: None",
            f"sudo apt-get install python{sys.version_info[0]}.{sys.version_info[1]}-venv",
        ),
    ],
)
def test_a_python_that_cannot_serve_is_answered_with_what_to_do(
    repo_root: Path, tmp_path: Path, pretence: str, words: str
) -> None:
    script = repo_root / "tools" / "environment.py"
    code = f"import sys, runpy; {pretence}; runpy.run_path({str(script)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert words in done.stderr
    assert not list(tmp_path.iterdir())
