"""What a generalised object is made of: literal parts, and parts that stand for a value.

They are named tuples, of which a chart takes tens of thousands; two of different types may be equal, so ask
for the type first.
"""

from __future__ import annotations

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


class Literal(NamedTuple):
    """The same in every layer."""

    value: Any


class Lifted(NamedTuple):
    """The value at ``path``, whole."""

    path: ValuePath


class Image(NamedTuple):
    """An image put together from ``repository``, ``tag`` and ``digest`` below ``path``."""

    path: ValuePath


class Checksum(NamedTuple):
    """The checksum of the map at ``path``, so that pods restart when their settings change."""

    path: ValuePath


class Element:
    """The item at hand, inside ``Repeat``."""


class Verbatim(NamedTuple):
    """What a target writes in its own language; the generalisation makes none."""

    text: str


class Entry(NamedTuple):
    """One key of a map; with a guard, one that not every layer has.

    ``comment`` is what a target writes above it; the generalisation makes none.
    """

    key: str
    node: Node
    guard: Guard | None = None
    comment: tuple[str, ...] = ()
    outer: tuple[Guard, ...] = ()
    """What has to hold besides ``guard``: switches of something larger, that ``guard`` does not know of."""


class Mapping(NamedTuple):
    """A map; ``extra`` is a value whose keys join those written here, when it has any."""

    entries: tuple[Entry, ...]
    extra: Lifted | None = None


class Item(NamedTuple):
    """One item of a list; with a guard, one that not every layer has."""

    node: Node
    guard: Guard | None = None


class Sequence(NamedTuple):
    """A list."""

    items: tuple[Item, ...]


class Repeat(NamedTuple):
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
