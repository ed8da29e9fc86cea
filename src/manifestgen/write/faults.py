"""What the operating system refuses, as findings that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from manifestgen.errors import Finding, Location, ManifestgenError


class _Fault(NamedTuple):
    rule: str
    message: str
    advice: str


_FULL = _Fault("output-disk-full", "the disk is full", "free some space or choose another --out")
_READ_ONLY = _Fault(
    "output-not-writable",
    "the folder may not be written",
    "check its owner, its permissions and its mount, or choose another --out",
)
_NOT_A_FOLDER = _Fault(
    "output-not-a-folder", "there is a file where a folder is needed", "move it away, or choose another --out"
)
_TOO_LONG = _Fault(
    "output-path", "a path is too long for this disk", "choose an --out that is nearer the root"
)
_LINKS = _Fault("output-symlink", "a symlink leads in circles", "remove it, or choose another --out")
_OTHER_DISK = _Fault(
    "output-not-writable",
    "a folder inside it is a mount of its own, and files cannot be moved into it at once",
    "unmount it, or choose another --out",
)
_NO_LOCKS = _Fault(
    "output-not-writable", "this disk cannot lock a folder", "choose an --out on a local disk, then copy it"
)

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.ENOTDIR: _NOT_A_FOLDER,
    errno.EEXIST: _NOT_A_FOLDER,
    errno.ENAMETOOLONG: _TOO_LONG,
    errno.ELOOP: _LINKS,
    errno.EXDEV: _OTHER_DISK,
    errno.ENOLCK: _NO_LOCKS,
    errno.EBADF: _NO_LOCKS,
    errno.EOPNOTSUPP: _NO_LOCKS,
}

_UNREADABLE = _Fault(
    "output-not-readable",
    "it may not be read",
    "check its owner and its permissions, or choose another --out",
)


def refuse(rule: str, file: str, message: str, advice: str) -> ManifestgenError:
    """The error for one finding about a file or folder of the output."""
    return ManifestgenError([Finding(rule, message, advice, path=file)])


def at_line(rule: str, file: str, line: int, message: str, advice: str) -> ManifestgenError:
    """The error for one finding about a line of a file of the output."""
    return ManifestgenError([Finding(rule, message, advice, path=file, location=Location(file, line, 1))])


@contextmanager
def reading(out: Path) -> Iterator[None]:
    """Turns an error of the operating system while reading below ``out`` into a finding."""
    try:
        yield
    except OSError as error:
        known = _UNREADABLE if error.errno in (errno.EACCES, errno.EPERM) else _BY_ERRNO.get(error.errno or 0)
        raise _as_finding(out, known, error, "nothing was written") from error


@contextmanager
def writing(out: Path, state: str) -> Iterator[None]:
    """The same while writing; ``state`` says what the tree is like when it fails here."""
    try:
        yield
    except OSError as error:
        raise _as_finding(out, _BY_ERRNO.get(error.errno or 0), error, state) from error


def _as_finding(out: Path, fault: _Fault | None, error: OSError, state: str) -> ManifestgenError:
    rule, message, advice = fault or _Fault("output-failed", "the system refused", "see the reason given")
    reason = error.strerror or str(error)
    name = f" at {error.filename}" if isinstance(error.filename, str) else ""
    return refuse(rule, str(out), f"{message} ({reason}{name}): {state}", advice)
