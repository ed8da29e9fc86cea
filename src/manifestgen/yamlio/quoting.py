"""How a scalar is written so that YAML 1.1 and YAML 1.2 readers read the same."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any, Final

_WORDS: Final = frozenset(
    ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
    + [f"{sign}{word}" for sign in ("", "+", "-") for word in ("inf", "infinity", ".inf", "nan", ".nan")]
)
"""Words that some reader takes for something else than text, in any case of their letters."""

_LIKE_A_NUMBER: Final = re.compile(
    r"[-+.0-9_]+|[-+.]*[0-9][-+0-9_.:eE]*|[-+]?0[xXoObB].*|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[tT ].*"
)
"""Whole, broken, octal, sexagesimal numbers, versions, dates, times: quoted without a closer look."""

# Letters beyond ASCII, without spaces, marks of direction and everything else that cannot be seen.
_BEYOND_ASCII: Final = (
    "\u00a1-\u00ac\u00ae-\u167f\u1681-\u1fff\u200c\u200d\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff"
)
_ASTRAL: Final = "\uf900-\ufdcf\ufdf0-\ufefe\uff00-\uffef\U00010000-\U0001fffd"
_FIRST: Final = rf"[A-Za-z0-9_/.$(+\\^;{_BEYOND_ASCII}{_ASTRAL}]|-(?=[^\s,\[\]{{}}?:])"
_INNER: Final = rf"""[A-Za-z0-9_/.$()+\\^;\-!"#%&'*<=>@`|~{_BEYOND_ASCII}{_ASTRAL}]"""
_PLAIN: Final = re.compile(rf"(?!---|\.\.\.)(?:{_FIRST})(?:{_INNER}++|:++(?=[^\s:])| ++(?=[^\s:#]))*+")
"""Text that needs no quotes, as a value or a key of a block; it never holds ``,[]{}?``."""

_ESCAPED: Final = re.compile(
    '["\\\\\x00-\x1f\x7f-\xa0\xad\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f'
    "\u3000\ud800-\udfff\ufeff\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_NAMED: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}

_TYPES: Final = (bool, int, float, str)


def scalar(value: Any) -> str:
    """A scalar on one line for a block (after ``key:`` or ``-``): plain where all readers agree, else quoted.

    Inside ``[]`` or ``{}`` write it with ``flow``: there, older readers (ours too) stop at ``a:b``.
    A float without a finite value, half of a surrogate pair and anything that is not a scalar raise
    ValueError or TypeError: they cannot be written.
    """
    kind = type(value)
    if kind is str:
        return text(value)
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    if kind is int:
        return str(value)
    if kind is float:
        return _float(value)
    return scalar(plain_scalar(value))


@lru_cache(maxsize=8192)
def text(value: str) -> str:
    """A string on one line; the cache is worth it because keys and names come again and again."""
    if _is_plain(value):
        return value
    if not _ESCAPED.search(value):
        return f'"{value}"'
    if not any(char in value for char in "'\n\t") and not unprintable(value):
        return f"'{value}'"
    return double_quoted(value)


def flow_text(value: str) -> str:
    """A string inside ``[]`` or ``{}``, where older readers trip over a bare colon."""
    written = text(value)
    return double_quoted(value) if ":" in written and written == value else written


def double_quoted(value: str) -> str:
    """The string in double quotes, everything invisible as an escape."""
    return f'"{_ESCAPED.sub(_escape, value)}"'


def unprintable(value: str) -> bool:
    """Whether the text holds a character that only an escape can carry; newlines and tabs do not count."""
    return any(found not in '"\\\n\t' for found in _ESCAPED.findall(value))


def _is_plain(value: str) -> bool:
    if _PLAIN.fullmatch(value) is None:
        return False
    return value.lower() not in _WORDS and _LIKE_A_NUMBER.fullmatch(value) is None


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"half of a surrogate pair, U+{code:04X}, cannot be written")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be written: it is not a finite number")
    written = repr(value)
    # YAML 1.1 takes 1e-05 for text: its floats have a point.
    return written if "." in written else written.replace("e", ".0e")


def plain_scalar(value: object) -> Any:
    """The plain scalar behind an enum or another subclass."""
    for kind in _TYPES:
        if isinstance(value, kind):
            return kind.__str__(value) if kind is str else kind(value)
    raise TypeError(f"a {type(value).__name__} cannot be written as YAML")
