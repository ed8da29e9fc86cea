"""What a render did to the output folder, or would do, as text for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from manifestgen.report.text import counted
from manifestgen.write.model import Change, Outdated, Plan, Reason
from manifestgen.yamlio.characters import escaped

_MOST_NAMES: Final = 20
_MOST_FOLDERS: Final = 8


class Commands(NamedTuple):
    """How the user would call us again: with the same spec, output folder and selection."""

    render: str
    """The command that renders what was asked for."""
    everything: str
    """The command that renders all of it."""
    spec: str
    """The spec, as it was named."""


def rendered(plan: Plan, commands: Commands) -> str:
    """After a render: the counts, and the files that are not as they were; findings tell what was kept."""
    kept = f", {len(plan.kept)} kept" if plan.kept else ""
    counts = (
        f"{_folder(plan)}: {len(plan.created)} created, {len(plan.changed)} changed, "
        f"{len(plan.removed)} removed, {len(plan.unchanged)} left alone{kept}"
    )
    lines = [
        counts,
        *_compact("created", _paths(plan.created)),
        *_compact("changed", _paths(plan.changed)),
        *_compact("removed", _paths(plan.removed)),
        *_hints(plan, commands),
    ]
    return "\n".join(lines) + "\n"


def checked(plan: Plan, commands: Commands) -> str:
    """After ``--check``: every file that is not what the spec gives, and the command that mends it."""
    if plan.is_current:
        fresh = (
            f"{_folder(plan)} is what {escaped(commands.spec)} gives: {counted(len(plan.unchanged), 'file')}"
        )
        return "\n".join([fresh, *_hints(plan, commands)]) + "\n"
    stale = list(stale_files(plan))
    counts = Counter(state for state, _ in stale)
    width = max(len(state) for state in counts)
    lines = [
        f"{_folder(plan)} is not what {escaped(commands.spec)} gives: "
        + ", ".join(f"{count} {state}" for state, count in counts.items()),
        *(f"  {state:<{width}}  {escaped(path)}" for state, path in stale),
        f"Run `{commands.render}` and commit the result; `{commands.render} --diff` shows the difference.",
    ]
    if any(kept.reason in (Reason.HAND_EDITED, Reason.FOREIGN) for kept in plan.kept):
        lines.append("It leaves alone what was edited by hand or is not ours, unless you add `--force`.")
    lines += _hints(plan, commands)
    return "\n".join(lines) + "\n"


def stale_files(plan: Plan) -> Iterator[tuple[str, str]]:
    """Every file that is not what the spec gives: in what way, and its path; grouped by the way."""
    yield from (("changed", change.path) for change in plan.changed)
    yield from (("missing", change.path) for change in plan.created)
    yield from (("extra", change.path) for change in plan.removed)
    for wanted in dict.fromkeys(_KEPT_STATES.values()):
        yield from ((wanted, kept.path) for kept in plan.kept if _KEPT_STATES[kept.reason] == wanted)
    if plan.leftover:
        yield "left by a run that was killed", ".manifestgen.tmp"
    if not plan.lock.is_current and not plan.changes:
        yield "changed", ".manifestgen.lock"


_KEPT_STATES: Final = {
    Reason.HAND_EDITED: "edited by hand",
    Reason.FOREIGN: "not ours",
    Reason.SYMLINK: "blocked",
    Reason.BLOCKED: "blocked",
}


def as_object(plan: Plan) -> dict[str, Any]:
    """The same for the JSON format; paths are relative to ``out``."""
    return {
        "out": str(plan.out),
        "current": plan.is_current,
        "files": {
            "created": _paths(plan.created),
            "changed": _paths(plan.changed),
            "removed": _paths(plan.removed),
            "unchanged": list(plan.unchanged),
            "kept": [kept.path for kept in plan.kept],
            "outdated": [item.path for item in plan.outdated],
        },
    }


def _folder(plan: Plan) -> str:
    return escaped(str(plan.out))


def _paths(changes: Iterable[Change]) -> list[str]:
    return [change.path for change in changes]


def _compact(verb: str, paths: Sequence[str]) -> Iterator[str]:
    """The names of a few files; of many, the folders they are in."""
    if len(paths) <= _MOST_NAMES:
        yield from (f"  {verb}  {escaped(path)}" for path in paths)
    else:
        yield from (f"  {verb}  {escaped(name)} ({number})" for name, number in _folders(paths).items())


def _folders(paths: Sequence[str]) -> Counter[str]:
    """How many files are in each folder, as deep as a handful of folders allows."""
    shallow = Counter(_top(path, 1) for path in paths)
    for depth in (3, 2):
        folders = Counter(_top(path, depth) for path in paths)
        if len(folders) <= _MOST_FOLDERS:
            return folders
    return shallow


def _top(path: str, depth: int) -> str:
    parts = path.split("/")
    return path if len(parts) <= depth else "/".join(parts[:depth]) + "/"


def _hints(plan: Plan, commands: Commands) -> Iterator[str]:
    if plan.outdated:
        yield (
            f"Not asked for, but out of date: {counted(len(plan.outdated), 'file')} of "
            f"{', '.join(_owners(plan.outdated))}; `{commands.everything}` writes all."
        )


def _owners(outdated: Iterable[Outdated]) -> list[str]:
    return sorted(
        {f"{item.target} ({item.environment})" if item.environment else item.target for item in outdated}
    )
