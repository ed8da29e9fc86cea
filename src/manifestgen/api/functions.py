"""manifestgen as a KRM function: a ResourceList in, a ResourceList with the objects of an environment out.

The functionConfig names a spec, or holds it::

    apiVersion: manifestgen/v1
    kind: PlatformFunction
    metadata: {name: shop}
    spec:
      environment: production
      file: specs/platform.yaml     # or `platform:` with the whole spec

A ConfigMap with ``environment`` and ``file`` as its data does as well: tools make that of arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from manifestgen.api.objects import objects
from manifestgen.errors import Finding, ManifestgenError, Severity, errors_in
from manifestgen.kube.identity import group
from manifestgen.kube.objects import Manifest
from manifestgen.report.text import file_of, sentence
from manifestgen.yamlio import emit
from manifestgen.yamlio.load import load_text

Document = dict[str, Any]

INPUT: Final = "standard input"
INLINE: Final = "functionConfig"
"""What a spec is called that stands in the functionConfig."""
_LIST: Final = "ResourceList"
_VERSIONS: Final = (
    "config.kubernetes.io/v1",
    "config.kubernetes.io/v1beta1",
    "config.kubernetes.io/v1alpha1",
)
_FORM: Final = {"PlatformFunction": "spec", "ConfigMap": "data"}
"""Where each kind of functionConfig says what is wanted."""
_KEPT: Final = ("config.kubernetes.io/", "internal.config.kubernetes.io/", "config.k8s.io/")
"""Annotations by which those who call a function know which object came from where."""
_SEVERITIES: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}


class Answer(NamedTuple):
    """What the function says: the ResourceList, and the findings in it."""

    document: Document
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the objects are in it."""
        return not errors_in(self.findings)


class _Wish(NamedTuple):
    """Which objects are wanted: of which environment, of which spec."""

    environment: str
    file: Path
    text: str | None


def answer(text: str | bytes) -> Answer:
    """Carry out the function on the ``text`` of a ResourceList.

    Its items stay, in their order. An object that is among them already is replaced, and keeps the
    annotations by which the caller knows it; the other objects follow. Where something is wrong the items
    are as they were.
    """
    asked: Document = {"apiVersion": _VERSIONS[0], "kind": _LIST, "items": []}
    config: Any = None
    try:
        asked = _resource_list(text)
        config = asked.get("functionConfig")
        wish = _wish(config)
        found = objects(wish.file, wish.environment, text=wish.text)
    except ManifestgenError as error:
        return Answer(_with_results(asked, error.findings), error.findings)
    document = {**asked, "items": _joined(asked["items"], found.manifests)}
    return Answer(_with_results(document, found.findings), found.findings)


def _resource_list(text: str | bytes) -> Document:
    document: Document = load_text(text, INPUT).plain()
    if document.get("kind") != _LIST or document.get("apiVersion") not in _VERSIONS:
        raise _wrong("function-input", "it is no ResourceList", f"give one of {_VERSIONS[0]}", "kind")
    items = document.setdefault("items", [])
    if not isinstance(items, list) or not all(map(_is_object, items)):
        raise _wrong("function-input", "the items are no list of objects", "give objects with names", "items")
    return document


def _is_object(item: Any) -> bool:
    metadata = item.get("metadata") if isinstance(item, dict) else None
    return (
        isinstance(metadata, dict)
        and isinstance(item.get("apiVersion"), str)
        and isinstance(item.get("kind"), str)
        and isinstance(metadata.get("name"), str)
    )


def _wish(config: Any) -> _Wish:
    kind = config.get("kind") if isinstance(config, dict) else None
    if kind not in _FORM:
        advice = "give a PlatformFunction of manifestgen/v1, or a ConfigMap"
        raise _wrong("function-config", "there is no functionConfig that says what is wanted", advice, INLINE)
    section = _FORM[kind]
    said = config.get(section)
    if not isinstance(said, dict):
        raise _wrong("function-config", f"it has no {section}", "say `environment` and `file`", INLINE)
    for key in said:
        if key not in ("environment", "file", "platform"):
            advice = "there are `environment`, `file` and `platform`"
            raise _wrong("function-config", f"unknown key {key!r}", advice, f"{section}.{key}")
    environment, file, platform = (said.get(key) for key in ("environment", "file", "platform"))
    if not isinstance(environment, str) or not environment:
        raise _wrong(
            "function-config", "it names no environment", "add `environment`", f"{section}.environment"
        )
    if isinstance(platform, dict) and file is None:
        return _Wish(environment, Path(INLINE), emit.dump(platform))
    if isinstance(file, str) and file and platform is None:
        return _Wish(environment, Path(file), None)
    advice = "give either `file`, the path of a spec, or `platform`, a whole spec"
    raise _wrong("function-config", "it names no spec, or more than one", advice, section)


def _wrong(rule: str, message: str, advice: str, path: str) -> ManifestgenError:
    return ManifestgenError([Finding(rule, message, advice, path)])


def _joined(items: Iterable[Manifest], made: Iterable[Manifest]) -> list[Manifest]:
    new = {_identity(one): one for one in made}
    return [*_replaced(items, new), *new.values()]


def _replaced(items: Iterable[Manifest], new: dict[tuple[str | None, ...], Manifest]) -> Iterator[Manifest]:
    """The items, those that are made anew taken out of ``new``."""
    for item in items:
        found = new.pop(_identity(item), None)
        yield item if found is None else _with_annotations(found, item["metadata"].get("annotations") or {})


def _identity(item: Manifest) -> tuple[str | None, ...]:
    metadata = item["metadata"]
    return group(item["apiVersion"]), item["kind"], metadata.get("namespace"), metadata["name"]


def _with_annotations(made: Manifest, old: Mapping[str, Any]) -> Manifest:
    kept = {key: value for key, value in old.items() if key.startswith(_KEPT)}
    if not kept:
        return made
    metadata = made["metadata"]
    annotations = {**metadata.get("annotations", {}), **kept}
    return {**made, "metadata": {**metadata, "annotations": annotations}}


def _with_results(document: Document, findings: Iterable[Finding]) -> Document:
    results = [_result(finding) for finding in findings]
    rest = {key: value for key, value in document.items() if key != "results"}
    return {**rest, "results": results} if results else rest


def _result(finding: Finding) -> Document:
    file = file_of(finding)
    result: Document = {
        "message": sentence(finding),
        "severity": _SEVERITIES[finding.severity],
        "tags": {"rule": finding.rule},
    }
    is_inline = file == INLINE
    if finding.path and finding.path != file:
        result["field"] = {"path": f"spec.platform.{finding.path}" if is_inline else finding.path}
    if file not in (None, INLINE, INPUT):
        result["file"] = {"path": file}
        if finding.location is not None:
            result["tags"]["line"] = str(finding.location.line)
    return result
