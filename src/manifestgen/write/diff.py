"""A plan as a unified diff, as git prints it and ``git apply`` takes it."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.write.model import Change, Plan

_NO_NEWLINE = "\\ No newline at end of file\n"
# Everything that moves the cursor or worse; the tab is harmless, the newline ends the line.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}


def unified(plan: Plan) -> Iterator[str]:
    """The lines, each with its newline, of what ``apply`` would change; nothing for files it keeps.

    Control characters that an edited file may hold are shown escaped: a diff is read on a terminal.
    """
    for change in plan.changes:
        yield from (line.translate(_CONTROLS) for line in _one(change))


def _one(change: Change) -> Iterator[str]:
    import difflib  # only --diff needs it

    old_mode, new_mode = (_mode(change.was_executable), _mode(change.executable))
    yield f"diff --git {_name('a', change)} {_name('b', change)}\n"
    old, new = _name("a", change), _name("b", change)
    if change.before is None:
        old = "/dev/null"
        yield f"new file mode {new_mode}\n"
    elif change.after is None:
        new = "/dev/null"
        yield f"deleted file mode {old_mode}\n"
    elif old_mode != new_mode:
        yield f"old mode {old_mode}\n"
        yield f"new mode {new_mode}\n"
    lines = difflib.unified_diff(_lines(change.old_text), _lines(change.new_text), old, new)
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"


def _mode(executable: bool) -> str:
    return "100755" if executable else "100644"


def _name(side: str, change: Change) -> str:
    return f"{side}/{change.path}"


def _lines(text: str) -> list[str]:
    """Split at newlines only: the other separators of ``splitlines`` are part of a line to git."""
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])
