"""The command line: options, one call of the pipeline, what it found, an exit code."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Final, NoReturn

from manifestgen.cli.failures import Boundary
from manifestgen.cli.group import manifestgen


def main() -> NoReturn:
    """The program: run the command line of this process, and leave it.

    It spares itself what Python does for programs that live longer, looking for garbage and taking
    every module apart at the end: a tenth of the time of a render.
    """
    gc.disable()
    # Plugins of pydantic that happen to be installed would watch, and looking for them takes its time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = _with_room(run)(sys.argv[1:])
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(code)


def _with_room(function: Callable[[Sequence[str]], int]) -> Callable[[Sequence[str]], int]:
    """The same function, which takes memory for the frames of all calls below it at once.

    CPython 3.11 and later keep frames in chunks of 16 KiB, and return a chunk as soon as the last frame in it
    is left: a loop around a call at the edge of a chunk asks the system for memory each time, ten thousand
    times in a render. A frame that needs much makes one chunk that is large enough.
    """
    assert isinstance(function, FunctionType)
    roomy = function.__code__.replace(co_stacksize=_WORDS_OF_FRAMES)
    return FunctionType(roomy, function.__globals__, function.__name__)


_WORDS_OF_FRAMES: Final = 40_000
"""A little more than half of a chunk of 512 KiB; the other half is for the frames below."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code is one of ``manifestgen.errors.Exit``, or 130 or 141 as in a shell."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What the terminal cannot show must not end as a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    boundary = Boundary()
    with boundary:
        code = manifestgen.main(arguments, prog_name="manifestgen", standalone_mode=False)
        if sys.stdout is not None:  # as it is after `>&-`
            sys.stdout.flush()  # here, where a closed pipe is still dealt with
        return int(code or 0)
    return boundary.code
