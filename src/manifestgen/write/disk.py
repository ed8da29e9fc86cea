"""Reading below the output folder without ever following a symlink.

Every folder is opened one part at a time relative to the one above it, so that neither a symlink in
the tree nor one that is put there meanwhile leads outside. System calls rather than ``pathlib``:
this is the loop that runs once for each file of the tree. POSIX only.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Set
from enum import StrEnum
from types import TracebackType
from typing import NamedTuple, Self

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Not blocking: a named pipe would wait for its other end for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class File(NamedTuple):
    """A regular file, whole."""

    data: bytes
    executable: bool


class Kind(StrEnum):
    """What can stand in the way of a file, in words for a message."""

    SYMLINK = "a symlink"
    FOLDER = "a folder"
    FILE = "a file"
    SPECIAL = "neither a file nor a folder"


class Blocked(NamedTuple):
    """Something that is no regular file stands at the path, or at ``at``, a folder above it."""

    kind: Kind
    at: str


class Disk:
    """The files below one folder, by relative path; ``root`` is its descriptor, None if it is not there.

    Keeps the folders of the last path open: ask for the paths in sorted order.
    """

    def __init__(self, root: int | None) -> None:
        self._root = root
        self._open: list[tuple[str, int]] = []
        self._parent = ""
        self._found: int | Blocked | None = root

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._close(0)

    def read(self, path: str) -> File | Blocked | None:
        """What is at the path; None if nothing is."""
        parent, _, name = path.rpartition("/")
        folder = self.folder(parent)
        if not isinstance(folder, int):
            return folder
        try:
            file = os.open(name, _FILE, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return Blocked(Kind.SYMLINK, path)
            if error.errno == errno.ENXIO:
                return Blocked(Kind.SPECIAL, path)
            error.filename = path
            raise
        try:
            return _read(file, path)
        finally:
            os.close(file)

    def folder(self, path: str) -> int | Blocked | None:
        """The descriptor of a folder ("" is the root), good until the next call; None if it is not there."""
        if path != self._parent:
            self._parent, self._found = path, None
            self._found = self._walk(path)
        return self._found

    def missing(self, path: str) -> str:
        """The topmost part of the path that is not there: a folder above it, or the path itself."""
        parent = path.rpartition("/")[0]
        if isinstance(self.folder(parent), int):
            return path
        depth = len(self._open)
        return "/".join(path.split("/")[: depth + 1])

    def nearest(self, path: str) -> int | None:
        """The descriptor of the deepest folder that exists above the path."""
        self.folder(path.rpartition("/")[0])
        return self._open[-1][1] if self._open else self._root

    def holds_only(self, path: str, files: Set[str], folders: Set[str]) -> bool:
        """Whether the folder and all below it consists of nothing but these files and folders."""
        if path not in folders:
            return False
        folder = self.folder(path)
        if not isinstance(folder, int):
            return False
        with os.scandir(folder) as entries:
            inside = [(f"{path}/{entry.name}", entry.is_dir(follow_symlinks=False)) for entry in entries]
        return all(
            self.holds_only(name, files, folders) if is_folder else name in files
            for name, is_folder in inside
        )

    def _walk(self, path: str) -> int | Blocked | None:
        parts = path.split("/") if path else []
        self._close(_common(self._open, parts))
        folder = self._open[-1][1] if self._open else self._root
        if folder is None:
            return None
        for depth in range(len(self._open), len(parts)):
            try:
                folder = os.open(parts[depth], _FOLDER, dir_fd=folder)
            except FileNotFoundError:
                return None
            except OSError as error:
                error.filename = "/".join(parts[: depth + 1])
                if error.errno not in (errno.ENOTDIR, errno.ELOOP):
                    raise
                return Blocked(_kind(parts[depth], folder), error.filename)
            self._open.append((parts[depth], folder))
        return folder

    def _close(self, depth: int) -> None:
        while len(self._open) > depth:
            os.close(self._open.pop()[1])


def _common(opened: list[tuple[str, int]], parts: list[str]) -> int:
    depth = 0
    for (name, _), part in zip(opened, parts, strict=False):
        if name != part:
            break
        depth += 1
    return depth


def _kind(name: str, folder: int) -> Kind:
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    return Kind.SYMLINK if stat.S_ISLNK(mode) else Kind.FILE


def _read(file: int, path: str) -> File | Blocked:
    status = os.fstat(file)
    mode = status.st_mode
    if not stat.S_ISREG(mode):
        return Blocked(Kind.FOLDER if stat.S_ISDIR(mode) else Kind.SPECIAL, path)
    data = os.read(file, status.st_size + 1)
    # Not what it promised: it grows or shrinks while we read, or is too big for one call.
    while len(data) != status.st_size and (more := os.read(file, 1 << 20)):
        data += more
    return File(data, bool(mode & stat.S_IXUSR))
