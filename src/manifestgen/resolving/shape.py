"""The shape of the models, asked by the path of an error: which keys does a map at this place know?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import StringConstraints

from manifestgen.spec.base import Form, Model
from manifestgen.spec.late import known
from manifestgen.spec.platform import Platform

Loc = tuple[str | int, ...]
"""A location of pydantic's: a path with the tags of unions in between."""

BESIDE_THE_PLATFORM: Final = ("defaults", "environments", "extends", "include")
"""Keys of a spec that are gone when the platform of an environment is put together."""


def keys_at(loc: Loc) -> tuple[str, ...]:
    """The keys that the map at ``loc`` may have, in the order of the models; empty where any key goes."""
    models = _models_at(loc)
    return tuple(dict.fromkeys(_spelled(model, name) for model in models for name in model.model_fields))


def types_at(loc: Loc, key: str | None = None) -> tuple[str, ...]:
    """The values of `type` that tell the members of the union at ``loc`` apart; those that know ``key``."""
    found = (
        word
        for model in _models_at(loc)
        for word in _words(model, "type")
        if key is None or key in (_spelled(model, name) for name in model.model_fields)
    )
    return tuple(dict.fromkeys(found))


def providers_at(loc: Loc, key: str) -> tuple[str, ...]:
    """The providers of the data service at ``loc``, a path that ends in its tag, that know ``key``."""
    kind = str(loc[-1]).split()[0]
    return tuple(
        provider
        for model in _models_at(loc[:-1])
        for provider in _words(model, "provider")
        if kind in _words(model, "type") and key in (_spelled(model, name) for name in model.model_fields)
    )


def choices_at(loc: Loc) -> tuple[str, ...]:
    """The words that may stand at ``loc``; empty where there is no such choice."""
    literals = (get_args(found) for found in _candidates(loc) if get_origin(found) is Literal)
    return tuple(str(word) for words in literals for word in words)


def forms() -> dict[str, str]:
    """What to write where a text must match a pattern, by the pattern."""
    found: dict[str, str] = {}
    for metadata in _metadata(Platform, set()):
        patterns = [m.pattern for m in metadata if isinstance(m, StringConstraints)]
        advice = [m.advice for m in metadata if isinstance(m, Form)]
        found.update((str(pattern), advice[0]) for pattern in patterns if advice)
    return found


def _metadata(annotation: Any, seen: set[Any]) -> Iterator[tuple[Any, ...]]:
    """What stands beside the types in an annotation and in the models that it leads to."""
    if _is_model(annotation):
        if annotation not in seen:
            seen.add(annotation)
            for field in annotation.model_fields.values():
                yield tuple(field.metadata)
                yield from _metadata(known(field.annotation, whole=True), seen)
        return
    if get_origin(annotation) is Annotated:
        yield get_args(annotation)[1:]
    for argument in get_args(annotation):
        yield from _metadata(argument, seen)


def _models_at(loc: Loc) -> list[type[Model]]:
    return [candidate for candidate in _candidates(loc) if _is_model(candidate)]


def _candidates(loc: Loc) -> list[Any]:
    """What the annotations allow at ``loc``."""
    candidates: list[Any] = [Platform]
    for step in loc:
        candidates = [found for candidate in candidates for found in _step(candidate, step)]
    return candidates


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, Model)


def _is_called(model: type[Model], step: str | int) -> bool:
    """Whether a step of a location means this member of a union without tags."""
    return step == model.__name__ or str(step).endswith(f", {model.__name__}]")


@cache
def _spelled(model: type[Model], name: str) -> str:
    return model.model_fields[name].alias or name


@cache
def _members_of_field(model: type[Model], name: str) -> tuple[Any, ...]:
    return tuple(_members(known(model.model_fields[name].annotation, whole=True)))


def _step(candidate: Any, step: str | int) -> list[Any]:
    """What lies one step below: a field, a member of a map or list, or one of a union by its tag or name."""
    if _is_model(candidate):
        names = [name for name in candidate.model_fields if step == _spelled(candidate, name)]
        if names:
            return list(_members_of_field(candidate, names[0]))
        return [candidate] if step in _tags(candidate) or _is_called(candidate, step) else []
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
    """What pydantic calls a member of a union in its locations: see ``spec.datastores.tag_of``."""
    providers = _words(model, "provider")
    suffix = f" {providers[0]}" if providers not in ((), ("chart",)) else ""
    return tuple(f"{word}{suffix}" for word in _words(model, "type"))


def _words(model: type[Model], key: str) -> tuple[str, ...]:
    """The words that the field ``key`` of a model may be, if it has such a field."""
    field = model.model_fields.get(key)
    if field is None or get_origin(field.annotation) is not Literal:
        return ()
    return tuple(str(word) for word in get_args(field.annotation))
