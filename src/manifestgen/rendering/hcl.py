"""Values in the configuration language of HashiCorp, as its first and its second version read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def hcl(value: str | bool | int | Sequence[str]) -> str:
    """``value`` on one line; a text in quotes, in which nothing is filled in or ends early.

    Both versions take ``${`` for the start of an expression, the second ``%{`` as well, unless the sign is
    written by its number.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(_escaped(value, index) for index in range(len(value))) + '"'
    return f"[{', '.join(map(hcl, value))}]"


def _escaped(text: str, index: int) -> str:
    letter = text[index]
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    opens = letter in "$%" and text[index + 1 : index + 2] == "{"
    if letter.isprintable() and not opens:
        return letter
    number = ord(letter)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
