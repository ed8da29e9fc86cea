"""A plan in words: what a render has to report, and what a check finds stale."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding, Location, Severity
from manifestgen.write import paths
from manifestgen.write.model import Change, Kept, Plan, Reason

_RENDER = "render again and commit the result"


def report(plan: Plan) -> tuple[Finding, ...]:
    """One finding for each thing on disk that is kept although the spec gives something else.

    They do not keep the other files from being written; the command exits 1 all the same.
    """
    found = {finding.path: finding for finding in (_kept(plan, kept) for kept in plan.kept)}
    foreign = any(kept.reason is Reason.FOREIGN for kept in plan.kept)
    if foreign and plan.lock.before is None:
        found[paths.LOCK] = Finding(
            "output-lock",
            "there is no lock, so no file here is known to be manifestgen's",
            f"restore {paths.LOCK} from git; or render with --force, which replaces all that the spec gives",
            path=str(plan.out / paths.LOCK),
            severity=Severity.NOTE,
        )
    return tuple(found.values())


def stale(plan: Plan) -> tuple[Finding, ...]:
    """What ``--check`` says: one finding for each file that is not what the spec gives; none if all are.

    The rule tells the cases apart: ``output-missing``, ``output-changed``, ``output-extra``, those
    of ``report``, and ``output-lock`` where the files are right and only the lock is not.
    """
    return tuple(sorted((*_written(plan), *report(plan), *_ours(plan)), key=lambda finding: finding.path))


def _written(plan: Plan) -> Iterator[Finding]:
    for change in plan.changes:
        file = str(plan.out / change.path)
        if change.before is None:
            yield Finding(
                "output-missing", "the spec gives this file, and it is not there", _RENDER, path=file
            )
        elif change.after is None:
            yield Finding("output-extra", "the spec no longer gives this file", _RENDER, path=file)
        else:
            yield Finding("output-changed", _what_changes(change), _RENDER, file, _where(file, change))


def _what_changes(change: Change) -> str:
    if change.before != change.after:
        return "it is not what the spec gives"
    return "it should be executable" if change.executable else "it should not be executable"


def _ours(plan: Plan) -> Iterator[Finding]:
    if plan.leftover:
        file = str(plan.out / paths.TEMP)
        yield Finding("output-extra", "a run that was killed left it", "render again", path=file)
    if not plan.lock.is_current and not plan.changes:
        file = str(plan.out / paths.LOCK)
        state = "is missing" if plan.lock.before is None else "does not match the files"
        yield Finding("output-lock", f"the lock {state}", _RENDER, path=file)


def _kept(plan: Plan, kept: Kept) -> Finding:
    file = str(plan.out / kept.blocker)
    message, advice = _words(kept)
    where = _where(file, kept) if kept.before is not None else None
    return Finding(kept.reason.value, f"{message}; it is kept", advice, path=file, location=where)


def _words(kept: Kept) -> tuple[str, str]:
    match kept.reason:
        case Reason.SYMLINK:
            return _LINK
        case Reason.BLOCKED:
            needed = "file" if kept.blocker == kept.path else "folder"
            return f"it is {kept.kind}, and the spec needs a {needed} here", "move it away"
        case Reason.FOREIGN:
            return _NOT_OURS
        case Reason.HAND_EDITED:
            return _EDITED if kept.after is not None else _EDITED_AND_STALE


_LINK = (
    "it is a symlink, and none is followed or replaced",
    "put a real file or folder in its place, or remove it; to write elsewhere, say so with --out",
)
_NOT_OURS = (
    "manifestgen did not write it, and the spec gives another file here",
    "move it away, or render with --force to replace it",
)
_EDITED = (
    "it was edited by hand since manifestgen wrote it",
    "move the change into the spec, or render with --force to give it up",
)
_EDITED_AND_STALE = (
    "it was edited by hand, and the spec no longer gives it",
    "delete it if you do not need it, or render with --force",
)


def _where(file: str, item: Change | Kept) -> Location:
    """The first line that differs."""
    before = (item.before or b"").split(b"\n")
    after = (item.after or b"").split(b"\n")
    same = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        same += 1
    return Location(file, min(same, len(before) - 1) + 1, 1)
