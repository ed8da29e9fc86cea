"""Which fields of which models drawn specs use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.spec.platform import Platform
from support.drawing.artist import fields_of, models_below
from support.drawing.values import Drawn

FieldOf = tuple[str, str]


def all_fields() -> set[FieldOf]:
    """Every field of every model that a spec may hold, by the model's name and the key."""
    return {(model.__name__, field.key) for model in models_below(Platform) for field in fields_of(model)}


def used_fields(value: Any) -> Iterator[FieldOf]:
    """Those that a drawn platform uses."""
    if isinstance(value, Drawn):
        yield from ((value.model.__name__, key) for key in value)
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from used_fields(member)


def share(place: int, parts: int) -> tuple[FieldOf, ...]:
    """One of ``parts`` shares of all fields, of each model some."""
    return tuple(sorted(all_fields()))[place::parts]
