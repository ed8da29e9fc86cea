"""The last resort: what ends a command early becomes a short text and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Final

import click

from manifestgen import __version__

if TYPE_CHECKING:
    from pathlib import Path
    from traceback import FrameSummary

    from manifestgen.cli.output import StreamError

DEBUG: Final = "MANIFESTGEN_DEBUG"
"""The environment variable that asks for the traceback of a bug."""

_STDOUT: Final = 1
_INTERRUPTED: Final = 130
_BROKEN_PIPE: Final = 141
"""As a shell counts them: 128 and the number of the signal (SIGINT 2, SIGPIPE 13)."""


class Boundary:
    """Nothing leaves the block but an exit code in ``code``; an exception that no one expected is a bug (3).

    A context manager and no ``except``: it is the one place that takes every exception there is.
    """

    def __init__(self) -> None:
        self.code = 0

    def __enter__(self) -> Boundary:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None:
            self.code = _told(error)
        return True


def _told(error: BaseException) -> int:
    """Tell the user, and return the exit code."""
    from manifestgen.cli.output import StreamError, put_findings
    from manifestgen.errors import Exit, ManifestgenError

    match error:
        case SystemExit():  # click's own: completion, a closed pipe
            return int(error.code or 0)
        case ManifestgenError():
            put_findings(error.findings)
            return int(error.exit_code)
        case KeyboardInterrupt() | click.Abort():
            return _INTERRUPTED
        case click.ClickException():
            if sys.stderr is not None:  # closed by `2>&-`; click would turn to standard output
                error.show()
            return error.exit_code
        case FileNotFoundError(filename=None):  # as the system puts it, about no file at all
            click.echo("Error: the current folder is no longer there", err=True)
            return Exit.FINDINGS
        case StreamError() | OSError(filename=None):
            return _stream_failed(error)
    click.echo(_bug(error), err=True)
    return Exit.BUG


def _stream_failed(error: StreamError | OSError) -> int:
    from manifestgen.errors import Exit

    _silence()
    if error.errno == errno.EPIPE:
        return _BROKEN_PIPE
    reason = error.strerror if isinstance(error, OSError) else error
    click.echo(f"Error: standard output cannot be written: {reason}", err=True)
    return Exit.FINDINGS


def _silence() -> None:
    """Standard output is gone: what Python still wants to flush at exit goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDOUT)


def _bug(error: BaseException) -> str:
    import traceback

    if os.environ.get(DEBUG):
        return "".join(traceback.format_exception(error)).rstrip()
    from manifestgen.yamlio.characters import shortened

    what = f"{type(error).__name__}: {shortened(str(error), 300)}"
    return (
        f"manifestgen {__version__} has a bug. No file was left half-written.\n"
        f"  {what}\n"
        f"  in {_place(error)}\n"
        "Please report it: these lines, the command, and if you may the spec. "
        f"With {DEBUG}=1 it shows the whole traceback."
    )


def _place(error: BaseException) -> str:
    """Where it happened: our innermost line, and the line it called when that is not ours."""
    import traceback
    from pathlib import Path

    root = Path(__file__).parent.parent
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(root)]
    named = [ours[-1], frames[-1]] if ours else frames[-1:]
    return ", called ".join(dict.fromkeys(_frame(frame, root.parent) for frame in named))


def _frame(frame: FrameSummary, root: Path) -> str:
    file = type(root)(frame.filename)
    shown = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
    return f"{shown}:{frame.lineno} ({frame.name})"
