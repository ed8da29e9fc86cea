"""What the versions of one object have in common: its base, where the spec alone cannot give one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final

from manifestgen.kube.mergekeys import UNKNOWN, Shape, field_shape, shape_of
from manifestgen.kube.objects import Manifest
from manifestgen.kube.plain import Form, copied, form, same


class _Nothing(Enum):
    NOTHING = "nothing"


_NOTHING: Final = _Nothing.NOTHING


def common(manifests: Sequence[Manifest]) -> Manifest:
    """What all of ``manifests``, versions of one object, share.

    Maps key by key, lists with merge keys item by item, other lists and scalars only when equal. The
    order is the first one's. A map or list that some have empty stays, empty: that has a meaning.
    """
    first = manifests[0]
    result: Manifest = _common_map(manifests, shape_of(first))
    return result


def _common(values: Sequence[Any], shape: Shape) -> Any:
    first = values[0]
    if all(same(first, value) for value in values[1:]):
        return copied(first)
    forms = {form(value) for value in values}
    shared: Any = _NOTHING
    if forms == {Form.MAP}:
        shared = _common_map(values, shape)
    elif forms == {Form.LIST} and shape.merge_keys:
        shared = _common_items(values, shape.merge_keys, shape.items or UNKNOWN)
    return shared if shared or any(value in ({}, []) for value in values) else _NOTHING


def _common_map(maps: Sequence[Manifest], shape: Shape) -> Manifest:
    shared: Manifest = {}
    for key in maps[0]:
        if all(key in one for one in maps):
            values = [one[key] for one in maps]
            value = _common(values, field_shape(shape, key, *values))
            if value is not _NOTHING:
                shared[key] = value
    return shared


def _common_items(lists: Sequence[list[Any]], keys: tuple[str, ...], shape: Shape) -> Any:
    """The items all lists have, when each list tells its items apart and holds these in the same order."""
    by_key = [_by_key(one, keys) for one in lists]
    if any(len(named) != len(one) for named, one in zip(by_key, lists, strict=True)):
        return _NOTHING
    orders = [[key for key in named if all(key in other for other in by_key)] for named in by_key]
    if any(order != orders[0] for order in orders):
        return _NOTHING
    return [_common_map([named[key] for named in by_key], shape) for key in orders[0]]


def _by_key(items: list[Any], keys: tuple[str, ...]) -> dict[str, Manifest]:
    return {str([item.get(key) for key in keys]): item for item in items if isinstance(item, dict)}
