"""Whether data fits a JSON Schema: yes or no, and nothing more.

Nearly every object is valid, and to say so takes a tenth of what jsonschema needs to be imported. What does
not fit, and every schema that uses more of the language than is known here, goes to jsonschema, which finds
the words. The meaning of each keyword is that of JSON Schema, draft 2020-12; a test holds both to the same
answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

Schema = Mapping[str, Any]
Definition = Callable[[str], Schema]


class UnknownKeywordError(Exception):
    """The schema says something that this module does not know."""


def fits(value: Any, schema: Schema, definition: Definition) -> bool:
    """Whether ``value`` fits ``schema``; ``definition`` gives what a reference of it leads to.

    Raises UnknownKeywordError where the schema uses a keyword that is not known here.
    """
    for keyword, said in schema.items():
        check = _CHECKS.get(keyword)
        if check is not None:
            if not check(value, said, schema, definition):
                return False
        elif keyword not in _SAYS_NOTHING and not keyword.startswith("x-"):
            raise UnknownKeywordError(keyword)
    return True


def _reference(value: Any, said: str, _: Schema, definition: Definition) -> bool:
    return fits(value, definition(said), definition)


def _type(value: Any, said: str | list[str], _: Schema, __: Definition) -> bool:
    if isinstance(said, str):
        return _TYPES[said](value)
    return any(_TYPES[kind](value) for kind in said)


def _properties(value: Any, said: Mapping[str, Schema], _: Schema, definition: Definition) -> bool:
    if not isinstance(value, dict):
        return True
    return all(fits(member, said[key], definition) for key, member in value.items() if key in said)


def _additional(value: Any, said: Any, schema: Schema, definition: Definition) -> bool:
    if not isinstance(value, dict) or said is True:
        return True
    if "patternProperties" in schema:
        raise UnknownKeywordError("patternProperties")
    known = schema.get("properties", ())
    if said is False:
        return all(key in known for key in value)
    return all(fits(member, said, definition) for key, member in value.items() if key not in known)


def _required(value: Any, said: list[str], _: Schema, __: Definition) -> bool:
    return not isinstance(value, dict) or all(key in value for key in said)


def _items(value: Any, said: Any, schema: Schema, definition: Definition) -> bool:
    if not isinstance(value, list):
        return True
    if not isinstance(said, dict) or "prefixItems" in schema:
        raise UnknownKeywordError("items")
    return all(fits(item, said, definition) for item in value)


def _one_of(value: Any, said: list[Schema], _: Schema, definition: Definition) -> bool:
    return sum(fits(value, one, definition) for one in said) == 1


def _any_of(value: Any, said: list[Schema], _: Schema, definition: Definition) -> bool:
    return any(fits(value, one, definition) for one in said)


def _all_of(value: Any, said: list[Schema], _: Schema, definition: Definition) -> bool:
    return all(fits(value, one, definition) for one in said)


def _not(value: Any, said: Schema, _: Schema, definition: Definition) -> bool:
    return not fits(value, said, definition)


def _enum(value: Any, said: list[Any], _: Schema, __: Definition) -> bool:
    return any(_equal(value, one) for one in said)


def _const(value: Any, said: Any, _: Schema, __: Definition) -> bool:
    return _equal(value, said)


def _equal(value: Any, said: Any) -> bool:
    if isinstance(said, dict | list) or isinstance(value, dict | list):
        raise UnknownKeywordError("enum of maps or lists")
    return isinstance(value, bool) is isinstance(said, bool) and bool(value == said)


def _pattern(value: Any, said: str, _: Schema, __: Definition) -> bool:
    return not isinstance(value, str) or _compiled(said).search(value) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _bound(kind: type | tuple[type, ...], holds: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    def check(value: Any, said: Any, _: Schema, __: Definition) -> bool:
        return isinstance(value, bool) or not isinstance(value, kind) or holds(value, said)

    return check


def _is_integer(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": _is_integer,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}

_CHECKS: Final[dict[str, Callable[..., bool]]] = {
    "$ref": _reference,
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "oneOf": _one_of,
    "anyOf": _any_of,
    "allOf": _all_of,
    "not": _not,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minimum": _bound((int, float), lambda value, least: value >= least),
    "maximum": _bound((int, float), lambda value, most: value <= most),
    "exclusiveMinimum": _bound((int, float), lambda value, least: value > least),
    "exclusiveMaximum": _bound((int, float), lambda value, most: value < most),
    "minLength": _bound(str, lambda value, least: len(value) >= least),
    "maxLength": _bound(str, lambda value, most: len(value) <= most),
    "minItems": _bound(list, lambda value, least: len(value) >= least),
    "maxItems": _bound(list, lambda value, most: len(value) <= most),
    "minProperties": _bound(dict, lambda value, least: len(value) >= least),
    "maxProperties": _bound(dict, lambda value, most: len(value) <= most),
}

_SAYS_NOTHING: Final = frozenset(
    {"$schema", "$id", "$defs", "definitions", "$comment", "title", "description", "default", "examples"}
    | {"deprecated", "format"}
)
"""Keywords that no value can fail; of formats jsonschema, too, checks none unless it is asked to."""
