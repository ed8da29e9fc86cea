"""Text for the paragraphs and table cells of Markdown."""

from __future__ import annotations

import re
from typing import Final

_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>#|~&]")
_BLOCK: Final = re.compile(r"[-+](?= |$)|-(?=[- ]+$)|\d{1,9}[.)](?= |$)")
"""What starts a list or draws a line where a paragraph begins with it."""
_RUN: Final = re.compile(r"`+")
_BREAK: Final = re.compile(r"\s*\n\s*")


def cell(text: str) -> str:
    """``text`` as it is, whatever Markdown would make of it; ``code spans`` stay what they are."""
    pieces = re.split(r"(`[^`\n|]+`)", " ".join(text.split()))
    written = "".join(
        piece if index % 2 else _SPECIAL.sub(lambda match: "\\" + match[0], piece)
        for index, piece in enumerate(pieces)
    )
    block = _BLOCK.match(written)
    return f"{written[: block.end() - 1]}\\{written[block.end() - 1 :]}" if block else written


def code(text: str) -> str:
    """``text`` in a code span, on one line; nothing for no text."""
    text = _BREAK.sub(" ", text)
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in _RUN.findall(text)), default=0) + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def fenced(text: str, language: str) -> str:
    """``text`` in a block of code, behind a fence that is longer than any in it."""
    fence = "`" * max(3, max((len(run) for run in _RUN.findall(text)), default=0) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def link(text: str, url: str) -> str:
    """A link with ``text``, whatever stands in either; what would end the URL is written as its code."""
    target = _UNSAFE_IN_LINK.sub(lambda found: f"%{ord(found[0]):02X}", url)
    return f"[{cell(text)}](<{target}>)"


_UNSAFE_IN_LINK: Final = re.compile(r"[<>|\\]")
