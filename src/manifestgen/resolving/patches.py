"""What is wrong with environments and defaults before they are merged, when each can still be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.names import check_label, quoted
from manifestgen.facts.nearest import nearest, nearest_hint
from manifestgen.resolving.complaints import Flaw
from manifestgen.resolving.shape import BESIDE_THE_PLATFORM, keys_at
from manifestgen.resolving.wording import shown
from manifestgen.yamlio.nodes import Node, dotted

FIXED: Final = ("apiVersion", "kind", "environments", "targets")
"""What an environment may not change; nor the platform's name."""
DEFAULTED: Final = ("workloads",)
"""Sections whose members start from ``defaults.<section>``."""
NAMED: Final = {
    "settings": "set of settings",
    "workloads": "workload",
    "datastores": "data service",
    "externals": "external",
    "claims": "claim",
    "backups": "backup",
    "routes": "route",
    "slos": "objective",
    "secretStores": "store of secrets",
    "issuers": "issuer",
    "priorityClasses": "PriorityClass",
    "manifests": "manifest",
    "patches": "patch",
}
"""Sections of named things, and what one of them is called."""
_TELLING: Final = {
    "workloads": "type",
    "datastores": "type",
    "externals": "networks",
    "claims": "size",
    "backups": "datastore",
    "routes": "workload",
    "slos": "workload",
    "secretStores": "type",
    "issuers": "type",
    "priorityClasses": "value",
    "patches": "target",
}
"""The key that tells a new thing from a change to one that there is."""


def member(node: Node | None, key: str) -> Node | None:
    """What stands under ``key`` in a map, None when there is no such thing."""
    return node.value.get(key) if node is not None and isinstance(node.value, dict) else None


def shape_findings(document: Node) -> Iterator[Finding]:
    """What the merge itself needs: environments and defaults are maps, with names and keys that are known."""
    environments = member(document, "environments")
    yield from _defaults(document, ())
    yield from _null_keys(document)
    if environments is None or environments.value == {}:
        yield _no_environments(environments or document)
    elif not isinstance(environments.value, dict):
        yield _no_map(("environments",), environments)
    else:
        for name, layer in environments.value.items():
            yield from _environment(document, name, layer)


def unknown_overrides(base: Node, patches: tuple[Node, ...], flaws: list[Flaw]) -> list[Flaw]:
    """``flaws``, with one for each incomplete thing that only an environment has."""
    lacking: dict[tuple[str, str], list[str]] = {}
    rest: list[Flaw] = []
    for flaw in flaws:
        thing = _thing(base, patches, flaw)
        if thing is None:
            rest.append(flaw)
        else:
            lacking.setdefault(thing, []).append(dotted(flaw.path[2:]) or "what its type needs")
    return [*rest, *(_unknown_override(base, patches, thing, keys) for thing, keys in lacking.items())]


def _thing(base: Node, patches: tuple[Node, ...], flaw: Flaw) -> tuple[str, str] | None:
    """Section and name of the thing that lacks something and that only the environment has."""
    section, name = (*flaw.path, "", "")[:2]
    if not flaw.is_incomplete or section not in NAMED or not isinstance(name, str) or not name:
        return None
    if member(member(base, section), name) is not None:
        return None
    told = any(member(_in(patch, section, name), _TELLING.get(section, "")) for patch in patches)
    return None if told else (section, name)


def _unknown_override(base: Node, patches: tuple[Node, ...], thing: tuple[str, str], keys: list[str]) -> Flaw:
    section, name = thing
    node = next(found for patch in patches if (found := _in(patch, section, name)) is not None)
    message = f"there is no {NAMED[section]} {quoted(name)} to change, and a new one needs {', '.join(keys)}"
    return Flaw(thing, _override(thing, node, message, _names(base, section)))


def _override(thing: tuple[str, str], node: Node, message: str, known: list[str]) -> Finding:
    near = nearest(thing[1], known)
    advice = f"did you mean {quoted(near)}?" if near else "check the name"
    place = node.key_location or node.location
    return Finding("override-unknown", message, advice, dotted(thing), place)


def _names(base: Node, section: str) -> list[str]:
    things = member(base, section)
    return list(things.value) if things is not None and isinstance(things.value, dict) else []


def _in(patch: Node, section: str, name: str) -> Node | None:
    return member(member(patch, section), name)


def _environment(document: Node, name: str, layer: Node) -> Iterator[Finding]:
    path = ("environments", name)
    complaint = check_label(name)
    if complaint is not None:
        place = layer.key_location or layer.location
        yield Finding(complaint.rule, complaint.message, complaint.advice, dotted(path), place)
    if not isinstance(layer.value, dict):
        yield _no_map(path, layer)
        return
    yield from _fixed(path, layer)
    yield from _defaults(layer, path)
    yield from _null_keys(layer)
    yield from _removed(document, name, layer)


def _fixed(path: tuple[str, ...], layer: Node) -> Iterator[Finding]:
    fixed = [((key,), member(layer, key)) for key in FIXED]
    for steps, node in [*fixed, (("metadata", "name"), member(member(layer, "metadata"), "name"))]:
        if node is not None:
            yield Finding(
                rule="environment-fixed",
                path=dotted((*path, *steps)),
                message=f"an environment cannot change {dotted(steps)}",
                advice="remove it here",
                location=node.key_location or node.location,
            )


def _removed(document: Node, environment: str, layer: Node) -> Iterator[Finding]:
    """Things that an environment removes although no layer has them."""
    environments = member(document, "environments")
    assert environments is not None and isinstance(environments.value, dict)  # the caller comes from there
    others = [document, *(node for name, node in environments.value.items() if name != environment)]
    for section, what in NAMED.items():
        for name in _names(layer, section):
            node = _in(layer, section, name)
            if node is None or node.value is not None:
                continue
            if all(_in(other, section, name) is None for other in others):
                message = f"there is no {what} {quoted(name)} to remove"
                yield _override((section, name), node, message, _names(document, section))


def _defaults(layer: Node, path: tuple[str, ...]) -> Iterator[Finding]:
    defaults = member(layer, "defaults")
    if defaults is None or defaults.value is None:
        return
    if not isinstance(defaults.value, dict):
        yield _no_map((*path, "defaults"), defaults)
        return
    for key, node in defaults.value.items():
        if key not in DEFAULTED:
            yield _unknown_key((*path, "defaults", key), node, DEFAULTED)
        elif node.value is not None and not isinstance(node.value, dict):
            yield _no_map((*path, "defaults", key), node)


def _null_keys(layer: Node) -> Iterator[Finding]:
    """Unknown keys whose value is null: merging removes them before anything else could complain."""
    for path, node in _nulls(layer, ()):
        if path[0] not in BESIDE_THE_PLATFORM:
            known = keys_at(path[:-1])
        elif len(path) > 2:  # in the defaults of a section, which have no name
            known = keys_at((path[1], "", *path[2:-1]))
        else:
            continue
        if known and path[-1] not in known:
            yield _unknown_key(path, node, known)


def _nulls(node: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    if not isinstance(node.value, dict):
        return
    for key, below in node.value.items():
        if path or key != "environments":  # their layers are asked one by one
            if below.value is None:
                yield (*path, key), below
            yield from _nulls(below, (*path, key))


def _unknown_key(path: tuple[str, ...], node: Node, known: tuple[str, ...]) -> Finding:
    return Finding(
        rule="unknown-key",
        path=dotted(path),
        message=f"unknown key {quoted(path[-1])}",
        advice=nearest_hint(path[-1], known),
        location=node.key_location or node.location,
    )


def _no_map(path: tuple[str, ...], node: Node) -> Finding:
    advice = "an empty map is written {}" if node.value is None else "write `name: …` lines"
    return Finding("type", f"it must be a map, not {shown(node)}", advice, dotted(path), node.location)


def _no_environments(node: Node) -> Finding:
    return Finding(
        rule="environments",
        path="environments",
        message="there is no environment",
        advice="add at least one, e.g. `environments: {production: {namespace: my-app}}`",
        location=node.key_location or node.location,
    )
