"""Where the spec takes any text: found in the models, so that a new field cannot be forgotten."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from manifestgen.spec.late import known
from manifestgen.spec.platform import Platform

Step = str | int
Path = tuple[Step, ...]

HOSTILE = '"{#'
"""What takes these three takes about everything."""
STARTS = ("", "/", "https://x/", "oci://x/")
"""How a text may have to begin; addresses, for example, are free after their scheme."""


class Free(NamedTuple):
    """A kind of place: a field, and of a map its ``keys`` or ``values``."""

    field: str
    part: str


@dataclass(frozen=True)
class Place:
    """A place in a spec that takes any text: its path, and what the text has to begin with."""

    path: Path
    is_key: bool
    kind: Free
    allowed: Allowed

    def fitted(self, text: str) -> str:
        """``text`` so that it fits here: with the right start, without what is refused here."""
        return self.allowed.fitted(text)


class Allowed:
    """What a field takes: texts that begin with ``start``, of the characters that it accepts."""

    def __init__(self, start: str, accepts: Callable[[str], bool]) -> None:
        self.start = start
        self._accepts = accepts
        self._characters: dict[str, bool] = {}

    def fitted(self, text: str) -> str:
        """``text`` with what it has to begin with and without the characters that are refused."""
        fitted = self.start + "".join(filter(self._takes, text))
        return fitted if self._accepts(fitted) else f"{self.start}x"

    def _takes(self, character: str) -> bool:
        if character not in self._characters:
            self._characters[character] = self._accepts(f"{self.start}x{character}x")
        return self._characters[character]


def known_kinds(model: type[BaseModel] = Platform) -> set[Free]:
    """All kinds of places in the models."""
    return {free for one in _models(model, set()) for free, _ in _own(one)}


def places(platform: BaseModel) -> list[Place]:
    """The places in a platform that are filled in, by their path in the spec."""
    return list(dict.fromkeys(_places(platform, ())))


def put(spec: Any, place: Place, text: str) -> None:
    """Put a text into a plain spec."""
    *above, last = place.path
    for step in above:
        spec = spec[step]
    if not place.is_key:
        spec[last] = text
        return
    members = list(spec.items())
    spec.clear()
    spec.update((text if key == last else key, value) for key, value in members)


# --- The models ------------------------------------------------------------------------------------


def declared_in(model: type[BaseModel], field: str) -> str:
    """A field by the class that has it first."""
    first = next(base for base in reversed(model.__mro__) if field in vars(base).get("__annotations__", ()))
    return f"{first.__name__}.{field}"


def _models(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for part in _walk(known(field.annotation, whole=True)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _models(part, seen)


def _walk(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation) if get_origin(annotation) is not Literal else ():
        yield from _walk(argument)


def _own(model: type[BaseModel]) -> Iterator[tuple[Free, Allowed]]:
    for name, field in model.model_fields.items():
        annotation = known(field.annotation, whole=True)
        if field.metadata:
            annotation = Annotated[(annotation, *field.metadata)]
        for part, allowed in _free_parts(annotation):
            yield Free(declared_in(model, name), part), allowed


def _free_parts(annotation: Any, part: str = "values") -> Iterator[tuple[str, Allowed]]:
    """The parts of a field that take any text."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if get_origin(arguments[0]) is None:
            yield from ((part, allowed) for allowed in _starts(annotation))
        else:
            yield from _free_parts(arguments[0], part)
    elif origin in (dict, Mapping):
        yield from _free_parts(arguments[0], "keys")
        yield from _free_parts(arguments[1], "values")
    elif origin in (list, tuple, Union, types.UnionType):
        for argument in arguments:
            yield from _free_parts(argument, part)
    elif annotation in (str, Any):
        anything = Allowed("", lambda _: True)
        yield part, anything
        if annotation is Any:
            yield "keys", anything


def _starts(annotation: Any) -> Iterator[Allowed]:
    """What a text has to begin with; nothing when the field is not free at all."""
    if get_args(annotation)[0] is str:
        accepts = _accepts(TypeAdapter(annotation))
        free = (start for start in STARTS if all(accepts(f"{start}x{character}x") for character in HOSTILE))
        yield from (Allowed(start, accepts) for start in list(free)[:1])


def _accepts(adapter: TypeAdapter[Any]) -> Callable[[str], bool]:
    def accepts(text: str) -> bool:
        try:
            adapter.validate_python(text, strict=True)
        except ValidationError:
            return False
        return True

    return accepts


# --- A platform ------------------------------------------------------------------------------------


def _places(value: Any, path: Path) -> Iterator[Place]:
    if isinstance(value, BaseModel):
        free = dict(_own(type(value)))
        for name, field in type(value).model_fields.items():
            if name in value.model_fields_set:
                below = (*path, field.alias or name)
                member = getattr(value, name)
                yield from _texts(member, below, declared_in(type(value), name), free)
                yield from _places(member, below)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _places(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _places(member, (*path, index))


def _texts(value: Any, path: Path, field: str, free: Mapping[Free, Allowed]) -> Iterator[Place]:
    """The free texts of one field, also in maps and lists of it."""
    values, keys = Free(field, "values"), Free(field, "keys")
    if isinstance(value, str) and values in free:
        yield Place(path, False, values, free[values])
    elif isinstance(value, Mapping):
        for key, member in value.items():
            if keys in free:
                yield Place((*path, key), True, keys, free[keys])
            yield from _texts(member, (*path, key), field, free)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _texts(member, (*path, index), field, free)
