"""Rendered YAML as data, without reading each text anew.

Objects of one kind differ in their values and hardly ever in their shape. While a template runs, every value
that passes a filter leaves a numbered mark instead of its text; what comes out is a *mould*. A mould is
parsed once, and each object cast from it: the marks become the values as data, and their YAML in the text. A
test holds what is cast equal to what a parser reads from the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from manifestgen.rendering.quoting import block, comment, deeper, members, yaml
from manifestgen.yamlio.emit import plain
from manifestgen.yamlio.load import parse_documents

# Private-use characters, which nothing that we say ourselves holds; what users say is behind a mark.
_VALUE: Final = "\ue000"
_BLOCK: Final = "\ue001"
_MEMBERS: Final = "\ue002"
_END: Final = "\ue003"
_MARK: Final = re.compile(f"[{_VALUE}{_BLOCK}{_MEMBERS}]([0-9]+){_END}")
_MEMBERS_MARK: Final = re.compile(f"{_MEMBERS}[0-9]+{_END}")


class Cast(NamedTuple):
    """One object: its YAML, and what it says."""

    text: str
    data: Any


class Marker:
    """The filters of the templates; while a mould is made, they leave marks."""

    def __init__(self) -> None:
        self._values: list[Any] | None = None
        self._texts: list[str] = []
        self._moulds: dict[str, _Mould] = {}

    @property
    def filters(self) -> dict[str, Callable[..., str]]:
        """The filters that know of marks, by the names that templates have for them."""
        return {
            "yaml": self._yaml,
            "block": self._block,
            "members": self._members,
            "comment": self._comment,
            "deeper": self._deeper,
        }

    def cast(self, render: Callable[[], str]) -> Cast:
        """What ``render``, which runs a template with these filters, gives."""
        self._values, self._texts = [], []
        try:
            marked = render()
            values, texts = self._values, self._texts
        finally:
            self._values = None
        mould = self._moulds.get(marked)
        if mould is None:
            mould = self._moulds[marked] = _Mould(marked)
        return Cast(mould.text(texts), mould.data(values))

    def _yaml(self, value: Any) -> str:
        return self._marked(_VALUE, value, yaml(value))

    def _block(self, value: Any, indent: int) -> str:
        return self._marked(_BLOCK, value, block(value, indent))

    def _members(self, value: dict[str, Any], indent: int) -> str:
        written = members(value, indent)
        if self._values is None:
            return written
        return " " * indent + self._marked(_MEMBERS, value, written[indent:])

    def _comment(self, text: str) -> str:
        if self._values is None:
            return comment(text)
        # A mark a line, so that whatever indents the comment indents each line of it.
        lines = comment(text).split("\n")
        return "\n".join(f"# {self._marked(_VALUE, None, line[2:])}" if line[2:] else line for line in lines)

    def _deeper(self, text: str, by: int) -> str:
        """Indents what stands behind the marks, too, but for the line that a mark itself stands on."""
        for match in _MARK.finditer(text) if self._values is not None else ():
            first, *others = self._texts[int(match[1])].split("\n")
            below = deeper("\n".join(others), by)
            self._texts[int(match[1])] = f"{first}\n{below}" if others else first
        return deeper(text, by)

    def _marked(self, mark: str, value: Any, text: str) -> str:
        if self._values is None:
            return text
        self._values.append(value)
        self._texts.append(text)
        return f"{mark}{len(self._texts) - 1}{_END}"


class _Slot(NamedTuple):
    """Where a value goes; the members of a map stand among others' when it is ``spread``."""

    number: int
    spread: bool = False


class _Mould:
    def __init__(self, marked: str) -> None:
        pieces = _MARK.split(marked)
        self._literal = pieces[::2]
        self._order = [int(number) for number in pieces[1::2]]
        readable = _MEMBERS_MARK.sub(lambda match: f"{match[0]}:", marked).replace(_BLOCK, f" {_VALUE}")
        (document,) = parse_documents(readable)
        self._tree = _with_slots(document)

    def text(self, texts: Sequence[str]) -> str:
        """The YAML with ``texts`` in the place of the marks."""
        first, *others = self._literal
        parts = [first]
        for number, literal in zip(self._order, others, strict=True):
            parts += (texts[number], literal)
        return "".join(parts)

    def data(self, values: Sequence[Any]) -> Any:
        """What that text says, made of ``values``."""
        return _filled(self._tree, values)


def _with_slots(node: Any) -> Any:
    if isinstance(node, dict):
        return {_slot(key): _with_slots(item) for key, item in node.items()}
    if isinstance(node, list):
        return [_with_slots(item) for item in node]
    return _slot(node)


def _slot(value: Any) -> Any:
    match = _MARK.fullmatch(value) if isinstance(value, str) else None
    return value if match is None else _Slot(int(match[1]), value.startswith(_MEMBERS))


def _filled(node: Any, values: Sequence[Any]) -> Any:
    kind = type(node)
    if kind is _Slot:
        return plain(values[node.number])
    if kind is dict:
        return _filled_map(node, values)
    if kind is list:
        return [_filled(item, values) for item in node]
    return node


def _filled_map(node: Mapping[Any, Any], values: Sequence[Any]) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for key, item in node.items():
        if type(key) is not _Slot:
            result[key] = _filled(item, values)
        elif key.spread:
            result |= plain(values[key.number])
        else:
            result[plain(values[key.number])] = _filled(item, values)
    return result
