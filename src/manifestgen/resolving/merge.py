"""JSON Merge Patch (RFC 7396) on the located values of a spec."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from manifestgen.yamlio.nodes import Node


class _Every(Enum):
    KEY = "every key"


_EVERY: Final = _Every.KEY
_KEPT: Final[Mapping[Any, Any]] = {}
NULLS_MEANT: Final[Mapping[Any, Any]] = {
    "patches": {_EVERY: {"merge": _KEPT}},
    "loadTests": {"tasks": {_EVERY: {"body": _KEPT, "batch": {_EVERY: {"body": _KEPT}}}}},
}
"""Where a null is a value of its own and is kept: in a strategic merge it removes from the object, in the
body of a request it is sent."""


def merge(target: Node | None, patch: Node, meant: Mapping[Any, Any] | None = NULLS_MEANT) -> Node:
    """``target`` with ``patch`` over it: maps merge, everything else replaces, null removes.

    Each value keeps the place it was written at, a map the place where it was first written. The order of
    ``target`` is kept; new keys follow. ``meant`` says where below the root a null is kept.
    """
    if not isinstance(patch.value, dict):
        return patch
    below = target if target is not None and isinstance(target.value, dict) else None
    merged = dict(below.value) if below is not None and isinstance(below.value, dict) else {}
    for key, change in patch.value.items():
        if change.value is None and meant is not _KEPT:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), change, _below(meant, key))
    first = below or patch
    return Node(merged, first.location, first.key_location)


def _below(meant: Mapping[Any, Any] | None, key: str) -> Mapping[Any, Any] | None:
    if not meant:
        return meant
    found: Mapping[Any, Any] | None = meant.get(key, meant.get(_EVERY))
    return found


def layered(below: Node, above: Node, path: tuple[str, ...] = ()) -> Node:
    """One document over another that it builds on: as ``merge``, but every null stays.

    What it means is not known before the environments are merged and the defaults are given. An
    environment that is null is none.
    """
    if not isinstance(above.value, dict) or not isinstance(below.value, dict):
        return above
    merged = dict(below.value)
    for key, change in above.value.items():
        if change.value is None and path == ("environments",) and key in merged:
            del merged[key]
        else:
            merged[key] = layered(merged[key], change, (*path, key)) if key in merged else change
    first = below if path else above  # the document is the one that builds on others
    return Node(merged, first.location, first.key_location)


def without_nulls(node: Node) -> Node:
    """``node`` with every null member of a map removed: a null means "as if it were not written"."""
    return merge(None, node)


def without(node: Node, path: tuple[str, ...]) -> Node:
    """``node`` without the member at ``path``; unchanged when there is none."""
    if not isinstance(node.value, dict) or path[0] not in node.value:
        return node
    members = dict(node.value)
    if len(path) == 1:
        del members[path[0]]
    else:
        members[path[0]] = without(members[path[0]], path[1:])
    return Node(members, node.location, node.key_location)


def has(node: Node, path: tuple[str, ...]) -> bool:
    """Whether there is a member at ``path``."""
    for step in path:
        if not isinstance(node.value, dict) or step not in node.value:
            return False
        node = node.value[step]
    return True


def with_member(node: Node, path: tuple[str, ...], member: Node) -> Node:
    """``node`` with ``member`` at ``path``; maps on the way are made where they are missing."""
    members = dict(node.value) if isinstance(node.value, dict) else {}
    below = members.get(path[0], Node({}, member.location, member.key_location))
    members[path[0]] = member if len(path) == 1 else with_member(below, path[1:], member)
    return Node(members, node.location, node.key_location)
