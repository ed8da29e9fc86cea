"""Carry out a plan, so that being killed at any moment leaves every file whole.

1. Lock the folder; look again whether it is as it was when the plan was made.
2. Stage: all new files, and both locks below, go into a temporary folder beside the tree. Whatever
   fails up to here leaves the tree as it was.
3. Put the first lock in place: it takes the old *and* the new content of each file for ours.
4. Rename the files into place (a folder that is new goes in one piece), remove what is not produced
   any more, and the folders that are empty by then.
5. Put the final lock in place; remove the temporary folder.

A run that is killed between 3 and 5 leaves a mixture of old and new files, each of them whole and
each known as ours, so the next run, with whatever spec, puts it right without a question.

This holds for the death of the process (SIGKILL, out of memory, Ctrl-C). After a power cut it holds
as far as the file system keeps renames behind the data of the renamed file, as ext4, btrfs and ZFS
do for files that replace others; we do not wait for the disk for each file, which would cost ten
times the time. A file that lost its content then shows as edited by hand: take it from git, or
render with ``--force``.

POSIX only: it needs ``flock``, ``rename`` over an existing file, and paths relative to an open folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from manifestgen.errors import ManifestgenError
from manifestgen.write import paths
from manifestgen.write.disk import Disk, File
from manifestgen.write.faults import reading, refuse, writing
from manifestgen.write.model import Plan

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_FILES = "files"
_DURING = "lock-during"
_AFTER = "lock-after"

_UNTOUCHED = "nothing was changed"
_MIXED = "some files are new, some old, each of them whole; the next render completes it"


def apply(plan: Plan) -> None:
    """Do what the plan says; what it keeps is kept, and a plan with nothing to do touches nothing.

    Raises ManifestgenError if another run is at work or the folder has changed since the plan was
    made, and for whatever the system refuses: the message says what the tree is like then.
    """
    if not plan.needs_writing:
        return
    with _locked(plan.out) as root:
        with writing(plan.out, _UNTOUCHED), suppress(FileNotFoundError):
            shutil.rmtree(paths.TEMP, dir_fd=root)
        with reading(plan.out), Disk(root) as disk:
            _look_again(plan, disk)
        if not plan.lock.is_current or plan.changes:
            _write(plan, root)


def _write(plan: Plan, root: int) -> None:
    try:
        with writing(plan.out, _UNTOUCHED):
            os.mkdir(paths.TEMP, dir_fd=root)
            staging = os.open(paths.TEMP, _FOLDER | os.O_NOFOLLOW, dir_fd=root)
        try:
            with writing(plan.out, _UNTOUCHED):
                _stage(plan, staging)
            with writing(plan.out, _MIXED):
                _commit(plan, root, staging)
        finally:
            os.close(staging)
    finally:
        # A failure to clean up must not hide what went wrong; the next run cleans up as well.
        shutil.rmtree(paths.TEMP, ignore_errors=True, dir_fd=root)


@contextmanager
def _locked(out: Path) -> Iterator[int]:
    """The folder, made if need be, for us alone; a folder we made does not outlive a failure."""
    with writing(out, _UNTOUCHED):
        is_new = not out.exists()
        os.makedirs(out, exist_ok=True)
        root = os.open(out, _FOLDER)
    try:
        _take(out, root)
        # From here on nobody else is at work: before, the folder might be another run's.
        with _undone(out) if is_new else nullcontext():
            yield root
    finally:
        os.close(root)


@contextmanager
def _undone(out: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            os.rmdir(out)
        raise


def _take(out: Path, root: int) -> None:
    with writing(out, _UNTOUCHED):
        try:
            fcntl.flock(root, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another run is writing to this folder: {_UNTOUCHED}"
            raise refuse(
                "output-busy", str(out), message, "wait until it is done, then render again"
            ) from None


def _look_again(plan: Plan, disk: Disk) -> None:
    """Nobody may have changed what we are about to replace, and every folder must take our files."""
    lock = disk.read(paths.LOCK)
    if (lock.data if isinstance(lock, File) else None) != plan.lock.before:
        raise _overtaken(plan, paths.LOCK)
    for change in plan.changes:
        found = disk.read(change.path)
        if change.before is None:
            as_planned = not isinstance(found, File)
        else:
            as_planned = found == File(change.before, change.was_executable)
        if not as_planned:
            raise _overtaken(plan, change.path)
        folder = disk.nearest(change.path)
        if folder is not None and not os.access(".", os.W_OK | os.X_OK, dir_fd=folder):
            message = f"the folder of {change.path} may not be written: {_UNTOUCHED}"
            raise refuse("output-not-writable", str(plan.out), message, "check its owner and permissions")


def _overtaken(plan: Plan, path: str) -> ManifestgenError:
    file = str(plan.out / path)
    return refuse("output-busy", file, f"it changed while we were at work: {_UNTOUCHED}", "render again")


def _stage(plan: Plan, staging: int) -> None:
    os.mkdir(_FILES, dir_fd=staging)
    made = {_FILES}
    for change in plan.changes:
        if change.after is not None:
            path = f"{_FILES}/{change.path}"
            _make_folders(path, made, staging)
            _create(path, change.after, 0o755 if change.executable else 0o644, staging)
    _create(_DURING, plan.lock.during or b"", 0o644, staging)
    _create(_AFTER, plan.lock.after or b"", 0o644, staging)


def _make_folders(path: str, made: set[str], staging: int) -> None:
    missing = []
    for folder in paths.parents(path):
        if folder in made:
            break
        missing.append(folder)
    for folder in reversed(missing):
        os.mkdir(folder, dir_fd=staging)
    made.update(missing)


def _create(path: str, data: bytes, mode: int, staging: int) -> None:
    file = os.open(path, _NEW_FILE, mode, dir_fd=staging)
    try:
        written = os.write(file, data)
        while written < len(data):  # the disk is nearly full, and the next call says so
            written += os.write(file, data[written:])
    finally:
        os.close(file)


def _commit(plan: Plan, root: int, staging: int) -> None:
    new = [change.path for change in plan.changes if change.after is not None]
    gone = [change.path for change in plan.removed]
    emptied = {folder for path in (*gone, *plan.forgotten) for folder in paths.parents(path)}
    if new or gone:
        os.rename(_DURING, paths.LOCK, src_dir_fd=staging, dst_dir_fd=root)
    # Most of what goes, goes last; first only what is in the way: a file that becomes a folder, or back.
    in_the_way = _in_the_way(new)
    _remove([path for path in gone if in_the_way(path)], root)
    _remove_folders([path for path in emptied if in_the_way(path)], root)
    _move(new, root, staging)
    _remove([path for path in gone if not in_the_way(path)], root)
    _remove_folders(emptied, root)
    os.rename(_AFTER, paths.LOCK, src_dir_fd=staging, dst_dir_fd=root)


def _in_the_way(new: list[str]) -> Callable[[str], bool]:
    """Tells whether a path is that of a new file, or of a folder above one, or lies below one."""
    files = frozenset(new)
    needed = files.union(folder for path in new for folder in paths.parents(path))
    return lambda path: path in needed or any(folder in files for folder in paths.parents(path))


def _move(new: list[str], root: int, staging: int) -> None:
    done = None
    with Disk(root) as disk:
        for path in new:
            if done is not None and path.startswith(done):
                continue
            unit = disk.missing(path)
            done = None if unit == path else f"{unit}/"
            folder = disk.nearest(unit)
            assert folder is not None
            os.rename(f"{_FILES}/{unit}", unit.rpartition("/")[2], src_dir_fd=staging, dst_dir_fd=folder)


def _remove(gone: list[str], root: int) -> None:
    with Disk(root) as disk:
        for path in gone:
            folder = disk.folder(path.rpartition("/")[0])
            if isinstance(folder, int):
                os.unlink(path.rpartition("/")[2], dir_fd=folder)


def _remove_folders(folders: Iterable[str], root: int) -> None:
    """Remove those that are empty, deepest first."""
    with Disk(root) as disk:
        for path in sorted(folders, reverse=True):
            parent = disk.folder(path.rpartition("/")[0])
            if isinstance(parent, int):
                with suppress(OSError):
                    os.rmdir(path.rpartition("/")[2], dir_fd=parent)
