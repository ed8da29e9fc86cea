"""The values of this stage: what was asked for, and the plan that answers it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from manifestgen.write.disk import Kind


class Selection(NamedTuple):
    """Which targets and which environments were asked for; None stands for all of them.

    A file that all environments share is in scope whenever its target is.
    """

    targets: frozenset[str] | None = None
    environments: frozenset[str] | None = None

    def covers(self, target: str, environment: str | None) -> bool:
        """Whether a file of this target and environment is in scope."""
        if self.targets is not None and target not in self.targets:
            return False
        return environment is None or self.environments is None or environment in self.environments


class Change(NamedTuple):
    """One file to create, replace or remove: its bytes before and after, None where there is no file.

    Before and after may be equal: then only the executable bit changes.
    """

    path: str
    before: bytes | None
    after: bytes | None
    was_executable: bool
    executable: bool

    @property
    def old_text(self) -> str:
        """The text before; what is not UTF-8 is replaced, no file is an empty text."""
        return (self.before or b"").decode(errors="replace")

    @property
    def new_text(self) -> str:
        """The text after; no file is an empty text."""
        return (self.after or b"").decode(errors="replace")


class Reason(StrEnum):
    """Why a file of ours is not written; each is the rule of its finding."""

    HAND_EDITED = "output-hand-edited"
    FOREIGN = "output-foreign-file"
    SYMLINK = "output-symlink"
    BLOCKED = "output-blocked"


class Kept(NamedTuple):
    """One path that is left as it is on disk, although the spec gives something else for it.

    ``blocker`` is the path of what stands in the way: the path itself, or a folder above it.
    ``after`` is None for a file that the spec no longer produces.
    """

    path: str
    reason: Reason
    blocker: str
    kind: Kind | None = None
    before: bytes | None = None
    after: bytes | None = None


class Outdated(NamedTuple):
    """One file out of scope that a full render would write, replace or remove."""

    path: str
    target: str
    environment: str | None


class LockChange(NamedTuple):
    """The bytes of the lock on disk, while files are replaced, and after; None where there is no lock."""

    before: bytes | None
    during: bytes | None
    after: bytes | None

    @property
    def is_current(self) -> bool:
        """Whether the lock on disk says what it should."""
        return self.before == self.after


class Plan(NamedTuple):
    """What a render does to the output folder, and what it leaves alone; every list is sorted by path.

    ``forgotten`` are files of ours that are neither on disk nor produced any more: nothing is to
    be done but to drop them from the lock. ``leftover`` says that a run which was killed left its
    temporary folder.
    """

    out: Path
    created: tuple[Change, ...]
    changed: tuple[Change, ...]
    unchanged: tuple[str, ...]
    removed: tuple[Change, ...]
    kept: tuple[Kept, ...]
    outdated: tuple[Outdated, ...]
    forgotten: tuple[str, ...]
    lock: LockChange
    leftover: bool

    @property
    def changes(self) -> tuple[Change, ...]:
        """Everything that ``apply`` does to files, sorted by path."""
        return tuple(sorted((*self.created, *self.changed, *self.removed), key=lambda change: change.path))

    @property
    def needs_writing(self) -> bool:
        """Whether ``apply`` would touch the disk at all."""
        return bool(self.created or self.changed or self.removed or self.leftover) or not self.lock.is_current

    @property
    def is_current(self) -> bool:
        """Whether the folder is what the spec gives, to the byte: nothing to write, nothing kept back."""
        return not (self.needs_writing or self.kept)
