"""What configuration in HCL says, word by word; OpenBao itself shows in test_vault.py that it reads it so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

HOSTILE_TEXTS: Final = (
    *("${", "$${x}", "%{ if", '"', "\\", "\\u0041", "a\nb", "\t", "#", "/*", '${x} "}', "a b", "=", "<<EOF"),
    *("\ue123", "\ufeff", "\u2028", "🦊", "é", "\x7f", "\x00"),
)
"""Texts that mean something to readers of HCL."""
_WORDS: Final = re.compile(
    r"(?P<space>[ \n]+|\#[^\n]*\n)"
    r'|(?P<string>"(?:[^"\\\n$%]|\\.|[$%](?!\{))*")'
    r"|(?P<other>[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[{}\[\]=,])"
)


def words(text: str) -> list[str]:
    """Names, signs and the texts of strings, without comments; raises ValueError at anything else."""
    return list(_words(text))


def _words(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        match = _WORDS.match(text, place)
        if match is None:
            raise ValueError(f"no HCL: {text[place : place + 40]!r}")
        if match["string"]:
            yield "text " + _decoded(match["string"])
        elif match["other"]:
            yield match["other"]
        place = match.end()


def _decoded(string: str) -> str:
    escaped = re.sub(r"\\U([0-9a-f]{8})", lambda found: json.dumps(chr(int(found[1], 16)))[1:-1], string)
    return str(json.loads(escaped))
