"""Full disks, read-only folders, symlinks, pipes and other runs: a clear error, and the old tree intact."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from manifestgen.artifact import Artifact, as_tree
from manifestgen.errors import ManifestgenError
from manifestgen.write import Plan, Selection, apply, plan, report

ALL = Selection()

# Python 3.12 warns of threads, which pytest-xdist has; the children use none.
forks = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
FIRST = {f"k8s/{number}.yaml": "one\n" for number in range(4)}
SECOND = {f"k8s/{number}.yaml": "two\n" for number in range(4)} | {"new/a.yaml": "two\n"}

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small disk")


def look(files: dict[str, str], out: Path, *, force: bool = False) -> Plan:
    tree = as_tree(Artifact(path, text, "x") for path, text in files.items())
    return plan(tree, out, select=ALL, force=force)


def snapshot_of(out: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(out)): path.read_bytes() if path.is_file() else None for path in out.rglob("*")
    }


def rule_of(call: Callable[[], object]) -> str:
    with pytest.raises(ManifestgenError) as caught:
        call()
    (finding,) = caught.value.findings
    assert finding.advice
    return finding.rule


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 64 KiB and 40 inodes."""
    mount = tmp_path / "disk"
    mount.mkdir()
    options = "size=64k,nr_inodes=40"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", mount], capture_output=True)
    if done.returncode:
        pytest.skip(f"cannot mount: {done.stderr.decode().strip()}")
    yield mount
    subprocess.run(["umount", mount], check=True)


@as_root
@pytest.mark.parametrize(
    "files",
    [
        {f"k8s/{number}.yaml": "x" * 9000 + "\n" for number in range(20)},
        {"one.yaml": "x" * 100_000 + "\n"},
        {f"many/{number}/a.yaml": "x\n" for number in range(40)},
    ],
    ids=["bytes", "one large file", "inodes"],
)
def test_a_full_disk_leaves_the_old_tree(small_disk: Path, files: dict[str, str]) -> None:
    out = small_disk / "out"
    apply(look(FIRST, out))
    before = snapshot_of(out)
    assert rule_of(lambda: apply(look(files, out))) == "output-disk-full"
    assert snapshot_of(out) == before
    assert look(FIRST, out).is_current


@as_root
def test_a_full_disk_leaves_no_folder_that_was_not_there(small_disk: Path) -> None:
    files = {"one.yaml": "x" * 100_000 + "\n"}
    assert rule_of(lambda: apply(look(files, small_disk / "out"))) == "output-disk-full"
    assert list(small_disk.iterdir()) == []


def test_a_limit_on_file_size_leaves_the_old_tree(tmp_path: Path) -> None:
    apply(look(FIRST, tmp_path))
    before = snapshot_of(tmp_path)
    made = look({**FIRST, "k8s/large.yaml": "x" * 100_000 + "\n"}, tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        assert rule_of(lambda: apply(made)) == "output-disk-full"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert snapshot_of(tmp_path) == before


@as_root
def test_a_read_only_disk_is_named_and_can_still_be_checked(small_disk: Path) -> None:
    out = small_disk / "out"
    apply(look(FIRST, out))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert look(FIRST, out).is_current
    apply(look(FIRST, out))
    assert rule_of(lambda: apply(look(SECOND, out))) == "output-not-writable"
    assert rule_of(lambda: apply(look(SECOND, small_disk / "new"))) == "output-not-writable"
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    assert look(FIRST, out).is_current


@as_root
def test_a_read_only_folder_inside_is_found_before_anything_is_written(small_disk: Path) -> None:
    apply(look({**FIRST, "a.yaml": "1\n"}, small_disk))
    before = snapshot_of(small_disk)
    subprocess.run(["mount", "--bind", small_disk / "k8s", small_disk / "k8s"], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", small_disk / "k8s"], check=True)
    try:
        assert rule_of(lambda: apply(look(SECOND, small_disk))) == "output-not-writable"
        assert snapshot_of(small_disk) == before
    finally:
        subprocess.run(["umount", small_disk / "k8s"], check=True)


def as_nobody(folder: Path, work: Callable[[], None]) -> bool:
    """Do the work in a child without the rights of root, from inside the folder; whether it went well."""
    folder.chmod(0o755)
    child = os.fork()
    if child == 0:
        result = 1
        try:
            os.chdir(folder)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresuid(65534, 65534, 65534)
            work()
            result = 0
        finally:
            if result:
                traceback.print_exc()
            os._exit(result)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@forks
@pytest.mark.parametrize("closed", ["", "k8s"])
def test_a_folder_without_permission_leaves_the_old_tree(tmp_path: Path, closed: str) -> None:
    out = tmp_path / "out"
    apply(look(FIRST, out))
    before = snapshot_of(out)
    for folder in (out, out / "k8s"):
        folder.chmod(0o555 if folder == out / closed else 0o777)

    def work() -> None:
        assert look(FIRST, Path("out")).is_current
        assert rule_of(lambda: apply(look(SECOND, Path("out")))) == "output-not-writable"

    assert as_nobody(tmp_path, work)
    assert snapshot_of(out) == before


@forks
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    apply(look(FIRST, tmp_path / "out"))
    (tmp_path / "out/k8s/2.yaml").chmod(0)

    def work() -> None:
        with pytest.raises(ManifestgenError, match=r"k8s/2\.yaml.*output-not-readable"):
            look(SECOND, Path("out"))

    assert as_nobody(tmp_path, work)


@pytest.mark.parametrize("inside", ["out", "out/below"])
def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path, inside: str) -> None:
    (tmp_path / "out").write_text("mine\n")
    assert rule_of(lambda: apply(look(FIRST, tmp_path / inside))) == "output-not-a-folder"
    assert (tmp_path / "out").read_text() == "mine\n"


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("link", ["k8s", "k8s/0.yaml", "new"])
@pytest.mark.parametrize("target", ["outside", "nowhere", "out/.."])
def test_no_symlink_is_followed_or_replaced(tmp_path: Path, link: str, target: str, force: bool) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "0.yaml").write_text("one\n")
    out = tmp_path / "out"
    apply(look(FIRST, out))
    if link == "k8s":
        (out / "k8s").rename(out / "old")
    elif link != "new":
        (out / link).unlink()
    (out / link).symlink_to(tmp_path / target)
    made = look(SECOND, out, force=force)
    assert {finding.rule for finding in report(made)} == {"output-symlink"}
    apply(made)
    assert (out / link).is_symlink()
    assert snapshot_of(outside) == {"0.yaml": b"one\n"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "outside"]
    assert link == "new" or (out / "new/a.yaml").read_text() == "two\n"


def test_no_stale_file_is_removed_through_a_symlink(tmp_path: Path) -> None:
    outside, out = tmp_path / "outside", tmp_path / "out"
    apply(look(FIRST, out))
    (out / "k8s").rename(outside)
    (out / "k8s").symlink_to(outside)
    before = snapshot_of(outside)
    apply(look({}, out, force=True))
    assert snapshot_of(outside) == before


@pytest.mark.parametrize("name", [".manifestgen.lock", ".manifestgen.tmp"])
def test_no_symlink_stands_in_for_our_own_files(tmp_path: Path, name: str) -> None:
    outside, out = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    apply(look(FIRST, out))
    (out / ".manifestgen.lock").unlink()
    (out / name).symlink_to(outside)
    assert rule_of(lambda: apply(look(SECOND, out, force=True))) in ("output-lock", "output-blocked")
    assert list(outside.iterdir()) == []


def test_the_output_folder_itself_may_be_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    apply(look(FIRST, tmp_path / "out"))
    assert (tmp_path / "real/k8s/0.yaml").read_text() == "one\n"
    assert (tmp_path / "out").is_symlink()


def test_a_pipe_in_our_place_neither_blocks_nor_is_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    made = look({"a.yaml": "1\n"}, tmp_path, force=True)
    assert [finding.rule for finding in report(made)] == ["output-blocked"]
    apply(made)
    assert (tmp_path / "a.yaml").is_fifo()


def test_a_run_beside_another_is_turned_away(tmp_path: Path) -> None:
    apply(look(FIRST, tmp_path))
    before = snapshot_of(tmp_path)
    other = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(other, fcntl.LOCK_EX)
    assert rule_of(lambda: apply(look(SECOND, tmp_path))) == "output-busy"
    assert snapshot_of(tmp_path) == before
    os.close(other)
    apply(look(SECOND, tmp_path))
    assert look(SECOND, tmp_path).is_current


def test_of_many_runs_at_once_each_is_done_whole_or_turned_away(tmp_path: Path) -> None:
    trees = [{f"k8s/{number}.yaml": f"{run}\n" for number in range(50)} for run in range(6)]
    outcomes: list[str] = []
    together = threading.Barrier(len(trees))

    def run(files: dict[str, str]) -> None:
        together.wait()
        try:
            apply(look(files, tmp_path / "out"))
        except ManifestgenError as error:
            outcomes.extend(finding.rule for finding in error.findings)
        else:
            outcomes.append("done")

    threads = [threading.Thread(target=run, args=(files,)) for files in trees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(trees)
    assert "done" in outcomes
    assert set(outcomes) <= {"done", "output-busy"}
    assert any(look(files, tmp_path / "out").is_current for files in trees)


def test_an_error_in_the_middle_says_that_the_tree_is_mixed_and_the_next_run_completes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(look(FIRST, tmp_path))
    rename, left = os.rename, 3

    def failing(*args: object, **kwargs: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.EIO, "Input/output error")
        rename(*args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", failing)
        with pytest.raises(ManifestgenError, match="some files are new, some old"):
            apply(look(SECOND, tmp_path))
    assert not (tmp_path / ".manifestgen.tmp").exists()
    assert {(tmp_path / path).read_text() for path in FIRST} == {"one\n", "two\n"}
    for files in (SECOND, FIRST):
        made = look(files, tmp_path)
        assert report(made) == ()
        apply(made)
        assert look(files, tmp_path).is_current
