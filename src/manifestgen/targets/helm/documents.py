"""What people read: README.md, NOTES.txt and the helpers of the templates."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from manifestgen.kube.generalise import Generalisation, GeneralObject
from manifestgen.kube.generalise.layers import Gap, merged_order
from manifestgen.kube.generalise.paths import ROUTES, WORKLOADS, camel
from manifestgen.kube.generalise.tree import ValuePath
from manifestgen.kube.generalise.values import Shape, Value
from manifestgen.kube.objects import KubeObject, Manifest, ObjectId
from manifestgen.rendering.environment import Renderer
from manifestgen.targets.helm.addresses import Hosts
from manifestgen.targets.helm.comments import leading_comment
from manifestgen.targets.helm.model import ChartInfo
from manifestgen.targets.helm.nouns import NOUNS, TITLES
from manifestgen.targets.helm.syntax import References, escaped
from manifestgen.targets.helm.values import Branch, dependency_layer, effective, leaves, sentence

_ROLLOUTS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
_WORDS: Final[dict[Shape, str]] = {
    Shape.LARGE_INTEGER: "integer",
    Shape.COUNT: "integer or percentage",
    Shape.SCALAR: "string or number",
}
_TYPES: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "map",
    list: "list",
}


def _waits_for_people(manifest: Manifest) -> bool:
    """Whether a new version starts where somebody deletes a pod: then there is no rollout to watch."""
    return ((manifest.get("spec") or {}).get("updateStrategy") or {}).get("type") == "OnDelete"


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


class Page(NamedTuple):
    """The documents of one chart."""

    info: ChartInfo
    general: Generalisation
    root: Branch
    things: Mapping[ObjectId, KubeObject]
    references: References

    def titles(self) -> dict[str, str]:
        """What each top part of the values is about."""
        used = self._used()
        components: dict[str, dict[str, list[GeneralObject]]] = {}
        for one in self.general.objects:
            if one.root in used:
                components.setdefault(one.root[0], {}).setdefault(one.component, []).append(one)
        stores = (one.id.name for one in self.general.objects if one.id.kind == "SecretStore")
        return (
            TITLES
            | {camel(name): "Where secrets come from." for name in stores}
            | {
                key: " ".join(self._title(name, objects) for name, objects in found.items())
                for key, found in components.items()
            }
        )

    def _used(self) -> set[ValuePath]:
        """The places of components that have values: the nearest above each value."""
        roots = {one.root for one in self.general.objects}
        return {
            next((end for length in range(len(path), 0, -1) if (end := path[:length]) in roots), path)
            for path in (value.path for value in self.general.values)
        }

    def _title(self, component: str, objects: Sequence[GeneralObject]) -> str:
        main = [one for one in objects if one.id.kind in WORKLOADS | ROUTES]
        about = leading_comment(self.things[main[0].id]) if main else ""
        return f"{component}: {sentence(about or _list(main or objects))}"

    def files(self, renderer: Renderer) -> dict[str, str]:
        """The documents by their path in the chart."""
        context: dict[str, Any] = {
            "chart": self.info.name,
            "info": self.info,
            "rollouts": list(self._rollouts()),
            "addresses": list(self._addresses()),
            "installs": list(self._installs()),
            "sections": list(self._sections()),
            "environments": self.general.environments,
            "changes": list(self._changes()),
        }
        return {
            "templates/_helpers.tpl": renderer.render("helm/_helpers.tpl.j2", context),
            "templates/NOTES.txt": renderer.render("helm/NOTES.txt.j2", context),
            "README.md": renderer.render("helm/README.md.j2", context),
            ".helmignore": renderer.render("helm/helmignore.j2", context),
        }

    def _rollouts(self) -> Iterator[Rollout]:
        for one in self.general.objects:
            if one.id.kind in _ROLLOUTS and not _waits_for_people(self.things[one.id].manifest):
                resource = escaped(f"{one.id.kind.lower()}/{one.id.name}")
                yield Rollout(resource, self.references.condition(one.guards) if one.guards else "")

    def _addresses(self) -> Iterator[str]:
        """Lines with the hosts that are let in, under a heading that stands only when there is one."""
        hosts = Hosts(self.references, self.things)
        routes = [(one, lines) for one in self.general.objects if (lines := list(hosts.of(one)))]
        if not routes:
            return
        if len(routes) == 1:
            route, lines = routes[0]
            yield from self._guarded(route, ["", "Addresses:", *lines])
            return
        switches = [self.references.condition(one.guards) for one, _ in routes if one.guards]
        tests = " ".join(f"({test})" if " " in test else test for test in switches)
        block = ["", "Addresses:", *(line for one, lines in routes for line in self._guarded(one, lines))]
        yield from (
            [f"{{{{- if or {tests} }}}}", *block, "{{- end }}"] if len(switches) == len(routes) else block
        )

    def _guarded(self, one: GeneralObject, lines: Sequence[str]) -> list[str]:
        if not one.guards:
            return list(lines)
        return [f"{{{{- if {self.references.condition(one.guards)} }}}}", *lines, "{{- end }}"]

    def _installs(self) -> Iterator[dict[str, str]]:
        for name in self.general.environments:
            release = self.info.release_in(name)
            namespace = self.info.namespaces.get(name, "NAMESPACE")
            command = f"helm upgrade --install {release} . --namespace {namespace} --create-namespace"
            yield {"environment": name, "command": f"{command} --values values-{name}.yaml"}

    def _sections(self) -> Iterator[dict[str, Any]]:
        titles = self.titles()
        for key, below in self.root.items():
            rows = [row for path, value in leaves({key: below}) for row in _rows(path, value)]
            yield {"title": key, "about": titles.get(key, ""), "rows": rows}

    def _changes(self) -> Iterator[Change]:
        layers: list[dict[ValuePath, Any]] = []
        for index, name in enumerate((None, *self.general.environments)):
            values = [_flat(path, effective(value, index)) for path, value in leaves(self.root)]
            values.append(_flat((), dependency_layer(self.info, name)))
            layers.append({path: value for members in values for path, value in members.items()})
        opened_paths = _above(layers)
        for path in merged_order([tuple(layer) for layer in layers]):
            default, *cells = (_json(layer[path]) if path in layer else "" for layer in layers)
            if any(text != default for text in cells) and path not in opened_paths:
                yield Change(
                    _dotted(path), default, tuple("" if c == default else c or "null" for c in cells)
                )


def _above(layers: Iterable[Mapping[ValuePath, Any]]) -> frozenset[ValuePath]:
    """The paths that have members in some layer: an empty map there needs no row of its own."""
    return frozenset(path[:end] for layer in layers for path in layer for end in range(len(path)))


def _list(objects: Sequence[GeneralObject]) -> str:
    """What an undescribed component consists of: ``settings and secrets (ConfigMap a, Secret b)``."""
    names = ", ".join(f"{one.id.kind} {one.id.name}" for one in objects)
    if not any(one.id.kind in NOUNS for one in objects):
        return names
    *others, last = dict.fromkeys(NOUNS.get(one.id.kind, "other objects") for one in objects)
    return f"{', '.join(others)} and {last} ({names})" if others else f"{last} ({names})"


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
    return ".".join(key if key.replace("-", "_").isidentifier() else _json(key) for key in path)


_json: Final[Callable[[Any], str]] = json.JSONEncoder(ensure_ascii=False).encode
