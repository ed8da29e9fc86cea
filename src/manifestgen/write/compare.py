"""Compare what was rendered with what is on disk; nothing is written here.

A file is ours if the lock lists it with the content it has. Everything else is somebody's work:
it is kept and reported, unless ``force`` says otherwise. Only what is no regular file is never
replaced, not even by force.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from manifestgen.artifact import Artifact
from manifestgen.errors import Finding, ManifestgenError
from manifestgen.write import lockfile, paths
from manifestgen.write.disk import Blocked, Disk, File, Kind
from manifestgen.write.faults import reading, refuse
from manifestgen.write.lockfile import Entry, Lock
from manifestgen.write.model import Change, Kept, LockChange, Outdated, Plan, Reason, Selection

_NOTHING = frozenset[str]()


def plan(artifacts: Mapping[str, Artifact], out: Path, *, select: Selection, force: bool) -> Plan:
    """What it takes to make ``out`` hold these files, of a full render, as far as ``select`` covers them.

    Reads the disk and writes nothing. ``out`` itself may be a symlink, or not exist yet; below it
    no symlink is followed. Raises ManifestgenError where no plan can be made: a path that must not
    be written, a damaged lock (with ``force`` its good lines are used), a folder that cannot be read.
    """
    wanted = _encoded(artifacts)
    with reading(out):
        root = _open(out)
        try:
            with Disk(root) as disk:
                return _Planner(artifacts, wanted, disk, out, force).plan(select)
        finally:
            if root is not None:
                os.close(root)


def _encoded(artifacts: Mapping[str, Artifact]) -> dict[str, bytes]:
    """The bytes of each file, sorted by path; refuses what must not be written at all."""
    wanted: dict[str, bytes] = {}
    findings: list[Finding] = []
    for path, artifact in sorted(artifacts.items()):
        wrong = paths.problem(path) or lockfile.names_problem(artifact.target, artifact.environment)
        if wrong:
            findings.append(Finding("output-path", f"the path {path!r} {wrong}", _RENAME))
            continue
        try:
            wanted[path] = artifact.text.encode()
        except UnicodeEncodeError:
            findings.append(Finding("output-text", "holds a lone surrogate, which no file can", path=path))
    for one, other in paths.collisions(wanted):
        message = f"{one!r} and {other!r} cannot both exist on every disk"
        findings.append(Finding("output-path", message, _RENAME))
    if findings:
        raise ManifestgenError(findings)
    return wanted


_RENAME = "rename what the path is made from; if no name in the spec leads to it, report it as a bug"


def _open(out: Path) -> int | None:
    try:
        return os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


@dataclass(slots=True)
class _Planner:
    """One comparison; the lists fill as it goes through the paths.

    ``going`` are the files of ours that are removed, ``emptied`` the folders they leave.
    """

    artifacts: Mapping[str, Artifact]
    wanted: Mapping[str, bytes]
    disk: Disk
    out: Path
    force: bool
    created: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    outdated: list[Outdated] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    going: frozenset[str] = _NOTHING
    emptied: frozenset[str] = _NOTHING

    def plan(self, select: Selection) -> Plan:
        leftover = self._leftover()
        before = self._lock_on_disk()
        lock = self._parsed(before)
        self._no_longer_produced(lock, select)
        self._produced(lock, select)
        return Plan(
            out=self.out,
            created=tuple(self.created),
            changed=tuple(self.changed),
            unchanged=tuple(self.unchanged),
            removed=tuple(self.removed),
            kept=tuple(sorted(self.kept, key=lambda kept: kept.path)),
            outdated=tuple(sorted(self.outdated, key=lambda outdated: outdated.path)),
            forgotten=tuple(self.forgotten),
            lock=self._lock_change(before, lock),
            leftover=leftover,
        )

    def _leftover(self) -> bool:
        match self.disk.read(paths.TEMP):
            case None:
                return False
            case Blocked(Kind.FOLDER):
                return True
            case _:
                message = f"{paths.TEMP} is not a folder, and manifestgen needs this name for itself"
                raise refuse("output-blocked", str(self.out / paths.TEMP), message, "move it away")

    def _lock_on_disk(self) -> bytes | None:
        match self.disk.read(paths.LOCK):
            case None:
                return None
            case File(data):
                return data
            case Blocked(kind):
                message = f"the lock is {kind}, not a file"
                raise refuse("output-lock", str(self.out / paths.LOCK), message, "restore it from git")

    def _parsed(self, lock: bytes | None) -> Lock:
        return {} if lock is None else lockfile.parse(lock, str(self.out / paths.LOCK), salvage=self.force)

    def _no_longer_produced(self, lock: Lock, select: Selection) -> None:
        for path, entry in sorted(lock.items()):
            if path in self.wanted:
                continue
            if select.covers(entry.target, entry.environment):
                self._stale(path, entry)
            elif isinstance(self.disk.read(path), File):
                self.outdated.append(Outdated(path, entry.target, entry.environment))
        self.going = frozenset(change.path for change in self.removed)
        self.emptied = frozenset(
            folder for path in (*self.going, *self.forgotten) for folder in paths.parents(path)
        )

    def _stale(self, path: str, entry: Entry) -> None:
        found = self.disk.read(path)
        if not isinstance(found, File):
            self.forgotten.append(path)
        elif self.force or lockfile.digest(found.data) in entry.digests:
            self.removed.append(Change(path, found.data, None, found.executable, False))
        else:
            self.kept.append(Kept(path, Reason.HAND_EDITED, path, before=found.data))

    def _produced(self, lock: Lock, select: Selection) -> None:
        rendered_before = {(entry.target, entry.environment) for entry in lock.values()}
        for path, data in self.wanted.items():
            artifact = self.artifacts[path]
            found = self.disk.read(path)
            if select.covers(artifact.target, artifact.environment):
                self._one(path, found, lock.get(path))
            elif found == File(data, artifact.executable):
                continue
            # What was never rendered here is not out of date, it was only never asked for.
            elif found is not None or (artifact.target, artifact.environment) in rendered_before:
                self.outdated.append(Outdated(path, artifact.target, artifact.environment))

    def _one(self, path: str, found: File | Blocked | None, entry: Entry | None) -> None:
        data, executable = self.wanted[path], self.artifacts[path].executable
        if found is None or (isinstance(found, Blocked) and self._gives_way(found)):
            self.created.append(Change(path, None, data, False, executable))
        elif isinstance(found, Blocked):
            reason = Reason.SYMLINK if found.kind is Kind.SYMLINK else Reason.BLOCKED
            self.kept.append(Kept(path, reason, found.at, found.kind, after=data))
        elif found == File(data, executable):
            self.unchanged.append(path)
        elif found.data == data or self.force or (entry and lockfile.digest(found.data) in entry.digests):
            self.changed.append(Change(path, found.data, data, found.executable, executable))
        else:
            reason = Reason.HAND_EDITED if entry else Reason.FOREIGN
            self.kept.append(Kept(path, reason, path, before=found.data, after=data))

    def _gives_way(self, blocked: Blocked) -> bool:
        """Whether what stands in the way is ours and goes in the same run."""
        if blocked.kind is Kind.FILE:
            return blocked.at in self.going
        return blocked.kind is Kind.FOLDER and self.disk.holds_only(blocked.at, self.going, self.emptied)

    def _lock_change(self, before: bytes | None, lock: Lock) -> LockChange:
        after = {path: entry for path, entry in lock.items() if path not in self.going}
        for path in self.forgotten:
            del after[path]
        for path in self._owned():
            artifact = self.artifacts[path]
            digests = frozenset((lockfile.digest(self.wanted[path]),))
            after[path] = Entry(digests, artifact.target, artifact.environment)
        if before is None and not after:
            return LockChange(None, None, None)
        final = lockfile.to_bytes(after)
        if not (self.created or self.changed or self.removed):
            return LockChange(before, final, final)
        return LockChange(before, lockfile.to_bytes(self._meanwhile(lock, after)), final)

    def _meanwhile(self, lock: Lock, after: Lock) -> Lock:
        """What is ours while files are replaced: the old content of each, and the new one."""
        during = lockfile.union(lock, after)
        for change in (*self.changed, *self.removed):
            # What force replaces was not ours; from here on it may be replaced, whatever happens.
            entry = during[change.path]
            replaced = lockfile.digest(change.before or b"")
            during[change.path] = entry._replace(digests=entry.digests | {replaced})
        return during

    def _owned(self) -> Iterable[str]:
        yield from (change.path for change in self.created)
        yield from (change.path for change in self.changed)
        yield from self.unchanged
