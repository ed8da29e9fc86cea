"""Objects of the user's own, as they are written in the spec or in files that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding, Location, ManifestgenError
from manifestgen.facts.names import quoted
from manifestgen.kube.comments import comments_at, prose, written
from manifestgen.kube.objects import KubeObject, Manifest
from manifestgen.kube.plain import without_null_members
from manifestgen.resolving import ResolvedPlatform
from manifestgen.resolving.model import Document
from manifestgen.spec.late import Manifest as Described
from manifestgen.yamlio.nodes import Node, dotted

_API_VERSION: Final = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[a-z0-9]+")
_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.:]*[a-z0-9])?")
_LONGEST: Final = 253


def own_objects(platform: ResolvedPlatform) -> Iterator[KubeObject]:
    """The objects of all manifests. Raises ManifestgenError with what is no object."""
    findings: list[Finding] = []
    for name, described in platform.spec.manifests.items():
        for document in platform.documents.get(name, ()):
            wrong = list(_complaints(name, described, document.node))
            findings += wrong
            if not wrong and not findings:
                yield _made(name, described, document)
    if findings:
        raise ManifestgenError(findings)


def _made(name: str, described: Described, document: Document) -> KubeObject:
    manifest: Manifest = without_null_members(document.node.plain())
    comments = dict(comments_at(document.node, document.lines)) if document.lines else {}
    if described.description:
        comments[()] = (*prose(described.description), *comments.get((), ()))
    return KubeObject(
        manifest=_head_first(manifest),
        text=written(_head_first(manifest), comments),
        component=name,
        template="",
        source=("manifests", name),
        scope=described.scope,
        unchecked=described.unchecked is not None,
    )


def _head_first(manifest: Manifest) -> Manifest:
    """The object with its keys as people order them."""
    head = {key: manifest[key] for key in ("apiVersion", "kind", "metadata")}
    return head | {key: value for key, value in manifest.items() if key not in head}


def _complaints(name: str, described: Described, node: Node) -> Iterator[Finding]:
    """Why a document is no object that can be built."""
    place = ("manifests", name, "object" if described.object is not None else "file")
    for path, message, advice in _flaws(node):
        below = node.at(path)
        missing = path and node.at(path[:-1]) is below
        where = below.key_location or below.location if missing or not path else below.location
        shown = dotted((*place, *path)) if described.object is not None else dotted(place)
        yield _finding("manifest-object", shown, message, advice, where)
    namespace = node.at(("metadata", "namespace"))
    if namespace is not node.at(("metadata",)) and namespace.value is not None:
        message = f"the object names the namespace {quoted(str(namespace.value))}"
        advice = "remove it: where objects run is said by `namespace:` of the environment"
        yield _finding(
            "object-namespace", dotted(place), message, advice, namespace.key_location or namespace.location
        )


def _flaws(node: Node) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What is wrong with the head of an object: where, the message and the advice."""
    if not isinstance(node.value, dict):
        yield (), "this is no object", "an object has apiVersion, kind and metadata"
        return
    for path, pattern, example in (
        (("apiVersion",), _API_VERSION, "v1"),
        (("kind",), _KIND, "ConfigMap"),
        (("metadata", "name"), _NAME, "my-name"),
    ):
        value = _at(node, path)
        if value is None:
            yield path, f"the object has no {path[-1]}", f"write e.g. {example}"
        elif not isinstance(value, str) or len(value) > _LONGEST or not pattern.fullmatch(value):
            message = f"{quoted(str(value))} cannot be the {path[-1]} of an object"
            yield path, message, f"write e.g. {example}"
    if _at(node, ("kind",)) == "List":
        message = "a List is no object of its own"
        yield ("kind",), message, "write its items one by one, as documents with `---` between them"


def _at(node: Node, path: tuple[str, ...]) -> Any:
    """The value at a path, None where there is nothing."""
    for step in path:
        below = node.at((step,))
        if below is node:
            return None
        node = below
    return node.value


def _finding(rule: str, path: str, message: str, advice: str, location: Location) -> Finding:
    return Finding(rule, message, advice, path, location)
