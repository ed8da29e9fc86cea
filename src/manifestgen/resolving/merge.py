"""JSON Merge Patch (RFC 7396) on the located values of a spec."""

from __future__ import annotations

from manifestgen.yamlio.nodes import Node


def merge(target: Node | None, patch: Node) -> Node:
    """``target`` with ``patch`` over it: maps merge, everything else replaces, null removes.

    Each value keeps the place it was written at, a map the place where it was first written. The order of
    ``target`` is kept; new keys follow.
    """
    if not isinstance(patch.value, dict):
        return patch
    below = target if target is not None and isinstance(target.value, dict) else None
    merged = dict(below.value) if below is not None and isinstance(below.value, dict) else {}
    for key, change in patch.value.items():
        if change.value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), change)
    first = below or patch
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
