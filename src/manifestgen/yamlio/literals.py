"""Text of several lines as a literal block, where that loses nothing."""

from __future__ import annotations

import re
from typing import Final

from manifestgen.yamlio.quoting import unprintable

_TAB_FIRST: Final = re.compile(r"\s*\t")


def literal(value: str, pad: str) -> str | None:
    """``|`` or ``|-`` and the lines, each after ``pad``; None where only quotes are exact.

    Quotes, too, for a text that ends in empty lines (``|+``): an empty line that a template puts behind
    the block would be one more of them.
    ``pad`` has to be two columns deeper than the key or the dash that the text belongs to.
    """
    body = value.rstrip("\n")
    if not body.strip() or _TAB_FIRST.match(value) or unprintable(body):
        return None
    ends = len(value) - len(body)
    if ends > 1:
        return None
    chomping = "" if ends else "-"
    # A reader guesses the indentation from the first line: it must be told when that starts with a space.
    indicator = "2" if value[0] in " \n" else ""
    lines = [pad + line if line else "" for line in body.split("\n")]
    return "\n".join([f"|{indicator}{chomping}", *lines])
