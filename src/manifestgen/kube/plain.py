"""Plain data (what YAML parses to): its kinds, strict equality and size."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any, Final


class Form(Enum):
    """The kinds of value a manifest is made of, as Kustomize tells them apart."""

    MAP = auto()
    LIST = auto()
    SCALAR = auto()
    NULL = auto()


_FORMS: Final[dict[type, Form]] = {
    str: Form.SCALAR,
    int: Form.SCALAR,
    float: Form.SCALAR,
    bool: Form.SCALAR,
    dict: Form.MAP,
    list: Form.LIST,
    type(None): Form.NULL,
}
"""The kinds of nearly all values there are; subclasses are looked at more closely."""


def form(value: Any) -> Form:
    """Which kind of value this is."""
    known = _FORMS.get(type(value))
    if known is not None:
        return known
    if isinstance(value, dict):
        return Form.MAP
    if isinstance(value, list | tuple):
        return Form.LIST
    return Form.NULL if value is None else Form.SCALAR


def same(left: Any, right: Any) -> bool:
    """Whether both are the same data: the order of keys is free, ``1`` is not ``true``."""
    if left is right:
        return True
    if isinstance(left, dict):
        return isinstance(right, dict) and _same_fields(left, right)
    if isinstance(left, (list, tuple)):
        return isinstance(right, (list, tuple)) and len(left) == len(right) and all(map(same, left, right))
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def _same_fields(left: dict[str, Any], right: dict[str, Any]) -> bool:
    # A loop and no ``all``: half of the time of an overlay is spent here.
    if len(left) != len(right):
        return False
    for key, value in left.items():
        if key not in right or not (value is right[key] or same(value, right[key])):
            return False
    return True


def lines(value: Any) -> int:
    """How many lines ``value`` takes when written as block YAML, about."""
    if isinstance(value, dict):
        return sum(1 + (lines(item) if isinstance(item, dict | list) else 0) for item in value.values())
    if isinstance(value, list):
        return sum(max(1, lines(item)) for item in value)
    return 1


_NESTED: Final = (dict, list, tuple)


def copied(value: Any) -> Any:
    """A deep copy; much faster than ``copy.deepcopy``, for data has no cycles."""
    if isinstance(value, dict):
        return {key: copied(item) if isinstance(item, _NESTED) else item for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [copied(item) if isinstance(item, _NESTED) else item for item in value]
    return value


def without_null_members(value: Any) -> Any:
    """The same without members of maps that are null: to Kubernetes they are not there."""
    if isinstance(value, dict):
        return {key: without_null_members(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_null_members(item) for item in value]
    return value
