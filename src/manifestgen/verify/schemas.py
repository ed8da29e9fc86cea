"""Kubernetes objects against their schemas.

Core kinds: the strict OpenAPI schemas that the package kubernetes-validate carries, for the spec's
version of Kubernetes. Custom resources: schemas in a folder of the user's (``catalogue``), else of our own in
``schemas/<group>/<kind>_<version>.json``, which list the fields that we emit and refuse all others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from manifestgen.errors import Finding
from manifestgen.kube.objects import Inventory, KubeObject, Manifest
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.catalogue import Catalogue, SchemaFileError, errors_by_file, read_schema
from manifestgen.verify.fit import UnknownKeywordError, fits
from manifestgen.verify.places import Path as Place
from manifestgen.verify.places import culprit, patch_place, source_place
from manifestgen.yamlio.nodes import dotted

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

_OWN: Final = Path(__file__).parent / "schemas"
_DEFINITIONS_URI: Final = "/api/_definitions.json"
_CORE_GROUPS: Final = frozenset(
    f"{name}.k8s.io"
    for name in (
        *("admissionregistration", "apiextensions", "apiregistration", "authentication", "authorization"),
        *("certificates", "coordination", "discovery", "events", "flowcontrol.apiserver", "networking"),
        *("node", "rbac.authorization", "resource", "scheduling", "storage", "storagemigration"),
    )
)
"""Groups of Kubernetes itself, beside those without a dot."""
_METADATA: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


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


class _Known(NamedTuple):
    """The schema of one kind, None when there is none; ``file`` is one of the user's."""

    schema: dict[str, Any] | None
    is_core: bool = False
    file: Path | None = None


class SchemaChecker:
    """Checks objects for one version of Kubernetes.

    The schemas are structural (types, required and unknown fields), so of several core objects with the
    same shape of keys and types one is enough; custom resources have patterns and are checked each.
    """

    def __init__(self, version: str, catalogue: Catalogue | None = None) -> None:
        self._folder = _package_folder() / f"v{version}.0-local-strict"
        self._catalogue = catalogue
        self._kinds: dict[tuple[str, str], _Known] = {}
        self._validators: dict[tuple[str, str], Draft202012Validator] = {}
        self._known_good: set[Any] = set()
        self._seen: dict[int, KubeObject] = {}

    def check(self, platform: ResolvedPlatform, inventory: Inventory) -> Iterator[Finding]:
        """Findings on all objects; a kind without a schema is a finding, too."""
        for made in inventory.objects.values():
            if self._seen.get(id(made)) is made:
                continue  # environments have most of their objects in common, down to the identity
            self._seen[id(made)] = made
            shape = (made.id.api_version, made.id.kind, _shape(made.manifest))
            if shape in self._known_good:
                continue
            findings = list(self._check_one(platform, made))
            if not findings and self._known(made).is_core:
                self._known_good.add(shape)
            yield from findings

    def _check_one(self, platform: ResolvedPlatform, made: KubeObject) -> Iterator[Finding]:
        try:
            errors = self._errors(made, made.manifest)
        except SchemaFileError as error:
            yield error.finding
            return
        if errors is None:
            yield _unknown(platform, made)
            return
        for one in errors:
            path: Place = tuple(one.absolute_path)
            where = ".".join(map(str, path)) or "the object"
            message = f"{made.id.kind} {made.id.name}: {where}: {one.message}"
            name = culprit(made, partial(self._has, made, one.message))
            if name is not None:
                shown, location = patch_place(platform, name, path)
                advice = "mend the patch"
            else:
                shown, location = source_place(platform, made, path)
                advice = _advice(made, is_core=self._known(made).is_core)
            yield Finding("object-invalid", message, advice, shown, location)

    def _has(self, made: KubeObject, message: str, manifest: Manifest) -> bool:
        """Whether a version of an object has an error of the same words."""
        return any(one.message == message for one in self._errors(made, manifest) or ())

    def _errors(self, made: KubeObject, manifest: Manifest) -> list[ValidationError] | None:
        """The errors of an object, None without a schema. Raises SchemaFileError for one that is none."""
        known = self._known(made)
        if made.unchecked and not known.is_core:
            return self._errors_of_metadata(manifest)
        if known.schema is None:
            return None
        if known.file is not None:
            return [*self._errors_of_metadata(manifest), *errors_by_file(known.file, known.schema, manifest)]
        if self._fits(manifest, known.schema):
            return []
        return list(self._validator(made, known.schema).iter_errors(manifest))

    def _errors_of_metadata(self, manifest: Manifest) -> list[ValidationError]:
        """What is wrong with what all objects have in common: no schema of a custom resource knows it."""
        return list(self._metadata.iter_errors({"metadata": manifest["metadata"]}))

    def _fits(self, manifest: Any, schema: dict[str, Any]) -> bool:
        def definition(reference: str) -> Any:
            name = reference.rpartition("/")[2]
            return self._definitions[name] if "$defs" not in schema else schema["$defs"][name]

        try:
            return fits(manifest, schema, definition)
        except UnknownKeywordError:
            return False  # jsonschema knows

    def _known(self, made: KubeObject) -> _Known:
        key = (made.id.api_version, made.id.kind)
        if key not in self._kinds:
            self._kinds[key] = self._look_up(*key)
        return self._kinds[key]

    def _look_up(self, api_version: str, kind: str) -> _Known:
        core = self._core_schema(api_version, kind)
        if core is not None:
            return _Known(core, is_core=True)
        given = self._catalogue.file(api_version, kind) if self._catalogue else None
        if given is not None:
            return _Known(read_schema(given), file=given)
        group, _, version = api_version.rpartition("/")
        own = _OWN / group / f"{kind.lower()}_{version}.json"
        return _Known(json.loads(own.read_bytes()) if group and own.is_file() else None)

    def _core_schema(self, api_version: str, kind: str) -> dict[str, Any] | None:
        """The schema of a kind of Kubernetes itself; there are files of its parts, too."""
        group, _, version = api_version.rpartition("/")
        if "." in group and group not in _CORE_GROUPS:
            return None
        stem = "-".join(part for part in (kind.lower(), group.split(".")[0], version) if part)
        path = self._folder / f"{stem}.json"
        if not path.is_file():
            return None
        schema = _with_local_references(path.read_text("utf-8"))
        names = [one["kind"] for one in schema.get("x-kubernetes-group-version-kind", ())]
        return schema if kind in names and not kind.endswith("List") else None

    def _validator(self, made: KubeObject, schema: dict[str, Any]) -> Draft202012Validator:
        """What finds the words for what does not fit."""
        from jsonschema import Draft202012Validator

        key = (made.id.api_version, made.id.kind)
        if key not in self._validators:
            whole = schema if "$defs" in schema else {**schema, "$defs": self._needed_definitions(schema)}
            self._validators[key] = Draft202012Validator(whole)
        return self._validators[key]

    @cached_property
    def _metadata(self) -> Draft202012Validator:
        """What checks the metadata of any object."""
        from jsonschema import Draft202012Validator

        schema = {"properties": {"metadata": {"$ref": f"#/$defs/{_METADATA}"}}}
        return Draft202012Validator({**schema, "$defs": self._needed_definitions(schema)})

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
    kind = type(value)
    if kind is dict or isinstance(value, dict):
        # Most members are scalars: to ask for those costs more than to see what they are.
        return tuple(
            [(key, t if (t := type(item)) in _FLAT else _shape(item)) for key, item in value.items()]
        )
    if kind is list or isinstance(value, list):
        return ("list", *dict.fromkeys(map(_shape, value)))
    return kind


_FLAT: Final = frozenset({str, int, float, bool, type(None)})


def _unknown(platform: ResolvedPlatform, made: KubeObject) -> Finding:
    shown, location = source_place(platform, made, ("kind",))
    message = f"there is no schema for {made.id.kind} of {made.id.api_version}"
    advice = _advice(made, is_core=False)
    if made.source[0] == "manifests":
        advice = "give a folder with one by --crd-schemas, or `unchecked: {reason: …}` if there is none"
    return Finding("object-unknown-kind", message, advice, shown, location)


def _advice(made: KubeObject, *, is_core: bool) -> str:
    """What to mend when an object is wrong that no patch has changed for the worse."""
    if made.source[0] == "manifests":
        return "mend the object" + ("" if is_core else "; --crd-schemas DIR gives other schemas")
    return f"it comes from {made.template}; mend the spec, or the template if it is yours"
