"""Data to YAML: always the same bytes, the same to every reader, lines never folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from manifestgen.yamlio.characters import escaped
from manifestgen.yamlio.literals import literal
from manifestgen.yamlio.quoting import flow_text, plain_scalar, scalar, text

__all__ = ["block", "dump", "flow", "plain", "scalar"]

_MAPS: Final = (dict, Mapping)  # dict first: asking an abstract class is slow
_LONGEST_KEY: Final = 1000
"""A longer key has to be announced by ``?``: readers look ahead no farther than 1024 characters."""


def flow(value: Any) -> str:
    """Anything on one line: ``{a: 1, b: [x, "y"]}``."""
    if isinstance(value, _MAPS):
        return "{" + ", ".join(_flow_key(key) + flow(item) for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return flow_text(value) if isinstance(value, str) else scalar(value)


def block(value: Any, indent: int = 0) -> str:
    """Block YAML of a map or list, each line indented, without a newline at its end.

    What is empty, or no map and no list, comes as one (indented) line.
    """
    lines: list[str] = []
    pad = " " * indent
    if value and isinstance(value, _MAPS):
        _write_map(value, pad, pad, lines)
    elif value and isinstance(value, list | tuple):
        _write_list(value, pad, pad, lines)
    else:
        lines.append(pad + flow(value))
    return "\n".join(lines)


def dump(value: Any, header: str = "") -> str:
    """A whole document that ends with a newline; the header goes before it as comment lines."""
    return f"{_comment(header)}{block(value)}\n"


def plain(value: Any) -> Any:
    """What a reader gets from ``value`` written here: new maps and lists, scalars of the plain types."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if isinstance(value, _MAPS):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return plain_scalar(value)


_SCALARS: Final = frozenset({str, bool, int, float, type(None)})


def _write_map(value: Mapping[Any, Any], first: str, pad: str, lines: list[str]) -> None:
    """The entries of a map; ``first`` stands before the first of them: a dash, when it is in a list."""
    below = pad + "  "
    for key, item in value.items():
        written = text(key) if type(key) is str else scalar(key)
        if len(written) > _LONGEST_KEY:
            lines.append(f"{first}? {written}")
            first, written = pad, ""
        head = f"{first}{written}:"
        first = pad
        if type(item) is str:
            lines.append(f"{head} {_string(item, below)}")
        elif item and isinstance(item, _MAPS):
            lines.append(head)
            _write_map(item, below, below, lines)
        elif item and isinstance(item, list | tuple):
            lines.append(head)
            _write_list(item, below, below, lines)
        else:
            lines.append(f"{head} {flow(item)}")


def _write_list(items: Iterable[Any], first: str, pad: str, lines: list[str]) -> None:
    below = pad + "  "
    for item in items:
        if type(item) is str:
            lines.append(f"{first}- {_string(item, below)}")
        elif item and isinstance(item, _MAPS):
            _write_map(item, f"{first}- ", below, lines)
        elif item and isinstance(item, list | tuple):
            _write_list(item, f"{first}- ", below, lines)
        else:
            lines.append(f"{first}- {flow(item)}")
        first = pad


def _string(value: str, pad: str) -> str:
    """A string as a literal block where that says the same, else on one line."""
    return (literal(value, pad) if "\n" in value else None) or text(value)


def _comment(header: str) -> str:
    lines = map(escaped, header.splitlines())
    return "".join(f"{line if line.startswith('#') else f'# {line}'}".rstrip() + "\n" for line in lines)


def _flow_key(key: Any) -> str:
    written = flow_text(key) if isinstance(key, str) else scalar(key)
    return f"{written}: " if len(written) <= _LONGEST_KEY else f"? {written} : "
