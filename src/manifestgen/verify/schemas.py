"""Kubernetes objects against their schemas.

Core kinds: the strict OpenAPI schemas that the package kubernetes-validate carries, for the spec's
version of Kubernetes. Custom resources: schemas of our own in ``schemas/<group>/<kind>_<version>.json``,
which list the fields that we emit and refuse all others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from manifestgen.errors import Finding
from manifestgen.kube.objects import Inventory, KubeObject
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.fit import UnknownKeywordError, fits
from manifestgen.yamlio.nodes import dotted

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_OWN: Final = Path(__file__).parent / "schemas"
_DEFINITIONS_URI: Final = "/api/_definitions.json"


def known_versions() -> tuple[str, ...]:
    """The versions of Kubernetes that there are schemas for, oldest first: ``1.25`` … ."""
    folders = (path.name for path in _package_folder().glob("v1.*.0-local-strict"))
    minors = sorted(int(name.split(".")[1]) for name in folders)
    return tuple(f"1.{minor}" for minor in minors)


def _package_folder() -> Path:
    # Found without importing it: its import reads every schema.
    spec = find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("kubernetes-validate is not installed")
    return Path(spec.submodule_search_locations[0]) / "kubernetes-json-schema"


def check_version(platform: ResolvedPlatform) -> Iterator[Finding]:
    """A finding when there are no schemas for the spec's version of Kubernetes."""
    version = platform.spec.cluster.kubernetes_version
    if version not in known_versions():
        path = ("cluster", "kubernetesVersion")
        yield Finding(
            rule="kubernetes-version",
            path=dotted(path),
            message=f"there are no schemas for Kubernetes {version}",
            advice=f"use one of {known_versions()[0]} to {known_versions()[-1]}",
            location=platform.node.at(path).location,
        )


class SchemaChecker:
    """Checks objects for one version of Kubernetes.

    The schemas are structural (types, required and unknown fields), so of several core objects with the
    same shape of keys and types one is enough; custom resources have patterns and are checked each.
    """

    def __init__(self, version: str) -> None:
        self._folder = _package_folder() / f"v{version}.0-local-strict"
        self._schemas: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._validators: dict[tuple[str, str], Draft202012Validator] = {}
        self._known_good: set[Any] = set()

    def check(self, platform: ResolvedPlatform, inventory: Inventory) -> Iterator[Finding]:
        """Findings on all objects; a kind without a schema is a finding, too."""
        for made in inventory.objects.values():
            shape = (made.id.api_version, made.id.kind, _shape(made.manifest))
            if shape in self._known_good:
                continue
            findings = list(self._check_one(platform, made))
            if not findings and self._is_core(made):
                self._known_good.add(shape)
            yield from findings

    def _check_one(self, platform: ResolvedPlatform, made: KubeObject) -> Iterator[Finding]:
        key = (made.id.api_version, made.id.kind)
        if key not in self._schemas:
            self._schemas[key] = self._schema(*key)
        schema = self._schemas[key]
        if schema is None:
            yield _finding(
                platform, made, "object-unknown-kind", f"there is no schema for {made.id.kind} of {key[0]}"
            )
            return
        if self._fits(made.manifest, schema):
            return
        for error in self._validator(key, schema).iter_errors(made.manifest):
            place = ".".join(str(step) for step in error.absolute_path) or "the object"
            yield _finding(
                platform, made, "object-invalid", f"{made.id.kind} {made.id.name}: {place}: {error.message}"
            )

    def _fits(self, manifest: Any, schema: dict[str, Any]) -> bool:
        def definition(reference: str) -> Any:
            name = reference.rpartition("/")[2]
            return self._definitions[name] if "$defs" not in schema else schema["$defs"][name]

        try:
            return fits(manifest, schema, definition)
        except UnknownKeywordError:
            return False  # jsonschema knows

    def _is_core(self, made: KubeObject) -> bool:
        return self._own_schema(made.id.api_version, made.id.kind) is None

    @staticmethod
    def _own_schema(api_version: str, kind: str) -> Path | None:
        group, _, version = api_version.rpartition("/")
        path = _OWN / group / f"{kind.lower()}_{version}.json"
        return path if group and path.is_file() else None

    def _schema(self, api_version: str, kind: str) -> dict[str, Any] | None:
        """The schema of a kind; that of a core one refers to the definitions that all share."""
        own = self._own_schema(api_version, kind)
        if own is not None:
            schema: dict[str, Any] = json.loads(own.read_bytes())
            return schema
        group, _, version = api_version.rpartition("/")
        stem = "-".join(part for part in (kind.lower(), group.split(".")[0], version) if part)
        path = self._folder / f"{stem}.json"
        return _with_local_references(path.read_text("utf-8")) if path.is_file() else None

    def _validator(self, key: tuple[str, str], schema: dict[str, Any]) -> Draft202012Validator:
        """What finds the words for what does not fit."""
        from jsonschema import Draft202012Validator

        if key not in self._validators:
            whole = schema if "$defs" in schema else {**schema, "$defs": self._needed_definitions(schema)}
            self._validators[key] = Draft202012Validator(whole)
        return self._validators[key]

    def _needed_definitions(self, schema: Any) -> dict[str, Any]:
        """The definitions that a schema uses, directly or not: some dozens of the thousand there are."""
        needed: dict[str, Any] = {}
        open_names = list(_references(schema))
        while open_names:
            name = open_names.pop()
            if name not in needed:
                needed[name] = self._definitions[name]
                open_names.extend(_references(needed[name]))
        return needed

    @cached_property
    def _definitions(self) -> dict[str, Any]:
        definitions: dict[str, Any] = _with_local_references(
            (self._folder / "_definitions.json").read_text("utf-8")
        )["$defs"]
        return definitions


def _with_local_references(text: str) -> dict[str, Any]:
    """A schema whose references stay inside it; looking each one up in the large file costs a second."""
    schema: dict[str, Any] = json.loads(text.replace(f'"{_DEFINITIONS_URI}#', '"#'))
    return schema


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, member in schema.items():
            if key == "$ref" and isinstance(member, str):
                yield member.rsplit("/", 1)[1]
            else:
                yield from _references(member)
    elif isinstance(schema, list):
        for item in schema:
            yield from _references(item)


def _shape(value: Any) -> Any:
    """The keys and types of a value without its scalars; hashable."""
    if isinstance(value, dict):
        return tuple((key, _shape(member)) for key, member in value.items())
    if isinstance(value, list):
        return ("list", *dict.fromkeys(_shape(item) for item in value))
    return type(value)


def _finding(platform: ResolvedPlatform, made: KubeObject, rule: str, message: str) -> Finding:
    node = platform.node.at(made.source)
    return Finding(
        rule=rule,
        path=dotted(made.source),
        message=message,
        advice=f"it comes from {made.template}; mend the spec, or the template if it is yours",
        location=node.key_location or node.location,
    )
