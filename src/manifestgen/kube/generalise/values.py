"""The values that the objects refer to: each has one place, and one value in each layer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import count
from typing import Any, Final, NamedTuple

from manifestgen.kube.generalise.layers import ABSENT, MISSING, Gap, Versions, all_same, present, united
from manifestgen.kube.generalise.tree import ValuePath
from manifestgen.yamlio import emit

LARGE: Final = 1_000_000
"""From here on Helm prints a bare number as 1e+06."""
EXACT: Final = 2**53
"""Beyond this a whole number loses digits on its way through Helm."""
_SHORT: Final = re.compile(r"[!-~](?:[ -~]{0,38}[!-~])?")
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_COUNT: Final = re.compile(r"[0-9]{1,6}%")


class Shape(Enum):
    """What kind of value it is, over all layers; it decides how a template prints it."""

    STRING = "string"
    INTEGER = "integer"
    LARGE_INTEGER = "large integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    COUNT = "count or percentage"
    SCALAR = "scalar"
    MAP = "map"
    LIST = "list"
    TEXT = "YAML as text"
    """What Helm would spoil as data: nulls, things of several kinds, control characters."""


class About(NamedTuple):
    """What people are told about a value.

    ``is_count`` allows a number as well as a percentage; ``choices`` are all the words there are for it.
    """

    description: str = ""
    is_count: bool = False
    choices: tuple[str, ...] = ()


class Value(NamedTuple):
    """A value of the chart: where it lies, and what it is in each layer (the base first)."""

    path: ValuePath
    versions: Versions
    shape: Shape
    about: About

    @property
    def has_default(self) -> bool:
        """Whether the base says what it is, be it that it is not there."""
        return self.versions[0] is not ABSENT


class Values:
    """Hands out places for values; no two that differ in any layer share one."""

    def __init__(self, reserved: Collection[str]) -> None:
        self._reserved = frozenset(reserved)
        self._leaves: dict[ValuePath, tuple[Versions, About]] = {}
        self._inner: set[ValuePath] = set()

    def claim(self, candidates: Iterable[ValuePath], versions: Versions, about: About) -> ValuePath:
        """The place of one value, see ``claim_parts``."""
        return self.claim_parts(candidates, {(): (versions, about)})

    def claim_parts(
        self, candidates: Iterable[ValuePath], parts: Mapping[ValuePath, tuple[Versions, About]]
    ) -> ValuePath:
        """The first of ``candidates`` below which all ``parts`` have a place, which they then hold.

        A place may be shared by things that are the same in every layer. When no candidate will do,
        the last one is numbered until one does.
        """
        for candidate in _numbered(candidates):
            places = {part: self._place(candidate + part, versions) for part, (versions, _) in parts.items()}
            if None in places.values():
                continue
            for part, versions in places.items():
                self._hold(candidate + part, versions or (), parts[part][1])
            return candidate
        raise AssertionError("numbers never end")

    def versions(self, path: ValuePath) -> Versions | None:
        """What is held at ``path``."""
        return self._leaves[path][0] if path in self._leaves else None

    def finished(self) -> tuple[Value, ...]:
        """All values in the order in which they were claimed, gaps filled where all layers agree."""
        return tuple(_value(path, versions, about) for path, (versions, about) in self._leaves.items())

    def _place(self, path: ValuePath, versions: Versions) -> Versions | None:
        if path[0] in self._reserved or path in self._inner:
            return None
        if any(path[:length] in self._leaves for length in range(1, len(path))):
            return None
        return _shared_by(self._leaves[path][0], versions) if path in self._leaves else versions

    def _hold(self, path: ValuePath, versions: Versions, about: About) -> None:
        known = self._leaves.get(path)
        self._leaves[path] = (versions, known[1] if known else about)
        self._inner.update(path[:length] for length in range(1, len(path)))


def _shared_by(held: Versions, versions: Versions) -> Versions | None:
    """Both as one value; None when they are not the same, or when it could not be written as each of them is.

    Whoever holds a map or a list counts on one in every layer.
    """
    both = united(held, versions)
    if both is None:
        return None
    shapes = {shape_of(values) for one in (held, versions, both) if (values := present(one))}
    return None if len(shapes) > 1 and shapes & {Shape.MAP, Shape.LIST} else both


def _numbered(candidates: Iterable[ValuePath]) -> Iterator[ValuePath]:
    last: ValuePath = ()
    for last in candidates:
        yield last
    for number in count(2):
        for place in reversed(range(len(last))):  # what is in the way may be a value at any part of the path
            yield (*last[:place], f"{last[place]}{number}", *last[place + 1 :])


def _value(path: ValuePath, versions: Versions, about: About) -> Value:
    values = present(versions)
    shape = shape_of(values, about)
    if shape is Shape.TEXT:
        versions = tuple(version if isinstance(version, Gap) else emit.flow(version) for version in versions)
    elif shape is Shape.LARGE_INTEGER:
        versions = tuple(
            str(version) if type(version) is int and abs(version) > EXACT else version for version in versions
        )
    if MISSING not in versions and all_same(values):
        versions = tuple(present(versions)[0] for _ in versions)
    elif versions[0] is ABSENT and shape is Shape.MAP and MISSING not in versions:
        versions = (_shared(values), *versions[1:])
    return Value(path, versions, shape, about)


def _shared(maps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What all maps say: a good start where the base leaves open what stands in one."""
    shared: dict[str, Any] = {}
    for key, value in maps[0].items():
        others = [other[key] for other in maps if key in other]
        if len(others) < len(maps):
            continue
        if all(isinstance(other, dict) for other in others):
            shared[key] = _shared(others)
        elif all_same(others):
            shared[key] = value
    return shared


_SHAPES: Final[dict[frozenset[type], Shape]] = {
    frozenset({str}): Shape.STRING,
    frozenset({bool}): Shape.BOOLEAN,
    frozenset({int}): Shape.INTEGER,
    frozenset({float}): Shape.NUMBER,
    frozenset({int, float}): Shape.NUMBER,
    frozenset({dict}): Shape.MAP,
    frozenset({list}): Shape.LIST,
}


_NOTHING: Final = About()


def shape_of(values: Collection[Any], about: About = _NOTHING) -> Shape:
    """The shape that all ``values`` have."""
    if about.is_count and all(_is_count(value) for value in values):
        return Shape.COUNT
    shape = _SHAPES.get(frozenset(map(type, values)), Shape.SCALAR)
    if shape is Shape.INTEGER and any(abs(value) >= LARGE for value in values):
        return Shape.LARGE_INTEGER
    if shape is Shape.STRING and any(map(_is_unprintable, values)):
        return Shape.TEXT
    if shape in (Shape.MAP, Shape.LIST) and any(map(_is_fragile, values)):
        return Shape.TEXT
    if shape is Shape.SCALAR and not all(_is_tame(value) for value in values):
        return Shape.TEXT
    return shape


def _is_count(value: Any) -> bool:
    if type(value) is int:
        return 0 <= value < LARGE
    return isinstance(value, str) and _COUNT.fullmatch(value) is not None


def _is_fragile(value: Any) -> bool:
    """Whether a map or list loses something between a values file and what ``toYaml`` makes of it.

    In a map of values null means "remove this key", and a key ``<<``, which ``toYaml`` does not quote, merges
    another map; ``toYaml`` prints nothing at all when a string holds
    some of the characters that cannot be seen, takes others for line breaks, and lets empty lines at the
    end of a string run into those that follow. And Helm cuts blanks of all kinds off the end of each file.
    """
    if isinstance(value, str):
        return _ends_blank(value) or _is_unprintable(value)
    if isinstance(value, dict):
        return _MERGE in value or _has_fragile(value) or _has_fragile(value.values())
    if isinstance(value, list):
        return any(item is not None and _is_fragile(item) for item in value)
    return value is None


_MERGE: Final = "<<"


def _has_fragile(values: Collection[Any]) -> bool:
    """Whether one of them is; most are plain words, which are asked all at once."""
    try:
        if "".join(values).isprintable() and not any(map(_ends_blank, values)):
            return False
    except TypeError:
        pass  # not all of them are texts
    return any(map(_is_fragile, values))


def _ends_blank(value: str) -> bool:
    """Whether it ends in empty lines, or in a blank before which ``toYaml`` puts no quotes."""
    last = value.removesuffix("\n")[-1:]
    return value.endswith("\n\n") or (last.isspace() and last not in _QUOTED)


_QUOTED: Final = " \t\n"


def _is_unprintable(value: str) -> bool:
    """Whether Helm 3 cannot even hold the string against a schema."""
    return not value.isprintable() and _UNPRINTABLE.search(value) is not None


def _is_tame(value: Any) -> bool:
    """Whether ``toYaml`` prints it on one line."""
    if isinstance(value, str):
        return _SHORT.fullmatch(value) is not None
    return isinstance(value, bool | int | float) and abs(value) < EXACT
