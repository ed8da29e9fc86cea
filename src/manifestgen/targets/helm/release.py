"""The namespace of the release, wherever an object names the one that it is in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from manifestgen.facts.conventions import THIS_NAMESPACE
from manifestgen.kube.generalise.tree import Entry, Lifted, Literal, Node, Sequence, Verbatim, opened
from manifestgen.kube.generalise.tree import Mapping as Map
from manifestgen.kube.identity import (
    called_after,
    is_binding,
    is_called_after_namespace,
    is_cluster_scoped,
    part_about_namespace,
)
from manifestgen.kube.objects import KubeObject, Manifest
from manifestgen.targets.helm.text import Writer


def installed(node: Node, thing: KubeObject, writer: Writer) -> Map:
    """The tree of an object with the namespace of the release wherever Kubernetes asks for one."""
    assert isinstance(node, Map)  # an object is a map
    entries, manifest = node.entries, thing.manifest
    if not is_cluster_scoped(manifest, thing.scope):
        entries = tuple(_replaced(entry, "metadata", _with_namespace) for entry in entries)
    elif is_called_after_namespace(manifest["metadata"]["name"]):
        entries = tuple(_replaced(entry, "metadata", partial(_called_after, writer)) for entry in entries)
    if is_binding(manifest):
        entries = tuple(_replaced(entry, "subjects", _with_namespaces) for entry in entries)
        entries = tuple(_replaced(entry, "roleRef", partial(_called_after, writer)) for entry in entries)
    return Map(entries)


_NAMESPACE: Final = Entry("namespace", Verbatim("{{ .Release.Namespace }}"))


def _called_after(writer: Writer, node: Node) -> Node:
    """A map whose name begins with the namespace of the release, where it stands for that."""
    node = opened(node)
    if not isinstance(node, Map):
        return node
    return Map(tuple(_name_called_after(entry, writer) for entry in node.entries), node.extra)


def _name_called_after(entry: Entry, writer: Writer) -> Entry:
    match entry:
        case Entry("name", Literal(str() as name)) if is_called_after_namespace(name):
            return entry._replace(node=Verbatim(called_after(name, "{{ .Release.Namespace }}")))
        case Entry("name", Lifted(path)) if any(map(_may_be_called_after, writer.values[path].versions)):
            action = f'{writer.value(path)} | replace "{THIS_NAMESPACE}" .Release.Namespace | quote'
            return entry._replace(node=Verbatim(f"{{{{ {action} }}}}"))
        case _:
            return entry


def _may_be_called_after(version: Any) -> bool:
    return isinstance(version, str) and is_called_after_namespace(version)


def _replaced(entry: Entry, key: str, change: Callable[[Node], Node]) -> Entry:
    return entry._replace(node=change(entry.node)) if entry.key == key else entry


def _with_namespace(node: Node) -> Node:
    node = opened(node)
    if not isinstance(node, Map):
        return node
    entries = [entry for entry in node.entries if entry.key != "namespace"]
    place = next((i + 1 for i, entry in enumerate(entries) if entry.key == "name"), len(entries))
    return Map((*entries[:place], _NAMESPACE, *entries[place:]), node.extra)


def _with_namespaces(node: Node) -> Node:
    """The subjects of a binding: service accounts that name no namespace get the release's."""
    node = opened(node)
    if not isinstance(node, Sequence):
        return node
    return Sequence(tuple(item._replace(node=_subject(item.node)) for item in node.items))


def _subject(node: Node) -> Node:
    node = opened(node)
    if not isinstance(node, Map) or any(entry.key == "namespace" for entry in node.entries):
        return node
    return _with_namespace(node) if any(map(_is_account, node.entries)) else node


def _is_account(entry: Entry) -> bool:
    return entry.key == "kind" and isinstance(entry.node, Literal) and entry.node.value == "ServiceAccount"


def object_lines(tree: Map, manifest: Manifest, writer: Writer) -> list[str]:
    """The lines of an object, with the release's namespace in place of what stands for it."""
    part = part_about_namespace(manifest)
    if part is None:
        return writer.object(tree)
    lines = writer._replace(speaks_of_namespace=True).object(tree)
    start = next((index for index, line in enumerate(lines) if line.startswith(f"{part}:")), 0)
    return [*lines[:start], *map(_in_release, lines[start:])]


def _in_release(line: str) -> str:
    """The line with the release's namespace, unless it takes it from values, which are seen to there."""
    if f'replace "{THIS_NAMESPACE}"' in line:
        return line
    return line.replace(THIS_NAMESPACE, "{{ .Release.Namespace }}")
