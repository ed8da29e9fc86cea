"""How values enter a PromQL expression unchanged."""

from __future__ import annotations

from collections.abc import Iterable

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_QUOTED = frozenset('"\\')
_REGEX_META = frozenset("\\.+*?()|[]{}^$")


def string(value: str) -> str:
    """``value`` as a string literal in double quotes."""
    if value.isprintable() and not _QUOTED.intersection(value):  # nearly all are
        return f'"{value}"'
    return '"' + "".join(_escape(char) for char in value) + '"'


def regex(value: str) -> str:
    """``value`` as a regular expression (RE2) that matches nothing else; not yet quoted."""
    return "".join(f"\\{char}" if char in _REGEX_META else char for char in value)


def matcher(label: str, values: Iterable[str], *, but: bool = False) -> str:
    """The matcher for a label that has one of ``values``: ``job="api"``, ``job=~"api|web"``.

    With ``but`` for one that has none of them: ``job!="api"``, ``job!~"api|web"``.
    """
    wanted = list(values)
    if len(wanted) == 1:
        return f"{label}{'!=' if but else '='}{string(wanted[0])}"
    return f"{label}{'!~' if but else '=~'}{string('|'.join(map(regex, wanted)))}"


def number(value: float) -> str:
    """A number in the shortest way, never in scientific notation."""
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return text or "0"


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return f"\\x{ord(char):02x}" if ord(char) < 0x20 or ord(char) == 0x7F else char
