"""The addresses that the notes of a chart show: the hosts of its routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from manifestgen.kube.generalise import GeneralObject
from manifestgen.kube.generalise.paths import ROUTES
from manifestgen.kube.generalise.tree import Lifted, Literal, Node, Repeat, ValuePath, opened
from manifestgen.kube.generalise.tree import Mapping as Map
from manifestgen.kube.generalise.tree import Sequence as Items
from manifestgen.kube.objects import KubeObject, ObjectId
from manifestgen.targets.helm.syntax import References, escaped


@dataclass(frozen=True, slots=True)
class Hosts:
    """Lines of a template with the hosts of a route."""

    references: References
    things: Mapping[ObjectId, KubeObject]

    def of(self, one: GeneralObject) -> Iterator[str]:
        """The lines for one object; none if it is no route, only redirects, or says no host that is new."""
        if one.id.kind not in ROUTES or self._repeats(one.id):
            return
        spec = _child(one.tree, "spec")
        if one.id.kind == "Ingress":
            yield from self._host_lines(_child(spec, "rules"), self._scheme(spec))
        elif _answers(self.things[one.id].manifest):
            yield from self._names(_child(spec, "hostnames"), _prefix(self.things[one.id].manifest))

    def _repeats(self, route: ObjectId) -> bool:
        """Whether another one of the same component, which is its main one, has all of its hosts."""
        main = self.things[route].component
        other = self.things.get(route._replace(name=main))
        return route.name != main and other is not None and _hosts(self.things[route]) <= _hosts(other)

    def _names(self, names: Node | None, prefix: str) -> Iterator[str]:
        if isinstance(names, Lifted):
            path = self.references.to(names.path)
            yield from (f"{{{{- range {path} }}}}", f"  {prefix}{{{{ . }}}}", "{{- end }}")
        elif isinstance(names, Literal):
            yield from (f"  {prefix}{escaped(str(name))}" for name in names.value)

    def _scheme(self, spec: Node | None) -> str:
        """https, http, or what decides between them when only some environments have a certificate."""
        inner = opened(spec) if spec is not None else None
        entries = inner.entries if isinstance(inner, Map) else ()
        tls = next((entry for entry in entries if entry.key == "tls"), None)
        if tls is None:
            return "http"
        if tls.guard is None:
            return "https"
        # Inside range and with, the dot is something else: name the root.
        condition = self.references._replace(root="$").condition((tls.guard,))
        return f"http{{{{ if {condition} }}}}s{{{{ end }}}}"

    def _host_lines(self, rules: Node | None, scheme: str) -> Iterator[str]:
        if isinstance(rules, Repeat):
            yield from self._each("range", rules.path, scheme)
        for item in rules.items if isinstance(rules, Items) else ():
            host = _child(item.node, "host")
            if isinstance(host, Lifted):
                yield from self._each("with", host.path, scheme)
            elif isinstance(host, Literal):
                yield f"  {scheme}://{escaped(str(host.value))}"

    def _each(self, word: str, path: ValuePath, scheme: str) -> list[str]:
        return [f"{{{{- {word} {self.references.to(path)} }}}}", f"  {scheme}://{{{{ . }}}}", "{{- end }}"]


def _hosts(route: KubeObject) -> set[str]:
    spec = route.manifest["spec"]
    return {*spec.get("hostnames", ()), *(rule["host"] for rule in spec["rules"] if "host" in rule)}


def _answers(route: Mapping[str, Any]) -> bool:
    return any("backendRefs" in rule for rule in route["spec"]["rules"])


def _prefix(route: Mapping[str, Any]) -> str:
    """The scheme, where the listeners that it attaches to tell it."""
    listeners = [str(parent.get("sectionName", "")) for parent in route["spec"]["parentRefs"]]
    if any(name.startswith("https") for name in listeners):
        return "https://"
    return "http://" if all(name.startswith("http") for name in listeners) else ""


def _child(node: Node | None, key: str) -> Node | None:
    inner = opened(node) if node is not None else None
    entries = inner.entries if isinstance(inner, Map) else ()
    return next((entry.node for entry in entries if entry.key == key), None)
