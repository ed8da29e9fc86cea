"""The bytes of a spec, read with care: no huge file, no pipe that never ends."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.yamlio.characters import escaped

LARGEST_SPEC: Final = 5 * 1024 * 1024
"""Bytes; a spec of a hundred workloads has some 150 000."""

# Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def read_spec(path: Path | str) -> bytes:
    """The content of a regular file of at most ``LARGEST_SPEC`` bytes.

    Anything else raises ManifestgenError with a finding ``spec-unreadable`` or ``spec-size``; of a file
    that is too large not a byte is read.
    """
    name = os.fspath(path)
    try:
        descriptor = os.open(name, _FLAGS)
        try:
            _check(os.fstat(descriptor), name)
            content = _read(descriptor)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _unreadable(_reason(error), name) from error
    check_size(len(content), name)
    return content


def check_size(size: int, name: str) -> None:
    """Raise the finding ``spec-size`` for more bytes than a spec may have."""
    if size > LARGEST_SPEC:
        limit = f"{LARGEST_SPEC // 2**20} MiB"
        finding = Finding(
            rule="spec-size",
            message=f"the file has {size / 2**20:.1f} MiB; a spec may have {limit}",
            advice="check that this is the right file; keep large texts in files of their own",
            path=escaped(name),
        )
        raise ManifestgenError([finding])


def _check(info: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(info.st_mode):
        raise _unreadable("this is a directory, not a file", name)
    if not stat.S_ISREG(info.st_mode):
        raise _unreadable("this is a pipe or a device, not a file", name)
    check_size(info.st_size, name)


def _read(descriptor: int) -> bytes:
    """All there is, but for a file that grows while it is read: of that, just too much."""
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(LARGEST_SPEC + 1)


def _unreadable(reason: str, name: str) -> ManifestgenError:
    finding = Finding(
        rule="spec-unreadable",
        message=f"it cannot be read: {reason}",
        advice="give the spec with --spec FILE, or start one with: manifestgen init",
        path=escaped(name),
    )
    return ManifestgenError([finding])


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "permission denied"
    return (error.strerror if isinstance(error, OSError) else None) or "the name is not a file name"
