"""values.schema.json: what Helm refuses before it installs anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from manifestgen.kube.generalise.layers import MISSING, present
from manifestgen.kube.generalise.values import Shape, Value
from manifestgen.targets.helm.model import ChartInfo
from manifestgen.targets.helm.values import Branch
from manifestgen.yamlio import jsonfile

Schema = dict[str, Any]

_TYPES: Final[dict[Shape, str | list[str]]] = {
    Shape.STRING: "string",
    Shape.INTEGER: "integer",
    Shape.LARGE_INTEGER: ["integer", "string"],
    Shape.NUMBER: "number",
    Shape.BOOLEAN: "boolean",
    Shape.SCALAR: ["string", "number", "boolean"],
    Shape.LIST: "array",
    Shape.TEXT: "string",
}
_QUANTITY: Final[Schema] = {"type": ["string", "number"]}
_QUANTITIES: Final[Schema] = {"type": "object", "additionalProperties": _QUANTITY}


def values_schema(root: Branch, info: ChartInfo) -> str:
    """The text of values.schema.json, for all values files together and each alone.

    What the chart itself reads is closed, so that a typo is an error; maps of the user's own keys are
    open but typed; values of dependencies are left to their own charts.
    """
    properties = {key: _schema(below) for key, below in root.items()}
    for dependency in info.dependencies:
        about = f"Values of the chart {dependency.name}."
        properties[dependency.key] = {"description": about, "type": "object"}
    properties["global"] = {"description": "Values that dependencies share.", "type": "object"}
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"Values of the chart {info.name}",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return jsonfile.dump(document)


def _schema(below: Branch | Value) -> Schema:
    if isinstance(below, Value):
        described = {"description": below.about.description} if below.about.description else {}
        return described | _value(below)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _schema(item) for key, item in below.items()},
    }


def _value(value: Value) -> Schema:
    values = present(value.versions)
    if value.path[-1] == "resources" and value.shape is Shape.MAP:
        schema = _resources(values)
    elif value.shape is Shape.MAP:
        schema = {"type": "object", "additionalProperties": _inside(values)}
    elif value.shape is Shape.COUNT:
        schema = {"type": ["integer", "string"], "pattern": "^[0-9]+%$", "minimum": 0}
    elif value.shape is Shape.LIST:
        schema = {"type": "array", **_items(values)}
    else:
        schema = {"type": _TYPES[value.shape]}
    if value.about.choices and set(values) <= set(value.about.choices):
        schema["enum"] = list(value.about.choices)
    return _nullable(schema) if MISSING in value.versions else schema


def _nullable(schema: Schema) -> Schema:
    types = schema["type"]
    nullable = {**schema, "type": [*([types] if isinstance(types, str) else types), "null"]}
    return {**nullable, "enum": [*schema["enum"], None]} if "enum" in schema else nullable


def _resources(values: Sequence[dict[str, Any]]) -> Schema:
    open_ = {"type": ["object", "null"], "additionalProperties": {"type": ["string", "number", "null"]}}
    known = {"limits": open_, "requests": open_, "claims": {"type": "array"}}
    others: dict[str, Schema] = {key: {} for value in values for key in value if key not in known}
    return {"type": "object", "additionalProperties": False, "properties": known | others}


def _inside(maps: Sequence[dict[str, Any]]) -> Schema:
    """What the members of a map of free keys may be, seen from those that some layer has."""
    members = [member for one in maps for member in one.values()]
    types = list(dict.fromkeys(_type(member) for member in members))
    removed = any(key not in other for one in maps for key in one for other in maps)
    if not types or not set(types) <= {"string", "integer", "number", "boolean"}:
        return {}
    if removed:
        types.append("null")
    return {"type": types[0] if len(types) == 1 else types}


def _items(lists: Sequence[list[Any]]) -> Schema:
    types = list(dict.fromkeys(_type(item) for one in lists for item in one))
    return {"items": {"type": types[0]}} if len(types) == 1 else {}


_NAMES: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}


def _type(value: Any) -> str:
    return _NAMES[type(value)]
