"""The strategic-merge patch that turns one object into another: what an overlay holds.

Only what differs stands in it, in the order of the target. The rules are Kustomize's: ``null`` removes
a key, ``$patch: delete`` an item; the items that a patch names come first, so an item that must keep its
place behind others needs these named too, by their keys alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from manifestgen.kube.apply import (
    ABSENT,
    DELETE,
    DIRECTIVE,
    REPLACE,
    UnmergeableError,
    apply_patch,
    check_replacement,
    merge_list,
)
from manifestgen.kube.mergekeys import UNKNOWN, Shape, field_shape, shape_of
from manifestgen.kube.objects import Manifest
from manifestgen.kube.plain import copied, lines, same

# A changed map or list is written whole only where that is so much shorter: the changes say more.
_MUCH_SHORTER: Final = 2


class InexpressibleError(ValueError):
    """No strategic-merge patch says this difference."""


def difference(base: Manifest, target: Manifest) -> Manifest | None:
    """The patch that Kustomize turns ``base`` into ``target`` with; None when they are the same.

    The result has been tried: ``apply_patch(base, difference(base, target))`` is ``target``, list order
    included. Raises InexpressibleError where no patch does it (a ``null`` that must stay, two items with
    equal merge keys, a name or kind that differs).
    """
    try:
        changes = _top(base, target)
        if not changes:
            return None
        patch = {**identification(target), **changes}
        result = apply_patch(base, patch)
    except UnmergeableError as error:
        raise InexpressibleError(str(error)) from error
    if not same(result, target):
        raise InexpressibleError("Kustomize would make something else of every patch")
    return patch


def identification(manifest: Manifest) -> Manifest:
    """The head of a patch, by which Kustomize finds the object."""
    return {
        "apiVersion": manifest["apiVersion"],
        "kind": manifest["kind"],
        "metadata": {"name": manifest["metadata"]["name"]},
    }


def _top(base: Manifest, target: Manifest) -> Manifest:
    """The changed parts of the object; Kustomize heeds no ``$patch: replace`` at the top."""
    changes = _changes(base, target, shape_of(base))
    if "metadata" in changes:
        changes["metadata"] = {"name": target["metadata"]["name"], **changes["metadata"]}
    return changes


def _changes(base: Manifest, target: Manifest, shape: Shape) -> Manifest:
    """The keys whose values differ, each with the patch of its value: none when the maps are the same."""
    changes: Manifest = {}
    for key in all_keys(base, target):
        if key not in target:
            changes[key] = None
        elif key not in base:
            changes[key] = target[key]
        elif (change := _field_change(key, base[key], target[key], shape)) is not ABSENT:
            changes[key] = change
    return changes


def _field_change(key: str, base: Any, target: Any, shape: Shape) -> Any:
    """The patch of a field; ABSENT when it is the same. Maps are gone through once, not compared before."""
    if base is target:
        return ABSENT
    if isinstance(base, dict) and isinstance(target, dict):
        return _map_change(base, target, field_shape(shape, key, base, target)) or ABSENT
    if same(base, target):
        return ABSENT
    return _change(base, target, field_shape(shape, key, base, target))


def all_keys(base: Mapping[str, Any], target: Mapping[str, Any]) -> Iterable[str]:
    """The target's keys in its order, each removed one behind the key it followed."""
    if base.keys() <= target.keys():
        return target
    keys = list(target)
    place = 0
    for key in base:
        if key in target:
            place = keys.index(key) + 1
        else:
            keys.insert(place, key)
            place += 1
    return keys


def _change(base: Any, target: Any, shape: Shape) -> Any:
    check_replacement(base, target)
    if isinstance(base, list) and isinstance(target, list) and shape.merge_keys is not None:
        return _list_change(base, target, shape)
    return target


def _map_change(base: Manifest, target: Manifest, shape: Shape) -> Manifest:
    """The changes of a map, or all of it where that is shorter or the only way."""
    whole = {DIRECTIVE: REPLACE, **target}
    try:
        changes = _changes(base, target, shape)
    except UnmergeableError:
        return whole
    return whole if changes and _much_shorter(whole, changes) else changes


def _list_change(base: list[Any], target: list[Any], shape: Shape) -> list[Any]:
    """The changes of a list that is merged, or all of it where that is shorter or the only way."""
    whole = [{DIRECTIVE: REPLACE}, *target]
    items = _item_changes(base, target, shape)
    if items is None or _much_shorter(whole, items) or not _makes(base, items, target, shape):
        return whole
    return items


def _much_shorter(whole: Any, changes: Any) -> bool:
    changed = lines(changes)
    return changed > _MUCH_SHORTER and _MUCH_SHORTER * lines(whole) < changed


def _makes(base: list[Any], patch: list[Any], target: list[Any], shape: Shape) -> bool:
    return same(merge_list(copied(base), copied(patch), shape), target)


def _item_changes(base: list[Any], target: list[Any], shape: Shape) -> list[Any] | None:
    """The changed items and all before them, then the removed ones; None where no key tells items apart."""
    old, new = _by_key(base, shape), _by_key(target, shape)
    if old is None or new is None:
        return None
    try:
        named = [_item_change(old.get(key), item, shape) for key, item in new.items()]
    except UnmergeableError:
        return None
    gone = [{**_keys_of(item, shape), DIRECTIVE: DELETE} for key, item in old.items() if key not in new]
    return named[: _needed(old, new)] + gone


def _item_change(old: Manifest | None, new: Manifest, shape: Shape) -> Manifest:
    if old is None:
        return new
    return {**_keys_of(new, shape), **_changes(old, new, shape.items or UNKNOWN)}


def _needed(old: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    """How many items the patch has to name so that the others follow in their order without it."""
    order = list(new)
    needed = max(
        (place + 1 for place, key in enumerate(order) if not same(old.get(key), new[key])), default=0
    )
    while order[needed:] != [key for key in old if key in order[needed:]]:
        needed += 1
    return needed


def _by_key(items: list[Any], shape: Shape) -> dict[str, Any] | None:
    """The items by their merge keys; None if one has no key or two have the same."""
    found = {str(_keys_of(item, shape)): item for item in items if _keys_of(item, shape)}
    return found if len(found) == len(items) else None


def _keys_of(item: Any, shape: Shape) -> Manifest:
    if not isinstance(item, dict):
        return {}
    return {key: item[key] for key in shape.merge_keys or () if item.get(key) not in (None, "")}
