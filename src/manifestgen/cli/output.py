"""What goes to the terminal: findings and documents, in colour only where someone looks at them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TextIO

import click

from manifestgen import __version__
from manifestgen.errors import Finding

if TYPE_CHECKING:
    from pathlib import Path


class StreamError(Exception):
    """A standard stream cannot be written. No OSError, because click would deal with some of those itself."""

    def __init__(self, error: OSError) -> None:
        self.errno = error.errno
        super().__init__(error.strerror or str(error))


def put(text: str | bytes, *, err: bool = False) -> None:
    """Print it as it is, with its colours if it has any."""
    try:
        click.echo(text, nl=False, err=err, color=True)
    except OSError as error:
        raise StreamError(error) from error


def put_findings(found: Iterable[Finding]) -> None:
    """Findings as text on standard error."""
    from manifestgen.report import text

    put(text.findings(found, colour=wants_colour(sys.stderr)), err=True)


def put_report(
    found: Iterable[Finding], report_format: str, spec: Path, more: Mapping[str, Any] | None = None
) -> None:
    """Findings on ``spec`` in a format: text on standard error, the others on standard output.

    ``more`` are further keys of the JSON document.
    """
    if report_format == "text":
        put_findings(found)
    elif report_format == "json":
        from manifestgen.report import jsontext

        put_document(jsontext.findings(found, more))
    elif report_format == "github":
        from manifestgen.report import github

        put_document(github.findings(found))
    else:
        from manifestgen.report import sarif

        put_document(sarif.findings(found, __version__, str(spec)))


def put_document(document: str) -> None:
    """A document on standard output: UTF-8 whatever the locale, byte for byte."""
    put(document.encode())


def wants_colour(stream: TextIO | None) -> bool:
    """Whether text for this stream is coloured: on a terminal, unless NO_COLOR or TERM=dumb say otherwise.

    There is none where the shell closed it (`2>&-`).
    """
    if stream is None:
        return False
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
