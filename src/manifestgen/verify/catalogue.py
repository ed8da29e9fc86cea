"""JSON Schemas of custom resources in a folder of the user's, laid out as the public catalogues are.

``<group>/<kind>_<version>.json``; only the files of kinds that occur are read. Nothing is fetched: a
reference that leads out of its file is an error of that file.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from manifestgen.errors import Finding
from manifestgen.kube.objects import Manifest
from manifestgen.yamlio.characters import shortened

if TYPE_CHECKING:
    from jsonschema import ValidationError

_PART: Final = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LARGEST: Final = 5 * 1024 * 1024
"""Bytes; the largest in the public catalogues has one and a half million."""


class SchemaFileError(Exception):
    """A schema of the user's that cannot be used."""

    def __init__(self, file: Path, message: str) -> None:
        super().__init__(message)
        self.file = file

    @property
    def finding(self) -> Finding:
        """What is wrong with the file."""
        advice = "get the schema again, from a catalogue or from the custom resource definition"
        return Finding("crd-schema", str(self), advice, str(self.file))


class Catalogue:
    """The schemas of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, api_version: str, kind: str) -> Path | None:
        """The file of a kind, None when there is none."""
        group, _, version = api_version.rpartition("/")
        if not all(map(_PART.fullmatch, (group, version, kind.lower()))) or ".." in group:
            return None
        path = self._folder / group / f"{kind.lower()}_{version}.json"
        return path if path.is_file() else None


def read_schema(file: Path) -> dict[str, Any]:
    """The schema in a file. Raises SchemaFileError for one that is none."""
    from jsonschema import Draft202012Validator, SchemaError

    schema = _parsed(file)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "its top"
        raise SchemaFileError(file, f"no JSON Schema, at {place}: {shortened(error.message)}") from error
    except RecursionError as error:
        raise SchemaFileError(file, "the schema is nested too deep") from error
    outside = next((one for one in _references(schema) if not one.startswith("#")), None)
    if outside is not None:
        raise SchemaFileError(file, f"it refers to {shortened(outside)}, which is no part of the file")
    return schema


def errors_by_file(file: Path, schema: dict[str, Any], manifest: Manifest) -> list[ValidationError]:
    """The errors of an object by the schema in a file. Raises SchemaFileError for one that is none."""
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        return list(Draft202012Validator(schema, registry=Registry()).iter_errors(manifest))
    except Unresolvable as error:
        message = f"it refers to {shortened(str(error.ref))}, which is not there"
        raise SchemaFileError(file, message) from error
    except (re.error, RecursionError) as error:
        raise SchemaFileError(file, f"no object can be checked by it: {error}") from error


def _parsed(file: Path) -> dict[str, Any]:
    try:
        size = file.stat().st_size
        if size > _LARGEST:
            raise SchemaFileError(file, f"the file has {size / 2**20:.1f} MiB; a schema may have 5 MiB")
        schema = json.loads(file.read_bytes())
    except OSError as error:
        raise SchemaFileError(file, f"it cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SchemaFileError(file, f"no JSON: {shortened(str(error))}") from error
    if not isinstance(schema, dict):
        raise SchemaFileError(file, "no JSON Schema: it is no object")
    return schema


def _references(schema: Any) -> list[str]:
    """Where the references of a schema lead to."""
    found: list[str] = []
    todo = [schema]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            found += [value[key] for key in ("$ref", "$dynamicRef") if isinstance(value.get(key), str)]
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    return found
