"""Drawn values: plain dicts and lists that still know what they were drawn for."""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]


class Ref(str):
    """The name of another part of the spec; ``pick`` says which of those there are."""

    kind: str
    pick: int

    def __new__(cls, kind: str, pick: int, name: str = "unresolved") -> Ref:
        """A reference to something of ``kind``, spelled ``name``."""
        made = super().__new__(cls, name)
        made.kind, made.pick = kind, pick
        return made


class Drawn(dict[str, Any]):
    """A map that is one model of the spec."""

    model: type[Any]

    def __init__(self, model: type[Any], members: dict[str, Any]) -> None:
        super().__init__(members)
        self.model = model


class DrawnMap(dict[str, Any]):
    """A map of named things; ``made_by`` draws another key and member."""

    def __init__(self, annotation: Any, place: Any, fewest: int, members: dict[str, Any]) -> None:
        super().__init__(members)
        self.annotation, self.place, self.fewest = annotation, place, fewest


class DrawnList(list[Any]):
    """A list; ``annotation`` is that of the whole list."""

    def __init__(self, annotation: Any, place: Any, fewest: int, items: list[Any]) -> None:
        super().__init__(items)
        self.annotation, self.place, self.fewest = annotation, place, fewest


def copied(value: Any) -> Any:
    """A copy that shares nothing that can change."""
    if isinstance(value, Drawn):
        return Drawn(value.model, {key: copied(member) for key, member in value.items()})
    if isinstance(value, DrawnMap):
        members = {key: copied(member) for key, member in value.items()}
        return DrawnMap(value.annotation, value.place, value.fewest, members)
    if isinstance(value, DrawnList):
        return DrawnList(value.annotation, value.place, value.fewest, [copied(item) for item in value])
    if isinstance(value, dict):
        return {key: copied(member) for key, member in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """``value`` as dicts, lists and scalars of Python itself."""
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def at(value: Any, path: Path) -> Any:
    """What lies at ``path``; raises LookupError when nothing does."""
    for step in path:
        if isinstance(value, list) != isinstance(step, int) or not isinstance(value, dict | list):
            raise LookupError(path)
        value = value[step]
    return value
