"""Text for the cells of Markdown tables."""

from __future__ import annotations

import re
from typing import Final

_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>#|~&]")
_RUN: Final = re.compile(r"`+")


def cell(text: str) -> str:
    """``text`` as it is, whatever Markdown would make of it; ``code spans`` stay what they are."""
    pieces = re.split(r"(`[^`\n|]+`)", " ".join(text.split()))
    return "".join(
        piece if index % 2 else _SPECIAL.sub(lambda match: "\\" + match[0], piece)
        for index, piece in enumerate(pieces)
    )


def code(text: str) -> str:
    """``text`` in a code span; nothing for no text."""
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in _RUN.findall(text)), default=0) + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")
