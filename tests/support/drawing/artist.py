"""Draws a value for any annotation of the spec's models.

Nothing here names a field: what the models say is drawn as they say it, so that a new field is drawn as soon
as it exists. What a type cannot say (that a name is one of a workload's ports) is in ``meanings.py``.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args, get_origin

import annotated_types
from pydantic import AfterValidator, BaseModel, JsonValue, StringConstraints
from pydantic.fields import FieldInfo

from manifestgen.spec.late import known
from support.drawing import texts
from support.drawing.choices import Choices
from support.drawing.values import Drawn, DrawnList, DrawnMap


class Place(NamedTuple):
    """Where a value stands: in which field of which model, as its value, a key or an item."""

    model: type[BaseModel] | None = None
    field: str = ""
    role: str = "value"


class Field(NamedTuple):
    """A field of a model: its key in the spec, its type with everything beside it, and whether it must be."""

    name: str
    key: str
    annotation: Any
    required: bool


@cache
def fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    """The fields of a model in their order."""
    hints = typing.get_type_hints(model, include_extras=True)
    return tuple(
        Field(name, info.alias or name, known(hints[name], whole=True), info.is_required())
        for name, info in model.model_fields.items()
    )


@dataclass
class Limits:
    """What stands beside a type in an annotation."""

    low: float | None = None
    high: float | None = None
    fewest: int = 0
    most: int | None = None
    pattern: str | None = None
    check: Callable[..., object] | None = None


def _check_of(validator: AfterValidator) -> Callable[..., object]:
    """The function of ``facts`` inside a validator made by ``spec.base``, else the validator's own."""
    closure = getattr(validator.func, "__closure__", None) or ()
    inner = [cell.cell_contents for cell in closure if callable(cell.cell_contents)]
    found = inner[0] if inner else validator.func
    return found.func if isinstance(found, partial) else found


def _entries(metadata: tuple[Any, ...]) -> Iterator[Any]:
    for entry in metadata:
        yield from entry.metadata if isinstance(entry, FieldInfo) else (entry,)


def limits_of(metadata: tuple[Any, ...]) -> Limits:
    """All of ``metadata`` together."""
    found = Limits()
    for entry in _entries(metadata):
        _apply(found, entry)
    return found


def _apply(found: Limits, entry: Any) -> None:
    match entry:
        case StringConstraints():
            found.pattern = str(entry.pattern) if entry.pattern is not None else found.pattern
            found.fewest = entry.min_length or found.fewest
            found.most = entry.max_length or found.most
        case AfterValidator():
            found.check = _check_of(entry)
        case annotated_types.MinLen(length):
            found.fewest = length
        case annotated_types.MaxLen(length):
            found.most = length
        case _:
            _bound(found, entry)


def _bound(found: Limits, entry: Any) -> None:
    match entry:
        case annotated_types.Ge(bound):
            found.low = float(bound)  # type: ignore[arg-type]
        case annotated_types.Gt(bound):
            found.low = float(bound) + 0.001  # type: ignore[arg-type]
        case annotated_types.Le(bound):
            found.high = float(bound)  # type: ignore[arg-type]
        case annotated_types.Lt(bound):
            found.high = float(bound) - 0.001  # type: ignore[arg-type]


Meaning = Callable[["Artist", Place], Any]


class UntaughtError(TypeError):
    """An annotation that nobody taught us to draw."""


class Artist:
    """Draws with ``choices``; ``meanings`` are asked before the type, by model and key."""

    def __init__(self, choices: Choices, meanings: Callable[[Place], Meaning | None], shapes: Any) -> None:
        self.choices, self._meanings, self.shapes = choices, meanings, shapes
        self.density = 30
        self.wanted: frozenset[tuple[type[BaseModel], str]] = frozenset()

    def model(self, model: type[BaseModel]) -> Drawn:
        """A map for ``model``: what it must have, some of the rest."""
        density, self.density = self.density, self.choices.pick((15, 30, 10, 45))
        fields = fields_of(model)
        chosen = {f.name for f in fields if f.required or self.choices.chance(self._odds(model, f))}
        chosen = self.shapes.fitted(self.choices, model, chosen)
        drawn = Drawn(model, {f.key: self.field(model, f) for f in fields if f.name in chosen})
        self.shapes.tidied(self, drawn)
        self.density = density
        return drawn

    def _odds(self, model: type[BaseModel], field: Field) -> int:
        """A field that leads to what this spec is about is nearly always there."""
        return 90 if (model, field.name) in self.wanted else self.density

    def _member(self, members: list[Any]) -> Any:
        """One member of a union."""
        about = {model for model, _ in self.wanted}
        preferred = [member for member in members if member in about]
        return self.choices.pick(preferred if preferred and self.choices.chance(60) else members)

    def field(self, model: type[BaseModel], field: Field) -> Any:
        """A value for one field."""
        return self.value(field.annotation, Place(model, field.name))

    def value(self, annotation: Any, place: Place) -> Any:
        """A value of a type."""
        meaning = self._meanings(place)
        return meaning(self, place) if meaning is not None else self.typed(annotation, place)

    def typed(self, annotation: Any, place: Place, metadata: tuple[Any, ...] = ()) -> Any:
        """A value of a type, whatever it means."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self.typed(arguments[0], place, (*arguments[1:], *metadata))
        if origin in (typing.Union, types.UnionType):
            members = [member for member in arguments if member is not type(None)]
            return self.typed(self._member(members), place, metadata)
        if origin is Literal:
            return self.choices.pick(arguments)
        if origin in (dict, list):
            return self._collection(annotation, place, metadata)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self.model(annotation)
        if annotation is JsonValue:
            return self._anything(2)
        return self._scalar(annotation, place, limits_of(metadata))

    def _collection(self, annotation: Any, place: Place, metadata: tuple[Any, ...]) -> Any:
        limits, whole = limits_of(metadata), Annotated[annotation, *metadata] if metadata else annotation
        fewest = limits.fewest
        size = self.choices.pick((max(1, fewest), max(1, fewest), fewest + 1, 2, fewest))
        size = size if limits.most is None else min(size, limits.most)
        if get_origin(annotation) is list:
            return self._list(annotation, DrawnList(whole, place, fewest, []), size)
        drawn = DrawnMap(whole, place, fewest, {})
        for _ in range(size * 3):
            if len(drawn) < size:
                self.add_member(drawn)
        return drawn

    def _list(self, annotation: Any, drawn: DrawnList, size: int) -> DrawnList:
        (item,) = get_args(annotation)
        for _ in range(size):
            value = self.value(item, drawn.place._replace(role="item"))
            if value not in drawn or self.choices.chance(5):
                drawn.append(value)
        return drawn

    def add_member(self, drawn: DrawnMap) -> None:
        """One more key and member, unless the key is there already."""
        key_type, member_type = get_args(_bare(drawn.annotation))
        key = self.value(key_type, drawn.place._replace(role="key"))
        member = self.value(member_type, drawn.place._replace(role="item"))
        drawn.setdefault(key, member)

    def _scalar(self, annotation: Any, place: Place, limits: Limits) -> Any:
        if annotation is bool:
            return self.choices.chance(50)
        if annotation is int:
            return self._integer(limits)
        if annotation is float:
            return self._fraction(limits)
        if annotation is str:
            return self.text(place, limits)
        if annotation is Any:
            return self._anything(2)
        raise UntaughtError(f"{annotation} of {place}")

    def _integer(self, limits: Limits) -> int:
        low = int(limits.low) if limits.low is not None else -5
        high = int(limits.high) if limits.high is not None else 2**31
        usual = [number for number in _USUAL if low <= number <= high]
        if usual and self.choices.chance(85):
            return self.choices.pick(usual)
        return self.choices.pick((low, high, self.choices.integer(low, min(high, low + 100_000))))

    def _fraction(self, limits: Limits) -> float:
        low = limits.low if limits.low is not None else -100.0
        high = limits.high if limits.high is not None else 1e9
        return self.choices.pick([n for n in (1, 5, 0.5, 0.05, 20, 99.9, 1234567.25, 0) if low <= n <= high])

    def text(self, place: Place, limits: Limits) -> str:
        """A text within its limits."""
        for _ in range(4):
            text = self._text(place, limits)
            if limits.most is None or len(text) <= limits.most:
                return text
        return self._text(place, limits)[: limits.most]

    def _text(self, place: Place, limits: Limits) -> str:
        if limits.check in texts.BY_CHECK:
            return texts.BY_CHECK[limits.check](self.choices)
        if limits.check is not None and limits.pattern is None:
            raise UntaughtError(
                f"texts that {limits.check.__name__} accepts, for {place}: see texts.BY_CHECK"
            )
        if limits.pattern is not None:
            return self.choices.matching(limits.pattern)
        if place.role == "item" and self.choices.chance(70):
            return self.choices.pick(texts.WORDS)
        return texts.free(self.choices)

    def _anything(self, depth: int) -> Any:
        choice = self.choices.integer(0, 9)
        if depth and choice > 7:
            keys = ("extra", "enabled", "a.b/c", "on", "1")
            return {key: self._anything(depth - 1) for key in self.choices.sample(keys, 2)}
        if depth and choice > 6:
            return [self._anything(depth - 1)]
        return self.choices.pick((True, 1, "text", 0.5, "yes", "", 10**7, "a\nb\n", False, 0))


_USUAL: Final = (1, 2, 3, 5, 10, 30, 80, 443, 8080, 9090, 100, 1000, 65000)


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def models_below(annotation: Any, seen: set[type[BaseModel]] | None = None) -> set[type[BaseModel]]:
    """Every model that an annotation leads to."""
    seen = set() if seen is None else seen
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.add(annotation)
            for field in fields_of(annotation):
                models_below(field.annotation, seen)
    elif get_origin(annotation) is not Literal:
        for argument in get_args(annotation):
            models_below(argument, seen)
    return seen


@cache
def ways_to(root: type[BaseModel]) -> dict[type[BaseModel], tuple[tuple[type[BaseModel], str], ...]]:
    """For each model below ``root`` the fields that it stands in, of models that are nearer to the root."""
    depth = {root: 0}
    found: dict[type[BaseModel], list[tuple[type[BaseModel], str]]] = {root: []}
    queue = [root]
    for model in queue:
        for field in fields_of(model):
            for child in sorted(models_in(field.annotation), key=lambda one: one.__name__):
                if child not in depth:
                    depth[child] = depth[model] + 1
                    queue.append(child)
                if depth[child] > depth[model]:
                    found.setdefault(child, []).append((model, field.name))
    return {model: tuple(ways) for model, ways in found.items()}


def texts_in(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[Limits]:
    """The limits of all texts in an annotation, without those of the models that it names."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from texts_in(arguments[0], (*arguments[1:], *metadata))
    elif annotation is str:
        yield limits_of(metadata)
    elif origin is not Literal:
        inner = () if origin in (dict, list) else metadata
        for argument in arguments:
            yield from texts_in(argument, inner)


def models_in(annotation: Any) -> set[type[BaseModel]]:
    """The models that an annotation names itself."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    if get_origin(annotation) is Literal:
        return set()
    return {model for argument in get_args(annotation) for model in models_in(argument)}


def themes(
    choices: Choices, root: type[BaseModel], count: int, about: Sequence[tuple[str, str]] = ()
) -> frozenset[tuple[type[BaseModel], str]]:
    """Some fields, and for each the fields that lead to it from ``root``: what a spec shall be about.

    They are of those that ``about`` names, if it names any.
    """
    ways = ways_to(root)
    every = [(model, field) for model in ways for field in fields_of(model)]
    named = set(about)
    preferred = [(model, field) for model, field in every if (model.__name__, field.key) in named]
    wanted: set[tuple[type[BaseModel], str]] = set()
    for _ in range(count):
        model, field = choices.pick(preferred or every)
        wanted.add((model, field.name))
        while ways[model]:
            model, name = choices.pick(ways[model])
            wanted.add((model, name))
    return frozenset(wanted)
