"""Which paths may be written below the output folder; pure text, the disk is not asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

LOCK = ".manifestgen.lock"
TEMP = ".manifestgen.tmp"

_RESERVED_AT_TOP = ".manifestgen."
_LONGEST_PART = 255
# PATH_MAX is 4096; staging puts a folder in front of the path.
_LONGEST_PATH = 4000
# Nearly every path; whatever it matches passes all the checks below, so they need not be made.
_PLAIN = re.compile(r"(?=.{1,250}\Z)[A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)*\Z")


def problem(path: str) -> str | None:
    """Why this path must not be written, in words that follow its name; None if it may be.

    A path that passes is relative, normalised, ends in a file name, stays inside the folder it
    is joined to (symlinks are for the disk to check), and prints on one line as it is.
    """
    if _PLAIN.match(path):
        return None
    if not path.isprintable() or "\\" in path:
        return "holds a control character, an invisible character or a backslash"
    if path.startswith(_RESERVED_AT_TOP):
        return f"starts with {_RESERVED_AT_TOP}, which is kept for manifestgen itself"
    if len(path.encode()) > _LONGEST_PATH:
        return f"is longer than {_LONGEST_PATH} bytes"
    for part in path.split("/"):
        if found := _problem_of_part(part):
            return found
    return None


def _problem_of_part(part: str) -> str | None:
    if part in ("", ".", ".."):
        return "is not a plain relative path (it has an empty, . or .. part)"
    if part[0] == " " or part[-1] == " ":
        return "has a part that starts or ends with a space"
    if part[0] == "." and part.casefold() == ".git":
        return "lies in .git, which belongs to git"
    if len(part) > _LONGEST_PART // 4 and len(part.encode()) > _LONGEST_PART:
        return f"has a part longer than {_LONGEST_PART} bytes"
    return None


def parents(path: str) -> Iterator[str]:
    """The folders above a path, nearest first; the output folder itself is not among them."""
    while (cut := path.rfind("/")) > 0:
        path = path[:cut]
        yield path


def collisions(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs that cannot both exist on every disk.

    Two spellings that a disk may take for one (case, composed and decomposed accents), or a file
    that stands where the other one needs a folder.
    """
    by_fold: dict[str, str] = {}
    for path in paths:
        first = by_fold.setdefault(_fold(path), path)
        if first != path:
            yield first, path
    folders = {folder: path for fold, path in by_fold.items() for folder in parents(fold)}
    for folder in sorted(folders.keys() & by_fold.keys()):
        yield by_fold[folder], folders[folder]


def _fold(path: str) -> str:
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
