"""The command line: options, one call of the pipeline, what it found, an exit code."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import NoReturn

from manifestgen.cli.failures import Boundary
from manifestgen.cli.group import manifestgen


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with one of the codes of ``manifestgen.errors.Exit``."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What the terminal cannot show must not end as a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    with Boundary():
        code = manifestgen.main(arguments, prog_name="manifestgen", standalone_mode=False)
        sys.stdout.flush()  # here, where a closed pipe is still handled
        sys.exit(code)
    raise AssertionError("the boundary lets nothing pass")
