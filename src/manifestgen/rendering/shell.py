"""Text as a word of bash."""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9_@%+:,./-]+")
_NEEDS_ESCAPES: Final = re.compile(r"['\\$`\u2018\u2019]")
_ESCAPES: Final = {"'": "\\'", "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def word(value: str | int) -> str:
    r"""``value`` as one word on one line: plain where that is safe, in quotes otherwise.

    What has signs of the shell or more than one line becomes ``$'…'``, with line breaks as ``\n`` and
    characters that cannot be seen as their bytes; so no line of a script is anything but ours, and
    ShellCheck does not ask whether ``'$x'`` was meant to be filled in, or a curly quote to end the word.
    Raises ValueError for NUL, which no word can hold.
    """
    text = str(value)
    if "\0" in text:
        raise ValueError("a word of a shell cannot hold NUL")
    if _PLAIN.fullmatch(text):
        return text
    if text.isprintable() and not _NEEDS_ESCAPES.search(text):
        return f"'{text}'"
    return "$'" + "".join(map(_escaped, text)) + "'"


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return letter if letter.isprintable() else "".join(f"\\x{byte:02x}" for byte in letter.encode())
