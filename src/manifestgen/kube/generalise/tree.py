"""What a generalised object is made of: literal parts, and parts that stand for a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

ValuePath = tuple[str, ...]
"""Where a value lies in the chart's values: ``("api", "image", "tag")``."""


class Test(Enum):
    """What a guard asks of its value."""

    __test__ = False  # not for pytest

    PRESENT = "present"
    FILLED = "filled"
    ON = "on"
    OFF = "off"


class Guard(NamedTuple):
    """The part is there only when the value at ``path`` passes ``test``."""

    path: ValuePath
    test: Test


@dataclass(frozen=True, slots=True)
class Literal:
    """The same in every layer."""

    value: Any


@dataclass(frozen=True, slots=True)
class Lifted:
    """The value at ``path``, whole."""

    path: ValuePath


@dataclass(frozen=True, slots=True)
class Image:
    """An image put together from ``repository``, ``tag`` and ``digest`` below ``path``."""

    path: ValuePath


@dataclass(frozen=True, slots=True)
class Checksum:
    """The checksum of the map at ``path``, so that pods restart when their settings change."""

    path: ValuePath


@dataclass(frozen=True, slots=True)
class Element:
    """The item at hand, inside ``Repeat``."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """What a target writes in its own language; the generalisation makes none."""

    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a map; with a guard, one that not every layer has."""

    key: str
    node: Node
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map; ``extra`` is a value whose keys join those written here, when it has any."""

    entries: tuple[Entry, ...]
    extra: Lifted | None = None


class Item(NamedTuple):
    """One item of a list; with a guard, one that not every layer has."""

    node: Node
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A list with one ``node`` for each item of the list at ``path``."""

    path: ValuePath
    node: Node


Node = Literal | Lifted | Image | Checksum | Element | Verbatim | Mapping | Sequence | Repeat


def opened(node: Node) -> Node:
    """A literal map or list as a map or list of literals; anything else as it is."""
    if not isinstance(node, Literal):
        return node
    if isinstance(node.value, dict):
        return Mapping(tuple(Entry(key, Literal(value)) for key, value in node.value.items()))
    if isinstance(node.value, list):
        return Sequence(tuple(Item(Literal(value)) for value in node.value))
    return node
