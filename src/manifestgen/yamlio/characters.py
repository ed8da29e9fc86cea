"""Characters that must not stand in a spec, and how they are shown."""

from __future__ import annotations

import re
from typing import Final

_ALWAYS: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 but for tab and the ends of lines, DEL, C1 with NEL
    "\u202a-\u202e\u2066-\u2069"  # controls of the direction of writing
    "\ufeff\ufffe\uffff\ud800-\udfff"  # marks of byte order, halves of surrogate pairs
)
CONTROL: Final = re.compile(f"[{_ALWAYS}\r]")
"""Refused in every key and value: they talk to terminals, reorder text or cannot be written."""

RAW_CONTROL: Final = re.compile(f"[{_ALWAYS}\u2028\u2029]|\r(?!\n)")
"""Refused in the text of a file: also what only some readers take for the end of a line."""


def escaped(text: str) -> str:
    """The text on one line, everything invisible or dangerous as an escape sequence."""
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def shortened(text: str, longest: int = 60) -> str:
    """The text escaped and cut to a length that fits a message."""
    shown = escaped(text[: longest + 1])
    return shown if len(text) <= longest else shown[: longest - 1] + "…"


def _escape(char: str) -> str:
    code = ord(char)
    named = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    if named:
        return named
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
