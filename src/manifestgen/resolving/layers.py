"""From one document to a merged document for each environment."""

from __future__ import annotations

from typing import NamedTuple

from manifestgen.errors import Finding, Location, ManifestgenError
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving.files import SpecFiles
from manifestgen.resolving.merge import merge, without, without_nulls
from manifestgen.resolving.patches import DEFAULTED, member, shape_findings
from manifestgen.resolving.providers import merge_layer
from manifestgen.resolving.shape import keys_at
from manifestgen.resolving.wording import shown
from manifestgen.yamlio.nodes import Node, dotted


class Layers(NamedTuple):
    """The document without environments, and the patch of each environment with its ancestors first."""

    base: Node
    environments: dict[str, tuple[Node, ...]]
    files: SpecFiles

    def place(self, environment: str | None) -> Location:
        """Where an environment is named; of the base, its start."""
        layer = self.environments[environment][-1] if environment is not None else self.base
        return layer.key_location or layer.location

    def merged(self, environment: str | None) -> Node:
        """The whole document of ``environment`` (None: the base), defaults applied."""
        patches = self.environments[environment] if environment is not None else ()
        document = self._with_patches(environment)
        defaults = member(document, "defaults")
        document = without(document, ("defaults",))
        for section in DEFAULTED:
            default = member(defaults, section)
            if default is not None:
                document = self._with_defaults(document, section, default, patches)
        return without_nulls(document)

    def default(self, environment: str | None, section: str, kind: str) -> Node | None:
        """What things of a type start from in a section; None where nothing is said."""
        default = member(member(self._with_patches(environment), "defaults"), section)
        if default is None:
            return None
        thing = Node({"type": Node(kind, default.location)}, default.location, default.key_location)
        return without_nulls(Node(_for_type(section, default, thing), default.location, default.key_location))

    def _with_patches(self, environment: str | None) -> Node:
        document = self.base
        for patch in self.environments[environment] if environment is not None else ():
            document = merge_layer(document, patch)
        return document

    def _with_defaults(self, document: Node, section: str, default: Node, patches: tuple[Node, ...]) -> Node:
        """Each member of ``section`` rebuilt from ``default`` up, so that a null can remove a default."""
        things = member(document, section)
        if things is None or not isinstance(things.value, dict):
            return document
        layers = [member(layer, section) for layer in (self.base, *patches)]
        rebuilt: dict[str, Node] = {}
        for name, thing in things.value.items():
            start = Node(_for_type(section, default, thing), thing.location, thing.key_location)
            for layer in layers:
                patch = member(layer, name)
                if patch is not None:
                    start = merge(start, patch, None)
            rebuilt[name] = Node(start.value, thing.location, thing.key_location)
        section_node = Node(rebuilt, things.location, things.key_location)
        assert isinstance(document.value, dict)  # it has the section
        return Node({**document.value, section: section_node}, document.location, document.key_location)


def _for_type(section: str, default: Node, thing: Node) -> dict[str, Node]:
    """``default`` without what only other types of things have."""
    assert isinstance(default.value, dict)  # `shape_findings` says so otherwise
    kind = member(thing, "type")
    known = keys_at((section, "", kind.value)) if kind is not None and isinstance(kind.value, str) else ()
    if not known:
        return default.value
    elsewhere = keys_at((section, ""))
    return {key: node for key, node in default.value.items() if key in known or key not in elsewhere}


def split(document: Node, files: SpecFiles) -> Layers:
    """The layers of a spec. Raises ManifestgenError when they cannot be put together."""
    findings = list(shape_findings(document))
    environments = member(document, "environments")
    if environments is None or not isinstance(environments.value, dict) or findings:
        raise ManifestgenError(findings)
    chains: dict[str, tuple[Node, ...]] = {}
    for name in environments.value:
        chain = _chain(environments.value, name)
        if isinstance(chain, Finding):
            findings.append(chain)
        else:
            chains[name] = tuple(without(environments.value[link], ("extends",)) for link in chain)
    if findings:
        raise ManifestgenError(findings)
    return Layers(without(document, ("environments",)), chains, files)


def _chain(environments: dict[str, Node], name: str) -> list[str] | Finding:
    """``name`` and what it extends, the furthest ancestor first; of a mistake, what there is before it.

    Each mistake is reported once: by the environment that makes it, a circle by its first environment.
    """
    chain = [name]
    while (parent := member(environments[chain[-1]], "extends")) is not None and parent.value is not None:
        known = [other for other in environments if other != chain[-1]]
        if not isinstance(parent.value, str) or parent.value not in environments:
            return _unknown_parent(name, parent, known) if len(chain) == 1 else chain
        if parent.value in chain:
            circle = chain[chain.index(parent.value) :]
            first = next(other for other in environments if other in circle)
            return _circle(chain, parent) if parent.value == name == first else chain
        chain.append(parent.value)
    return chain[::-1]


def _unknown_parent(name: str, parent: Node, known: list[str]) -> Finding:
    path = dotted(("environments", name, "extends"))
    if not isinstance(parent.value, str):
        message = f"it must be the name of one environment, not {shown(parent)}"
        return Finding("type", message, f"write e.g. {next(iter(known), name)}", path, parent.location)
    message = f"there is no environment {shown(parent)}"
    return Finding("extends-unknown", message, nearest_hint(parent.value, known), path, parent.location)


def _circle(chain: list[str], parent: Node) -> Finding:
    path = dotted(("environments", chain[-1], "extends"))
    if len(chain) == 1:
        message = "the environment builds on itself"
        return Finding("extends-cycle", message, "remove this key", path, parent.location)
    circle = " → ".join([*chain, str(parent.value)])
    message = f"the environments build on each other in a circle: {circle}"
    return Finding("extends-cycle", message, "let one of them stand alone", path, parent.location)
