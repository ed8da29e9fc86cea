"""From one document to a merged document for each environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolve.merge import merge, without, without_nulls
from manifestgen.yamlio.nodes import Node

FIXED = ("apiVersion", "kind", "environments")
"""What an environment may not change; nor the platform's name."""
DEFAULTED = ("workloads",)
"""Sections whose members start from ``defaults.<section>``."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The document without environments, and the patch of each environment with its ancestors first."""

    base: Node
    environments: dict[str, tuple[Node, ...]]

    def merged(self, environment: str | None) -> Node:
        """The whole document of ``environment`` (None: the base), defaults applied."""
        patches = self.environments[environment] if environment is not None else ()
        document = self.base
        for patch in patches:
            document = merge(document, patch)
        defaults = _member(document, "defaults")
        document = without(document, ("defaults",))
        for section in DEFAULTED:
            default = _member(defaults, section)
            if default is not None:
                document = self._with_defaults(document, section, default, patches)
        return without_nulls(document)

    def _with_defaults(self, document: Node, section: str, default: Node, patches: tuple[Node, ...]) -> Node:
        """Each member of ``section`` rebuilt from ``default`` up, so that a null can remove a default."""
        members = _member(document, section)
        if members is None or not isinstance(members.value, dict):
            return document
        layers = [_member(layer, section) for layer in (self.base, *patches)]
        rebuilt: dict[str, Node] = {}
        for name, member in members.value.items():
            thing = Node(default.value, member.location, member.key_location)
            for layer in layers:
                patch = _member(layer, name)
                if patch is not None:
                    thing = merge(thing, patch)
            rebuilt[name] = Node(thing.value, member.location, member.key_location)
        section_node = Node(rebuilt, members.location, members.key_location)
        assert isinstance(document.value, dict)  # it has the section
        return Node({**document.value, section: section_node}, document.location, document.key_location)


def split(document: Node) -> Layers:
    """The layers of a spec. Raises ManifestgenError when they cannot be put together."""
    findings = list(_shape_findings(document))
    environments = _member(document, "environments")
    if environments is None or not isinstance(environments.value, dict) or findings:
        raise ManifestgenError(findings or [_no_environments(document)])
    chains: dict[str, tuple[Node, ...]] = {}
    for name in environments.value:
        try:
            chain = _chain(environments.value, name)
        except ManifestgenError as error:
            findings.extend(f for f in error.findings if f not in findings)
            continue
        findings.extend(_fixed_findings(name, environments.value[name]))
        chains[name] = tuple(without(environments.value[link], ("extends",)) for link in chain)
    if findings:
        raise ManifestgenError(findings)
    return Layers(without(document, ("environments",)), chains)


def _member(node: Node | None, key: str) -> Node | None:
    return node.value.get(key) if node is not None and isinstance(node.value, dict) else None


def _no_environments(document: Node) -> Finding:
    return Finding(
        rule="environments",
        path="environments",
        message="there is no environment",
        advice="add at least one, e.g. `environments: {production: {namespace: my-app}}`",
        location=document.location,
    )


def _shape_findings(document: Node) -> Iterator[Finding]:
    """Sections that the merge itself needs to be maps."""
    environments = _member(document, "environments")
    candidates = [("environments", environments), ("defaults", _member(document, "defaults"))]
    if environments is not None and isinstance(environments.value, dict):
        candidates += [(f"environments.{name}", node) for name, node in environments.value.items()]
        if not environments.value:
            yield _no_environments(environments)
    for path, node in candidates:
        if node is not None and not isinstance(node.value, dict):
            yield Finding(
                rule="type",
                path=path,
                message="it must be a map",
                advice="an empty map is written {}",
                location=node.location,
            )
    defaults = _member(document, "defaults")
    if defaults is not None and isinstance(defaults.value, dict):
        for key, node in defaults.value.items():
            if key not in DEFAULTED:
                yield Finding(
                    rule="unknown-key",
                    path=f"defaults.{key}",
                    message=f"unknown key {key!r}",
                    advice=nearest_hint(key, DEFAULTED),
                    location=node.key_location or node.location,
                )


def _fixed_findings(name: str, layer: Node) -> Iterator[Finding]:
    fixed = [(key, _member(layer, key)) for key in FIXED]
    fixed.append(("metadata.name", _member(_member(layer, "metadata"), "name")))
    for key, node in fixed:
        if node is not None:
            yield Finding(
                rule="environment-fixed",
                path=f"environments.{name}.{key}",
                message=f"an environment cannot change {key}",
                advice="remove it here",
                location=node.key_location or node.location,
            )


def _chain(environments: dict[str, Node], name: str) -> list[str]:
    """``name`` and what it extends, the furthest ancestor first."""
    chain = [name]
    while (parent := _member(environments[chain[-1]], "extends")) is not None:
        path = f"environments.{chain[-1]}.extends"
        if not isinstance(parent.value, str) or parent.value not in environments:
            hint = nearest_hint(str(parent.value), tuple(environments))
            message = f"there is no environment {parent.value!r}"
            raise ManifestgenError([Finding("extends-unknown", message, hint, path, parent.location)])
        if parent.value in chain:
            circle = " → ".join([*chain[chain.index(parent.value) :], parent.value])
            message = f"the environments extend each other in a circle: {circle}"
            raise ManifestgenError(
                [Finding("extends-cycle", message, "let one of them stand alone", path, parent.location)]
            )
        chain.append(parent.value)
    return chain[::-1]
