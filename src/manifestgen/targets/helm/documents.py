"""What people read: README.md, NOTES.txt and the helpers of the templates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from manifestgen.kube.generalise import Generalisation, GeneralObject
from manifestgen.kube.generalise.layers import Gap
from manifestgen.kube.generalise.tree import Lifted, Literal, Node, Repeat, ValuePath, opened
from manifestgen.kube.generalise.tree import Mapping as Map
from manifestgen.kube.generalise.tree import Sequence as Items
from manifestgen.kube.generalise.values import Shape, Value
from manifestgen.render.environment import Renderer
from manifestgen.targets.helm.markdown import cell, code
from manifestgen.targets.helm.model import ChartInfo
from manifestgen.targets.helm.syntax import condition, escaped, reference
from manifestgen.targets.helm.values import Branch, effective, leaves

_ROLLOUTS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
_TITLES: Final = {
    "images": "Images of helper containers that several components run.",
    "vault": "Where secrets come from.",
}
_WORDS: Final[dict[Shape, str]] = {
    Shape.LARGE_INTEGER: "integer",
    Shape.COUNT: "integer or percentage",
    Shape.SCALAR: "string or number",
    Shape.BOXED: "list of one",
}
_TYPES: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "map",
    list: "list",
}


class Row(NamedTuple):
    """A line of the table of values."""

    name: str
    type: str
    default: str
    description: str


class Change(NamedTuple):
    """A value that some environment changes; a cell is empty where it does not."""

    name: str
    default: str
    cells: tuple[str, ...]


class Rollout(NamedTuple):
    """Something whose rollout can be watched; ``condition`` is empty when it is always there."""

    resource: str
    condition: str


@dataclass(frozen=True, slots=True)
class Page:
    """The documents of one chart."""

    info: ChartInfo
    general: Generalisation
    root: Branch

    def titles(self) -> dict[str, str]:
        """What each top part of the values is about."""
        kinds: dict[str, dict[str, list[str]]] = {}
        for one in self.general.objects:
            kinds.setdefault(one.root[0], {}).setdefault(one.component, []).append(one.id.kind)
        described = {
            key: "\n".join(
                f"{name}: {', '.join(dict.fromkeys(found))}." for name, found in components.items()
            )
            for key, components in kinds.items()
        }
        return _TITLES | described

    def files(self, renderer: Renderer) -> dict[str, str]:
        """The documents by their path in the chart."""
        context: dict[str, Any] = {
            "chart": self.info.name,
            "info": self.info,
            "md": cell,
            "code": code,
            "rollouts": list(self._rollouts()),
            "addresses": [line for one in self.general.objects for line in _addresses(one)],
            "installs": list(self._installs()),
            "sections": list(self._sections()),
            "environments": self.general.environments,
            "changes": [change for path, value in leaves(self.root) for change in self._changes(path, value)],
        }
        return {
            "templates/_helpers.tpl": renderer.render("helm/_helpers.tpl.j2", context),
            "templates/NOTES.txt": renderer.render("helm/NOTES.txt.j2", context),
            "README.md": renderer.render("helm/README.md.j2", context),
            ".helmignore": renderer.render("helm/helmignore.j2", context),
        }

    def _rollouts(self) -> Iterator[Rollout]:
        for one in self.general.objects:
            if one.id.kind in _ROLLOUTS:
                resource = escaped(f"{one.id.kind.lower()}/{one.id.name}")
                yield Rollout(resource, condition(one.guards) if one.guards else "")

    def _installs(self) -> Iterator[dict[str, str]]:
        release = self.info.release or self.info.name
        for name in self.general.environments:
            namespace = self.info.namespaces.get(name, "NAMESPACE")
            command = f"helm upgrade --install {release} . --namespace {namespace} --create-namespace"
            yield {"environment": name, "command": f"{command} --values values-{name}.yaml"}

    def _sections(self) -> Iterator[dict[str, Any]]:
        titles = self.titles()
        for key, below in self.root.items():
            rows = [row for path, value in leaves({key: below}) for row in _rows(path, value)]
            yield {"title": key, "about": titles.get(key, ""), "rows": rows}

    def _changes(self, path: ValuePath, value: Value) -> Iterator[Change]:
        layers = [_flat(path, effective(value, index)) for index in range(len(value.versions))]
        for name in dict.fromkeys(name for layer in layers for name in layer):
            default, *cells = (_json(layer[name]) if name in layer else "" for layer in layers)
            if any(text != default for text in cells):
                shown = tuple("" if text == default else text or "null" for text in cells)
                yield Change(_dotted(name), default, shown)


def _addresses(one: GeneralObject) -> Iterator[str]:
    if one.id.kind != "Ingress":
        return
    spec = _child(one.tree, "spec")
    scheme = "https" if _child(spec, "tls") is not None else "http"
    lines = list(_host_lines(_child(spec, "rules"), scheme))
    if one.guards and lines:
        lines = [f"{{{{- if {condition(one.guards)} }}}}", *lines, "{{- end }}"]
    yield from lines


def _host_lines(rules: Node | None, scheme: str) -> Iterator[str]:
    if isinstance(rules, Repeat):
        yield from (f"{{{{- range {reference(rules.path)} }}}}", f"  {scheme}://{{{{ . }}}}", "{{- end }}")
    for item in rules.items if isinstance(rules, Items) else ():
        host = _child(item.node, "host")
        if isinstance(host, Lifted):
            yield f"  {scheme}://{{{{ {reference(host.path)} }}}}"
        elif isinstance(host, Literal):
            yield escaped(f"  {scheme}://{host.value}")


def _child(node: Node | None, key: str) -> Node | None:
    inner = opened(node) if node is not None else None
    entries = inner.entries if isinstance(inner, Map) else ()
    return next((entry.node for entry in entries if entry.key == key), None)


def _rows(path: ValuePath, value: Value) -> Iterator[Row]:
    """The row of a value, and below a map one for each member that the base or an environment has."""
    base = value.versions[0]
    kind = _WORDS.get(value.shape, value.shape.value)
    if value.shape is not Shape.MAP:
        yield Row(_dotted(path), kind, _default(base), value.about.description)
        return
    yield Row(_dotted(path), kind, "{}" if base == {} else "", value.about.description)
    members = _flat(path, base)
    for index in range(1, len(value.versions)):
        members = members | {
            k: v for k, v in _flat(path, effective(value, index)).items() if k not in members
        }
    own = _flat(path, base)
    for name, member in members.items():
        if name != path:
            yield Row(_dotted(name), _TYPES.get(type(member), ""), _json(member) if name in own else "", "")


def _default(base: Any) -> str:
    return "" if isinstance(base, Gap) else _json(base)


def _flat(path: ValuePath, value: Any) -> dict[ValuePath, Any]:
    """The members of nested maps by their paths; a map without members stands for itself."""
    if isinstance(value, Gap):
        return {}
    if not isinstance(value, dict) or not value:
        return {path: value}
    return {name: leaf for key, item in value.items() for name, leaf in _flat((*path, key), item).items()}


def _dotted(path: Sequence[str]) -> str:
    return ".".join(
        key if key.replace("-", "_").isidentifier() else json.dumps(key, ensure_ascii=False) for key in path
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
