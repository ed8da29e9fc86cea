"""The lock: which files of the output folder are ours, and what we last put into each.

A line of text for each file, sorted by path, so that git shows and merges it like any source. A
path may have several lines: while files are being replaced, and after a merge that kept the lines
of both sides, any of the contents listed counts as ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import NamedTuple

from manifestgen.write import paths
from manifestgen.write.faults import at_line

VERSION = 1
_HEADER = (
    f"# manifestgen lock {VERSION}: the files that manifestgen wrote here, each with its SHA-256, its target"
    " and its environment. Commit this file; do not edit it.\n"
)
_HEADER_LINE = re.compile(r"# manifestgen lock ([0-9]+):")
_ENTRY_LINE = re.compile(r"([0-9a-f]{64}) ([^ ]+) ([^ ]+) (.+)")
_CONFLICT = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
_SHARED = "-"


class Entry(NamedTuple):
    """One file of ours: the contents we accept as ours, and what it belongs to."""

    digests: frozenset[str]
    target: str
    environment: str | None


Lock = Mapping[str, Entry]


def digest(data: bytes) -> str:
    """The name of a content."""
    return hashlib.sha256(data).hexdigest()


def names_problem(target: str, environment: str | None) -> str | None:
    """Why these names cannot stand in a line of the lock; None if they can."""
    for name in (target, environment or "shared"):
        if not name or not name.isprintable() or " " in name or name == _SHARED:
            return f"belongs to {name!r}, which is no name for a target or an environment"
    return None


def to_bytes(lock: Lock) -> bytes:
    """The text of the lock; the same entries give the same bytes."""
    lines = [
        f"{known} {entry.target} {entry.environment or _SHARED} {path}\n"
        for path, entry in sorted(lock.items())
        for known in sorted(entry.digests)
    ]
    return (_HEADER + "".join(lines)).encode()


def union(old: Lock, new: Lock) -> dict[str, Entry]:
    """A lock that accepts what either accepts; names are those of ``new`` where both have them."""
    merged = {**old, **new}
    for path in old.keys() & new.keys():
        both = old[path].digests | new[path].digests
        merged[path] = new[path]._replace(digests=both)
    return merged


def parse(data: bytes, file: str, *, salvage: bool) -> dict[str, Entry]:
    """Read a lock; raises ManifestgenError with the line where it is damaged.

    With ``salvage`` the damaged lines are passed over and the good ones kept: of a merge conflict
    that is what both sides own. A lock of another version is then taken for empty.
    """
    first, *lines = data.decode(errors="replace").removesuffix("\n").split("\n")
    header = _HEADER_LINE.match(first)
    if header and int(header[1]) != VERSION:
        if salvage:
            return {}
        raise at_line("output-lock", file, 1, f"the lock is of version {header[1]}", _OTHER_VERSION)
    if header is None:
        if not salvage:
            raise at_line("output-lock", file, 1, f"the lock is damaged: {_damage(first)}", _REPAIR)
        lines.insert(0, first)
    return _entries(lines, file, salvage=salvage)


def _entries(lines: list[str], file: str, *, salvage: bool) -> dict[str, Entry]:
    lock: dict[str, Entry] = {}
    for number, line in enumerate(lines, start=2):
        match = _ENTRY_LINE.fullmatch(line)
        if match is None or paths.problem(match[4]):
            if salvage:
                continue
            raise at_line("output-lock", file, number, f"the lock is damaged: {_damage(line)}", _REPAIR)
        known, target, environment, path = match.groups()
        digests = frozenset((known,))
        if path in lock:
            digests |= lock[path].digests
        lock[path] = Entry(digests, target, None if environment == _SHARED else environment)
    return lock


def _damage(line: str) -> str:
    if line.startswith(_CONFLICT):
        return "a merge conflict was left in it"
    return "this line is none of ours"


_REPAIR = (
    "restore it from git and render again; or render with --force, which takes every file that"
    " the spec produces for ours and goes by the good lines for the rest"
)
_OTHER_VERSION = (
    "use the manifestgen that wrote it; or render with --force, which takes every file that the spec"
    " produces for ours and leaves the others alone"
)
