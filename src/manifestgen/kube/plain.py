"""Plain data (what YAML parses to): its kinds, strict equality and size."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any


class Form(Enum):
    """The kinds of value a manifest is made of, as Kustomize tells them apart."""

    MAP = auto()
    LIST = auto()
    SCALAR = auto()
    NULL = auto()


def form(value: Any) -> Form:
    """Which kind of value this is."""
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
        return isinstance(right, dict) and len(left) == len(right) and _same_fields(left, right)
    if isinstance(left, list | tuple):
        return isinstance(right, list | tuple) and len(left) == len(right) and all(map(same, left, right))
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def _same_fields(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return all(key in right and same(value, right[key]) for key, value in left.items())


def lines(value: Any) -> int:
    """How many lines ``value`` takes when written as block YAML, about."""
    if isinstance(value, dict):
        return sum(1 + (lines(item) if isinstance(item, dict | list) else 0) for item in value.values())
    if isinstance(value, list):
        return sum(max(1, lines(item)) for item in value)
    return 1


def copied(value: Any) -> Any:
    """A deep copy; much faster than ``copy.deepcopy``, for data has no cycles."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [copied(item) for item in value]
    return value
