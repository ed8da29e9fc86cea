"""The reference of the spec, from the pydantic models: every key with its type, default and meaning."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import JsonValue, StringConstraints
from pydantic.fields import FieldInfo

import manifestgen.spec
from manifestgen.spec.base import Model
from manifestgen.spec.documentation import field_documentation
from manifestgen.spec.late import known
from manifestgen.spec.platform import Platform
from manifestgen.yamlio import emit

_BOUNDS = {Ge: "at least", Gt: "above", Le: "at most", Lt: "below"}
_ESCAPED_PIPE = "\\|"
_PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    Any: "anything",
    JsonValue: "anything",
}


def keys_of_the_spec() -> str:
    """One section for each model, in the order in which they are first named; then the kinds of values."""
    kinds = dict(_kinds())
    sections = [_section(model, kinds) for model in _reachable()]
    return "\n".join([*sections, _kinds_section(kinds)])


def _reachable() -> list[type[Model]]:
    """``Platform`` and every model it leads to, depth first; what several inherit from comes before them."""
    found: dict[type[Model], None] = {}

    def visit(model: type[Model]) -> None:
        for parent in _parents(model):
            if parent not in found:
                visit(parent)
        if model in found:
            return
        found[model] = None
        for name in _own_fields(model):
            for below in _models_in(_hints(model)[name]):
                visit(below)

    visit(Platform)
    return list(found)


def _parents(model: type[Model]) -> list[type[Model]]:
    return [base for base in model.__bases__ if issubclass(base, Model) and base is not Model]


def _own_fields(model: type[Model]) -> dict[str, FieldInfo]:
    inherited = {name for parent in _parents(model) for name in parent.model_fields}
    return {name: field for name, field in model.model_fields.items() if name not in inherited}


def _hints(model: type[Model]) -> dict[str, Any]:
    hints = get_type_hints(model, include_extras=True)
    return {name: known(hint, whole=True) for name, hint in hints.items()}


def _models_in(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _section(model: type[Model], kinds: dict[str, tuple[Any, str]]) -> str:
    parents = [f"[{parent.__name__}](#{parent.__name__.lower()})" for parent in _parents(model)]
    lines = [f"## {model.__name__}", "", _prose(model.__doc__), ""]
    if parents:
        lines += [f"It has all keys of {' and '.join(parents)}, and these:", ""]
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    hints = _hints(model)
    documentation = field_documentation(model)
    for name, field in _own_fields(model).items():
        type_ = _words(hints[name], kinds)
        meaning = _prose(documentation.get(name)) or _meaning_of_tag(field)
        lines.append(_row(f"`{field.alias or name}`", type_, _default(field), meaning))
    return "\n".join([*lines, ""])


def _meaning_of_tag(field: FieldInfo) -> str:
    return "Says which kind it is." if get_origin(field.annotation) is Literal else ""


def _prose(text: str | None) -> str:
    return " ".join((text or "").replace("``", "`").split())


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', _ESCAPED_PIPE) for cell in cells)} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    default = field.get_default(call_default_factory=True)
    if default is None:
        return "none"
    written = _plain(default)
    return "its own defaults" if isinstance(default, Model) and not written else f"`{emit.flow(written)}`"


def _plain(default: Any) -> Any:
    """A default as one would write it in a spec: of a model, what is not its own default."""
    if isinstance(default, Model):
        return default.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(default, dict):
        return {key: _plain(value) for key, value in default.items()}
    if isinstance(default, list | tuple):
        return [_plain(value) for value in default]
    return default


def _words(annotation: Any, kinds: dict[str, tuple[Any, str]]) -> str:
    """A type as a reader of the spec would name it."""
    name, rest = _kind_of(annotation, kinds)
    if name is not None:
        return " ".join(filter(None, [f"[{_spaced(name)}](#{_anchor(name)})", _limits(rest)]))
    if get_origin(annotation) is not None:
        return _words_of_generic(get_origin(annotation), get_args(annotation), kinds)
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _PLAIN[annotation]


def _words_of_generic(origin: Any, arguments: tuple[Any, ...], kinds: dict[str, tuple[Any, str]]) -> str:
    if origin is Literal:
        return _or([f"`{value}`" for value in arguments])
    if origin is Annotated:
        return _limited(_words(arguments[0], kinds), _limits(list(arguments[1:])))
    words = [_words(argument, kinds) for argument in arguments if argument is not NoneType]
    if origin is dict:
        return f"map of {words[0]} to {words[1]}"
    if origin is list:
        return f"list of {words[0]}"
    assert origin in (Union, UnionType), origin
    by_type = all("type" in _fields_of(member) for member in arguments if member is not NoneType)
    return _or(words) + (", by `type`" if by_type else "")


def _limited(words: str, limits: str) -> str:
    """``list of text`` → ``list (not empty) of text``: a limit stands by what it limits."""
    collection, of, rest = words.partition(" of ")
    if limits and collection in ("list", "map"):
        return f"{collection} {limits}{of}{rest}"
    return " ".join(filter(None, [words, limits]))


def _fields_of(annotation: Any) -> dict[str, FieldInfo]:
    is_model = isinstance(annotation, type) and issubclass(annotation, Model)
    return annotation.model_fields if is_model else {}


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _kind_of(annotation: Any, kinds: dict[str, tuple[Any, str]]) -> tuple[str | None, list[Any]]:
    """The named kind that this type is, and what it adds to it."""
    for name, (kind, _) in kinds.items():
        if annotation == kind:
            return name, []
        if get_origin(annotation) is get_origin(kind) is Annotated:
            mine, theirs = get_args(annotation), get_args(kind)
            if mine[: len(theirs)] == theirs:
                return name, list(mine[len(theirs) :])
    return None, []


def _limits(metadata: list[Any]) -> str:
    """What constraints say, in brackets."""
    said = [text for item in _flat(metadata) for text in _limit(item)]
    return f"({', '.join(said)})" if said else ""


def _flat(metadata: list[Any]) -> Iterator[Any]:
    for item in metadata:
        yield from item.metadata if isinstance(item, FieldInfo) else [item]


def _limit(item: Any) -> Iterator[str]:
    match item:
        case Ge() | Gt() | Le() | Lt():
            yield f"{_BOUNDS[type(item)]} {getattr(item, type(item).__match_args__[0])}"
        case MinLen(min_length=1):
            yield "not empty"
        case MinLen(min_length=length):
            yield f"at least {length} of them"
        case MaxLen(max_length=length):
            yield f"at most {length} of them"
        case StringConstraints():
            yield from _limits_of_text(item)


def _limits_of_text(item: StringConstraints) -> Iterator[str]:
    if item.min_length:
        yield "not empty" if item.min_length == 1 else f"at least {item.min_length} characters"
    if item.max_length:
        yield f"at most {item.max_length} characters"
    if item.pattern:
        yield f"matching `{item.pattern}`"


def _kinds() -> Iterator[tuple[str, tuple[Any, str]]]:
    """Every named type of the spec modules that has a docstring below it."""
    for info in pkgutil.iter_modules(manifestgen.spec.__path__):
        module = importlib.import_module(f"manifestgen.spec.{info.name}")
        assert module.__file__ is not None
        body = ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body
        for statement, below in pairwise(body):
            name = _assigned(statement)
            if name and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                value = getattr(module, name)
                if get_origin(value) is not None and isinstance(below.value.value, str):
                    yield f"{info.name}.{name}", (value, below.value.value)


def _assigned(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0].id
        return None if name.startswith("_") else name
    return None


def _spaced(kind: str) -> str:
    """``base.EnvVarName`` → ``env var name``."""
    name = kind.partition(".")[2]
    return "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip()


def _anchor(kind: str) -> str:
    return kind.lower().replace(".", "-")


def _kinds_section(kinds: dict[str, tuple[Any, str]]) -> str:
    rows = []
    for name, (kind, meaning) in sorted(kinds.items(), key=lambda kind: _spaced(kind[0])):
        others = {other: entry for other, entry in kinds.items() if other != name}
        shape = _words(kind, others)
        anchor = f'<a id="{_anchor(name)}"></a>{_spaced(name)}'
        rows.append(_row(anchor, shape, _prose(meaning)))
    head = ["## Kinds of values", "", "| kind | written as | meaning |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])
