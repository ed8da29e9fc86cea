"""One thing in every layer at once: the base first, then each environment.

A layer is the base or an environment. The versions of a thing are a tuple with one entry for each
layer: its value, MISSING where its parent is there without it, ABSENT where even the parent is not
there, so that whatever stands there does not matter.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from enum import Enum
from typing import Any, Final, Literal, TypeVar

_T = TypeVar("_T", bound=Hashable)
Versions = tuple[Any, ...]


class Gap(Enum):
    """Why a layer has no value."""

    MISSING = "missing"
    ABSENT = "absent"


MISSING: Final[Literal[Gap.MISSING]] = Gap.MISSING
ABSENT: Final[Literal[Gap.ABSENT]] = Gap.ABSENT


def present(versions: Versions) -> list[Any]:
    """The values, without the gaps."""
    return [version for version in versions if type(version) is not Gap]


def same(left: Any, right: Any) -> bool:
    """Equality as YAML sees it: ``1``, ``1.0``, ``true`` and ``"1"`` all differ."""
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right):
        return False
    if kind is dict:
        return left.keys() == right.keys() and _same_members(left, right)
    if kind is list:
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def _same_members(left: dict[Any, Any], right: dict[Any, Any]) -> bool:
    for key, value in left.items():
        other = right[key]
        if value is not other and not same(value, other):
            return False
    return True


def all_same(values: Sequence[Any]) -> bool:
    """Whether there is at most one value among ``values``."""
    first = values[0]
    for value in values:  # noqa: SIM110 - layers share most values, and a loop asks at half the price
        if value is not first and not same(first, value):
            return False
    return True


def differing_leaves(values: Sequence[Any]) -> int | None:
    """In how many places ``values`` of one shape differ; None when their shapes do."""
    if all(isinstance(value, dict) for value in values):
        if any(value.keys() != values[0].keys() for value in values):
            return None
        return _sum(differing_leaves([value[key] for value in values]) for key in values[0])
    if all(isinstance(value, list) for value in values):
        if any(len(value) != len(values[0]) for value in values):
            return None
        return _sum(differing_leaves(column) for column in zip(*values, strict=True))
    if any(isinstance(value, dict | list) for value in values):
        return None
    return 0 if all_same(values) else 1


def _sum(counts: Iterable[int | None]) -> int | None:
    total = 0
    for number in counts:
        if number is None:
            return None
        total += number
    return total


def child(versions: Versions, key: str) -> Versions:
    """What stands under ``key`` of a map that each layer has, or none."""
    return tuple([version if type(version) is Gap else version.get(key, MISSING) for version in versions])


def without_missing(versions: Versions) -> Versions:
    """The versions of the inside of an optional thing: where it is missing, anything goes."""
    return tuple([ABSENT if version is MISSING else version for version in versions])


def merged_order(sequences: Iterable[Sequence[_T]]) -> list[_T]:
    """All names, each new one right behind the name it follows in its own sequence."""
    merged: list[_T] = []
    known: set[_T] = set()
    for sequence in sequences:
        place = 0
        for name in sequence:
            if name not in known:
                merged.insert(place, name)
                known.add(name)
            elif merged[place : place + 1] != [name]:
                place = merged.index(name)
            place += 1
    return merged


def keeps_order(merged: Sequence[str], sequence: Sequence[str]) -> bool:
    """Whether ``sequence`` is what remains of ``merged`` when the other names are left out."""
    names = set(sequence)
    return [name for name in merged if name in names] == list(sequence)


def united(left: Versions, right: Versions) -> Versions | None:
    """Both as one, when no layer needs two values; None otherwise."""
    both: list[Any] = []
    for one, other in zip(left, right, strict=True):
        if one is not ABSENT and other is not ABSENT and not same(one, other):
            return None
        both.append(other if one is ABSENT else one)
    return tuple(both)
