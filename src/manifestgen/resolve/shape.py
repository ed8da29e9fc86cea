"""The shape of the models, asked by the path of an error: which keys does a map at this place know?"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from manifestgen.spec.base import Model
from manifestgen.spec.platform import Platform


def keys_at(loc: tuple[str | int, ...], *, tags: bool = False) -> tuple[str, ...]:
    """The keys that the map at ``loc`` (a location of pydantic's) may have, in the order of the models.

    With ``tags``, the values that tell the members of the union there apart. Empty where any key goes.
    """
    candidates: list[Any] = [Platform]
    for step in loc:
        candidates = [found for candidate in candidates for found in _step(candidate, step)]
    models = [c for c in candidates if _is_model(c)]
    if tags:
        return tuple(tag for model in models for tag in _tags(model))
    return tuple(dict.fromkeys(field.alias or name for m in models for name, field in m.model_fields.items()))


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, Model)


def _step(candidate: Any, step: str | int) -> list[Any]:
    """What lies one step below: a field, a member of a map or list, or a member of a union by its tag."""
    if _is_model(candidate):
        fields = [f.annotation for n, f in candidate.model_fields.items() if step in (f.alias, n)]
        if fields:
            return _members(fields[0])
        return [candidate] if step in (*_tags(candidate), candidate.__name__) else []
    origin, arguments = get_origin(candidate), get_args(candidate)
    if origin is dict:
        return _members(arguments[1])
    if origin is list:
        return _members(arguments[0])
    return []


def _members(annotation: Any) -> list[Any]:
    """The members of a union, without None; anything else is its own member."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [
            m for argument in get_args(annotation) if argument is not NoneType for m in _members(argument)
        ]
    return [annotation]


def _tags(model: type[Model]) -> tuple[str, ...]:
    field = model.model_fields.get("type")
    if field is None or get_origin(field.annotation) is not Literal:
        return ()
    return tuple(str(tag) for tag in get_args(field.annotation))
