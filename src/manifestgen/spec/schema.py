"""The JSON Schema of the spec, for editors and for whoever writes specs by program."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema, PlainValidatorFunctionSchema

from manifestgen.spec.base import Model
from manifestgen.spec.documentation import field_documentation
from manifestgen.spec.ondemand import schema_behind
from manifestgen.spec.platform import Platform

_TITLE: Final = "manifestgen platform"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NAMED: Final = (
    "settings",
    "workloads",
    "datastores",
    "externals",
    "claims",
    "routes",
    "manifests",
    "patches",
)
_PART: Final = "PlatformPart"
_TYPES: Final = ("Web", "Worker", "Scheduler", "Job", "CronJob", "Daemon", "Stateful")
_FIXED_IN_ENVIRONMENTS: Final = ("apiVersion", "kind")


class _Documented(GenerateJsonSchema):
    """pydantic's generator, with the docstrings of the fields as descriptions."""

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """The schema of one model."""
        made = super().model_schema(schema)
        model: type[Model] = schema["cls"]
        for name, text in field_documentation(model).items():
            made["properties"][model.model_fields[name].alias or name]["description"] = text
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        """No titles: they would only say the key again."""
        return False

    def function_plain_schema(self, schema: PlainValidatorFunctionSchema) -> JsonSchemaValue:
        """The schema of what is validated on demand."""
        whole = schema_behind(schema)
        return super().function_plain_schema(schema) if whole is None else self.generate_inner(whole)


def platform_schema() -> dict[str, Any]:
    """The schema of a platform in one environment, with all that pydantic says of the models."""
    return Platform.model_json_schema(by_alias=True, schema_generator=_Documented)


def json_schema() -> dict[str, Any]:
    """The schema of a spec file: the platform, its ``defaults`` and its ``environments``.

    An environment is a patch (RFC 7396): the same shape, nothing required, ``null`` allowed everywhere. So is
    a file that others extend or include, and one that extends or includes others.
    """
    schema = platform_schema()
    definitions = schema.pop("$defs")
    _drop_titles(schema)
    _drop_titles(definitions)
    _leave_open(definitions, properties=schema["properties"])
    patches = {f"{name}Patch": _patch(deepcopy(part)) for name, part in definitions.items()}
    properties = schema["properties"]
    environment = _patch(
        {"type": "object", "properties": deepcopy(properties), "additionalProperties": False}
    )
    for key in _FIXED_IN_ENVIRONMENTS:
        del environment["properties"][key]
    environment["properties"]["extends"] = _described("string", "Environment that this one builds on.")
    environment["description"] = "The differences of one environment, as a JSON Merge Patch on the platform."
    workload = {"$ref": "#/$defs/WorkloadDefaults"}
    patches["WorkloadDefaults"] = _any_workload(definitions)
    properties["defaults"] = {
        "description": "What every workload starts from; the workload itself and environments win.",
        "type": "object",
        "properties": {"workloads": workload},
        "additionalProperties": False,
    }
    environment["properties"]["defaults"] = {
        "type": ["object", "null"],
        "properties": {"workloads": workload},
    }
    properties["environments"] = {
        "description": "The environments by name; at least one.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63},
        "additionalProperties": {"$ref": "#/$defs/Environment"},
    }
    whole: dict[str, Any] = {
        "type": "object",
        "required": [*schema["required"], "environments"],
        "additionalProperties": False,
        "properties": properties,
    }
    own = {"Environment": environment, "Platform": whole, "PlatformPart": _part(properties)}
    return {
        "$schema": _DIALECT,
        "title": _TITLE,
        "description": "One declarative description of a platform and its environments.",
        "type": "object",
        "if": {"anyOf": [{"required": ["extends"]}, {"required": ["include"]}, _kind(_PART)]},
        "then": {"$ref": "#/$defs/PlatformPart"},
        "else": {"$ref": "#/$defs/Platform"},
        "$defs": dict(sorted({**definitions, **patches, **own}.items())),
    }


def _kind(kind: str) -> dict[str, Any]:
    return {"required": ["kind"], "properties": {"kind": {"const": kind}}}


def _part(properties: dict[str, Any]) -> dict[str, Any]:
    """A file that is a part of a spec: anything may be missing from it, or null."""
    whole = {name: member for name, member in deepcopy(properties).items() if name != "environments"}
    part = _patch({"type": "object", "properties": whole, "additionalProperties": False})
    part["required"] = ["apiVersion", "kind"]
    part["properties"] |= {
        "apiVersion": properties["apiVersion"],
        "kind": {
            "description": "`Platform`, or `PlatformPart` for a file that others extend or include.",
            "enum": ["Platform", _PART],
        },
        "extends": {
            "description": "Specs that this one builds on, by their paths from its folder; of several, later "
            "ones win.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}],
        },
        "include": {
            "description": "Files with parts of this spec, below its folder; `*` and `?` are wildcards.",
            "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}],
        },
        "environments": {
            **{key: value for key, value in properties["environments"].items() if key != "minProperties"},
            "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Environment"}, {"type": "null"}]},
        },
    }
    return part


def _leave_open(definitions: dict[str, Any], properties: dict[str, Any]) -> None:
    """Let named things be incomplete: ``defaults`` or the environments may give what is missing."""
    for section in _NAMED:
        members = properties[section]["additionalProperties"]
        for member in members.get("oneOf", [members]):
            definition = definitions[member["$ref"].rsplit("/", 1)[1]]
            told = [key for key in definition.get("required", ()) if key in ("type", "provider")]
            definition["required"] = told
    definitions["Deployment"].pop("required")  # each environment has a cluster of its own


def _described(kind: str, description: str) -> dict[str, Any]:
    return {"type": kind, "description": description}


def _drop_titles(schema: Any) -> None:
    """Remove pydantic's generated titles: they only repeat the key."""
    if isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            del schema["title"]
        for key, member in schema.items():
            if key not in ("const", "default", "enum", "examples"):
                _drop_titles(member)
    elif isinstance(schema, list):
        for item in schema:
            _drop_titles(item)


def _any_workload(definitions: dict[str, Any]) -> dict[str, Any]:
    """The fields of all types of workloads, none required: a default may be for any of them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for kind in _TYPES:
        for key, member in definitions[kind]["properties"].items():
            if not any(_same_values(member, other) for other in found.setdefault(key, [])):
                found[key].append(member)
    del found["type"]
    properties = {key: _any_of(members) for key, members in found.items()}
    return _patch({"type": "object", "properties": deepcopy(properties), "additionalProperties": False})


def _any_of(members: list[dict[str, Any]]) -> dict[str, Any]:
    """One schema for a key that is not the same thing in all types."""
    if len(members) == 1:
        return members[0]
    return {"description": members[0].get("description", ""), "anyOf": members}


def _same_values(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether the two take the same values, whatever is said about them."""
    said = ("description", "default")
    bare = ({key: value for key, value in member.items() if key not in said} for member in (one, other))
    return next(bare) == next(bare)


def _patch(schema: dict[str, Any]) -> dict[str, Any]:
    """``schema`` as a merge patch: nothing is required, members may be null, references are to patches."""
    schema.pop("required", None)
    schema.pop("minProperties", None)
    for key in ("properties", "patternProperties"):
        for name, member in schema.get(key, {}).items():
            schema[key][name] = _nullable(member)
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = _nullable(schema["additionalProperties"])
    if "oneOf" in schema:  # a patch need not repeat the type, so it cannot tell the members apart
        schema.pop("discriminator", None)
        schema["anyOf"] = schema.pop("oneOf")
    for key in ("anyOf", "oneOf"):
        if key in schema:
            schema[key] = [_patch(member) for member in schema[key]]
    if "$ref" in schema:
        schema["$ref"] += "Patch"
    return schema


def _nullable(member: dict[str, Any]) -> dict[str, Any]:
    member = _patch(member)
    member.pop("default", None)
    if {"type": "null"} in member.get("anyOf", ()):
        return member
    description = member.pop("description", None)
    nullable: dict[str, Any] = {"anyOf": [member, {"type": "null"}]}
    return {"description": description, **nullable} if description else nullable
