"""Whether data fits a schema: the same answers as jsonschema's, for all kinds and a lot of broken objects."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from manifestgen.kube.objects import KubeObject
from manifestgen.verify.fit import UnknownKeywordError, fits
from manifestgen.verify.schemas import SchemaChecker
from support.specs import everything, inventory_of, platform_of

CHECKER = SchemaChecker("1.32")
OBJECTS = inventory_of(platform_of(everything())).objects.values()
KINDS = {(made.id.api_version, made.id.kind): made for made in OBJECTS if not made.unchecked}

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70000),
    st.floats(-2, 2),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
)
SCHEMAS = st.recursive(
    st.one_of(
        st.builds(
            lambda kind: {"type": kind},
            st.sampled_from(["string", "integer", "number", "boolean", "null", "array"]),
        ),
        st.builds(
            lambda kinds: {"type": kinds},
            st.lists(st.sampled_from(["string", "integer", "object"]), min_size=1),
        ),
        st.builds(
            lambda values: {"enum": values},
            st.lists(st.sampled_from(["a", 1, True, None, 0, 1.0]), min_size=1),
        ),
        st.builds(lambda value: {"const": value}, st.sampled_from(["a", 1, False, 0])),
        st.builds(
            lambda low, high: {"minimum": low, "exclusiveMaximum": high},
            st.integers(-2, 2),
            st.integers(-2, 9),
        ),
        st.builds(
            lambda low, high: {"exclusiveMinimum": low, "maximum": high},
            st.integers(-2, 2),
            st.integers(-2, 9),
        ),
        st.builds(
            lambda low, high: {"minLength": low, "maxLength": high}, st.integers(0, 2), st.integers(0, 3)
        ),
        st.builds(
            lambda low, high: {"minItems": low, "maxItems": high}, st.integers(0, 1), st.integers(0, 2)
        ),
        st.builds(
            lambda low, high: {"minProperties": low, "maxProperties": high},
            st.integers(0, 1),
            st.integers(0, 2),
        ),
        st.just({"pattern": "^[a-z]"}),
        st.just({"required": ["a"]}),
        st.just({"description": "says nothing", "format": "int32", "x-kubernetes-list-type": "set"}),
    ),
    lambda inner: st.one_of(
        st.builds(lambda item: {"items": item}, inner),
        st.builds(
            lambda one, more: {"properties": {"a": one}, "additionalProperties": more},
            inner,
            st.one_of(inner, st.booleans()),
        ),
        st.builds(
            lambda word, some: {word: some},
            st.sampled_from(["oneOf", "anyOf", "allOf"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        st.builds(lambda one: {"not": one}, inner),
        st.builds(
            lambda one: {"$ref": "#/$defs/it", "$defs": {"it": one}},
            inner.filter(lambda one: "$defs" not in str(one)),
        ),
    ),
    max_leaves=4,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab"), inner)),
    max_leaves=5,
)


@given(SCHEMAS, VALUES)
@settings(max_examples=400, deadline=None)
def test_any_schema_is_answered_as_jsonschema_answers(schema: dict[str, Any], value: Any) -> None:
    definitions = schema.get("$defs", {})
    if "$ref" not in schema and "$defs" in str(schema):
        return  # a reference from a deeper place leads to the top
    expected = Draft202012Validator(schema).is_valid(value)
    try:
        assert fits(value, schema, lambda reference: definitions[reference.rpartition("/")[2]]) is expected
    except UnknownKeywordError:
        assert "enum" in str(schema) or "const" in str(schema)  # of a map or list


@pytest.mark.parametrize("key", KINDS, ids=lambda key: key[1])
def test_an_object_and_every_spoilt_copy_are_answered_as_jsonschema_answers(key: tuple[str, str]) -> None:
    made = KINDS[key]
    schema = CHECKER._look_up(*key).schema
    assert schema is not None
    validator = CHECKER._validator(made, schema)
    assert CHECKER._fits(made.manifest, schema)
    answers = set()
    for spoilt in _spoilt(made):
        answer = validator.is_valid(spoilt)
        assert CHECKER._fits(spoilt, schema) is answer
        answers.add(answer)
    assert False in answers


def _spoilt(made: KubeObject) -> Iterator[Any]:
    """The object with one place removed, renamed or replaced by something of another type."""
    for path in list(_paths(made.manifest, ())):
        for wrong in ("text", 7, None, [], {}, True, [{}], {"x": 1}):
            yield _changed(made.manifest, path, wrong)
        *above, last = path
        if isinstance(last, str):
            removed = copy.deepcopy(made.manifest)
            parent = _at(removed, above)
            parent["unknownKey"] = parent.pop(last)
            yield removed


def _paths(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield (*path, key)
        yield from _paths(member, (*path, key))


def _changed(manifest: Any, path: tuple[str | int, ...], wrong: Any) -> Any:
    """A copy, in which what is not on the way to ``path`` is that of the original."""
    changed = copy.copy(manifest)
    step, *rest = path
    changed[step] = _changed(manifest[step], tuple(rest), wrong) if rest else wrong
    return changed


def _at(value: Any, path: Any) -> Any:
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize(
    "schema", [{"patternProperties": {}}, {"if": {}}, {"uniqueItems": True}, {"$dynamicRef": "#"}]
)
def test_what_is_not_known_here_is_left_to_jsonschema(schema: dict[str, Any]) -> None:
    with pytest.raises(UnknownKeywordError):
        fits([{}], schema, lambda _: {})
