"""Killed at any moment, every file is whole, old or new, and the next run puts the tree right.

Twice: with SIGKILL from outside at random moments of real runs, and with SIGKILL before each single
system call that changes the disk, one after another.
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from manifestgen.artifact import Artifact, as_tree
from manifestgen.write import Selection, apply, plan, report

KILLS = 60
ALL = Selection()

# Python 3.12 warns of threads, which pytest-xdist has; the children use none.
forks = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")

Tree = dict[str, Artifact]


def large(version: int) -> Tree:
    """120 files, of which each version has some of its own; two paths change between file and folder."""
    files = {}
    for number in range(120):
        if number % 7 != version:
            path = f"k8s/component-{number // 12}/kind-{number}.yaml"
            files[path] = f"version: {version}\n" * (40 if number % 3 else 4000)
    files[("turn", "turn/into/folder.yaml", "turn/into")[version]] = f"version: {version}\n"
    files[f"only/in/{version}/here.yaml"] = f"version: {version}\n"
    return as_tree(Artifact(path, text, "x", executable="7" in path) for path, text in files.items())


def small(version: int) -> Tree:
    """Few files, but every kind of change from one version to the next."""
    texts = {
        "same/file.yaml": "same\n",
        "changed/file.yaml": f"{version}\n",
        f"only/{version}/file.yaml": f"{version}\n",
        ("turn", "turn/into/folder", "turn/into")[version]: f"{version}\n",
    }
    return as_tree(Artifact(path, text, "x", executable=version == 1) for path, text in texts.items())


def render(tree: Tree, out: Path) -> None:
    """A run as a user sees it; nothing may be reported."""
    made = plan(tree, out, select=ALL, force=False)
    assert report(made) == ()
    apply(made)


def on_disk(out: Path) -> dict[str, bytes]:
    """Every file, and every empty folder."""
    found = {}
    for folder, folders, files in os.walk(out):
        relative = Path(folder).relative_to(out)
        if not folders and not files:
            found[f"{relative}/"] = b""
        for name in files:
            found[str(relative / name)] = (Path(folder) / name).read_bytes()
    return found


def assert_whole(out: Path, *trees: Tree) -> None:
    """Each file of the tree is one of those that a version has for its path."""
    for path, data in on_disk(out).items():
        if path.startswith(".manifestgen.") or path.endswith("/"):
            continue
        assert data in {tree[path].text.encode() for tree in trees if path in tree}, path


def assert_is(out: Path, tree: Tree) -> None:
    found = on_disk(out)
    lock = found.pop(".manifestgen.lock").decode().splitlines()[1:]
    assert [line.split(" ", 3)[3] for line in lock] == list(tree)
    assert found == {path: artifact.text.encode() for path, artifact in tree.items()}
    assert plan(tree, out, select=ALL, force=False).is_current


WRITER = """
import sys
sys.path[:0] = sys.argv[2:4]
from pathlib import Path
from test_write_crash import large, render
versions = [large(0), large(1)]
print("ready", flush=True)
while True:
    for tree in versions:
        render(tree, Path(sys.argv[1]))
        print("done", flush=True)
"""


def start(out: Path) -> subprocess.Popen[bytes]:
    here = Path(__file__).parent
    source = here.parent.parent / "src"
    child = subprocess.Popen([sys.executable, "-c", WRITER, out, here, source], stdout=subprocess.PIPE)
    wait_for(child, b"ready\n")
    return child


def wait_for(child: subprocess.Popen[bytes], line: bytes) -> None:
    assert child.stdout is not None
    assert select.select([child.stdout], [], [], 30)[0]
    assert child.stdout.readline() == line


def kill(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.communicate()
    assert child.returncode == -signal.SIGKILL


class Moment(NamedTuple):
    """Where a kill landed."""

    staging: bool
    committing: bool


def moment(out: Path) -> Moment:
    """A run was staging if it left its folder, and committing if a path stands in the lock twice."""
    lock = out / ".manifestgen.lock"
    paths = [line.split(" ", 3)[-1] for line in lock.read_text().splitlines()[1:]] if lock.exists() else []
    committing = len(paths) != len(set(paths))
    return Moment((out / ".manifestgen.tmp").exists() and not committing, committing)


def typical_run(out: Path) -> float:
    """How long one run of the writer takes here and now."""
    child = start(out)
    wait_for(child, b"done\n")
    begin = time.monotonic()
    for _ in range(4):
        wait_for(child, b"done\n")
    took = (time.monotonic() - begin) / 4
    kill(child)
    return took


@pytest.mark.slow
def test_a_run_killed_at_a_random_moment_leaves_whole_files_and_the_next_run_repairs(tmp_path: Path) -> None:
    chance = random.Random(20240917)
    versions = [large(0), large(1), large(2)]
    out = tmp_path / "out"
    took = typical_run(out)
    moments: list[Moment] = []
    # Until enough of the kills have hit a run in the middle, which depends on the machine.
    while len(moments) < KILLS or not hit_the_middle(moments):
        assert len(moments) < 5 * KILLS
        child = start(out)
        time.sleep(chance.uniform(0, 2 * took))
        kill(child)
        moments.append(moment(out))
        assert_whole(out, *versions)
        tree = chance.choice(versions)
        render(tree, out)
        assert_is(out, tree)


def hit_the_middle(moments: list[Moment]) -> bool:
    return sum(at.staging for at in moments) >= 5 and sum(at.committing for at in moments) >= 5


CHANGES_THE_DISK = ("mkdir", "open", "write", "rename", "unlink", "rmdir")


def killed_before_call(number: int, work: Callable[[], None]) -> bool:
    """Do the work in a child that kills itself before its n-th call; False if it got through."""
    child = os.fork()
    if child == 0:
        left = number

        def counted(call: Callable[..., object]) -> Callable[..., object]:
            def run(*args: object, **kwargs: object) -> object:
                nonlocal left
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1
                return call(*args, **kwargs)

            return run

        for name in CHANGES_THE_DISK:
            setattr(os, name, counted(getattr(os, name)))
        result = 1
        try:
            work()
            result = 0
        finally:
            os._exit(result)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@forks
@pytest.mark.parametrize("following", [0, 1, 2])
@pytest.mark.parametrize(("old", "new"), [(0, 1), (1, 0), (1, 2), (2, 1), (None, 1)])
def test_a_run_killed_before_any_single_call_is_repaired_by_the_next(
    tmp_path: Path, old: int | None, new: int, following: int
) -> None:
    trees = [small(0), small(1), small(2)]
    moments = set()
    for number in range(1000):
        out = tmp_path / (str(number) if old is None else "out")
        if old is not None:
            render(trees[old], out)
        if not killed_before_call(number, lambda out=out: render(trees[new], out)):  # type: ignore[misc]
            break
        moments.add(moment(out))
        assert_whole(out, trees[new], *([] if old is None else [trees[old]]))
        render(trees[following], out)
        assert_is(out, trees[following])
    else:
        pytest.fail("the run never got through")
    assert number > 30
    assert Moment(staging=True, committing=False) in moments
    assert old is None or Moment(staging=False, committing=True) in moments


@forks
def test_force_that_was_killed_is_completed_without_force(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for number in range(1000):
        out = tmp_path / str(number)
        render(small(0), out)
        (out / "changed/file.yaml").write_text("mine\n")

        def force(out: Path = out) -> None:
            apply(plan(small(1), out, select=ALL, force=True))

        if not killed_before_call(number, force):
            break
        edited = (out / "changed/file.yaml").read_text() == "mine\n"
        made = plan(small(2), out, select=ALL, force=False)
        # Before the force took hold the edit is still protected, from then on it is given up.
        assert bool(report(made)) == (edited and not moment(out).committing)
        apply(made)
    assert number > 30
