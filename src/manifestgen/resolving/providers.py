"""Layers that change who runs a data service."""

from __future__ import annotations

from manifestgen.resolving.merge import merge
from manifestgen.resolving.patches import member
from manifestgen.resolving.shape import keys_at
from manifestgen.yamlio.nodes import Node

_SECTION = "datastores"


def merge_layer(target: Node, patch: Node) -> Node:
    """``target`` with ``patch`` over it (see ``merge``).

    A data service that the patch gives another provider leaves behind what only the old one knows: an
    environment that takes its database from outside need not take back the chart, one key after the other.
    """
    below, changes = member(target, _SECTION), member(patch, _SECTION)
    if below is None or changes is None or not isinstance(changes.value, dict):
        return merge(target, patch)
    assert isinstance(target.value, dict)  # it has the section
    kept = {**target.value, _SECTION: _without_old_keys(below, changes.value)}
    return merge(Node(kept, target.location, target.key_location), patch)


def _without_old_keys(below: Node, changes: dict[str, Node]) -> Node:
    if not isinstance(below.value, dict):
        return below
    stores = {name: _settled(store, changes.get(name)) for name, store in below.value.items()}
    return Node(stores, below.location, below.key_location)


def _settled(store: Node, change: Node | None) -> Node:
    """The data service without the keys that its new provider does not have."""
    if change is None or member(change, "provider") is None or not isinstance(store.value, dict):
        return store
    old, new = _words(store), {**_words(store), **_words(change)}
    gone = _keys(old) - _keys(new)
    if old == new or not _keys(new):  # a provider that there is not: the finding is about that
        return store
    kept = {key: node for key, node in store.value.items() if key not in gone}
    return Node(kept, store.location, store.key_location)


def _words(store: Node) -> dict[str, object]:
    """What a layer says about the type and the provider; a null is the default again."""
    found = ((key, member(store, key)) for key in ("type", "provider"))
    return {key: node.value for key, node in found if node is not None}


def _keys(words: dict[str, object]) -> set[str]:
    from manifestgen.spec.datastores import tag_of

    tag = tag_of(words)
    return set(keys_at((_SECTION, "", tag))) if tag else set()
