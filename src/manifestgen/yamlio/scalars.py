"""What a plain (unquoted) scalar means: the core schema of YAML 1.2."""

from __future__ import annotations

import math
import re
from typing import Final

from manifestgen.yamlio.nodes import Scalar

LONGEST_NUMBER: Final = 1000
"""Digits of a whole number beyond which it is not read (Python itself stops at 4300)."""

_WORDS: Final[dict[str, Scalar]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{"-" + word: -math.inf for word in (".inf", ".Inf", ".INF")},
}
_NUMBER_STARTS: Final = frozenset("0123456789+-.")
_NUMBER: Final = re.compile(
    r"(?P<int>[-+]?[0-9]+)|0o(?P<octal>[0-7]+)|0x(?P<hex>[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
)
_BASES: Final = {"int": 10, "octal": 8, "hex": 16}


def resolve(text: str) -> Scalar:
    """The value of a plain scalar; ``yes``, ``1_000``, ``2024-01-01`` and ``12:30`` are strings.

    A number that Python cannot hold is an infinity, as ``.inf`` is: who loads foreign text checks for it.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    kind = str(match.lastgroup)
    if kind == "float":
        return float(text)
    digits = match[kind]
    return int(digits, _BASES[kind]) if len(digits) <= LONGEST_NUMBER else math.inf
