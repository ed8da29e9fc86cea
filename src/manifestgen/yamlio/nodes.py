"""A loaded YAML value that remembers where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from manifestgen.errors import Location
from manifestgen.yamlio.characters import shortened

_WORD: Final = re.compile(r"[\w?-]+")
_MOST_STEPS: Final = 20

Scalar = str | int | float | bool | None


def dotted(path: Sequence[str | int]) -> str:
    """A path as findings show it: ``workloads.api.args[0]``; a key that is no plain word stands in quotes."""
    steps = "".join(_shown(step) for step in path[:_MOST_STEPS])
    return steps.removeprefix(".") + ("…" if len(path) > _MOST_STEPS else "")


def _shown(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{shortened(step)}" if _WORD.fullmatch(step) else f'."{shortened(step)}"'


class Node(NamedTuple):
    """A value, its place, and the place of its key when it stands in a map.

    ``text`` is the scalar as it was written when that differs in kind from the value (``1.10`` for the
    number 1.1), so that a finding can quote the file; it is empty for strings and collections.
    A value brought in by an alias has the place of the alias, what is inside it the places at the anchor.
    """

    value: dict[str, Node] | tuple[Node, ...] | Scalar
    location: Location
    key_location: Location | None = None
    text: str = ""

    def plain(self) -> Any:
        """The value as dicts, lists and scalars; every call makes new ones."""
        value = self.value
        if isinstance(value, dict):
            return {key: node.plain() for key, node in value.items()}
        if isinstance(value, tuple):
            return [node.plain() for node in value]
        return value

    def at(self, path: Sequence[str | int]) -> Node:
        """The node at a path of keys and indexes, or the deepest one that is still on it."""
        node = self
        for step in path:
            below = node._child(step)
            if below is None:
                break
            node = below
        return node

    def _child(self, step: str | int) -> Node | None:
        value = self.value
        below: Node | None = None
        if isinstance(value, dict):
            below = value.get(str(step))
        elif isinstance(value, tuple) and isinstance(step, int) and 0 <= step < len(value):
            below = value[step]
        return below
