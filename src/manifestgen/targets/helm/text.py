"""The text of a template: a tree of literal parts and values, written as a person would."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from manifestgen.facts.conventions import THIS_NAMESPACE
from manifestgen.kube.generalise.layers import Gap
from manifestgen.kube.generalise.tree import (
    Checksum,
    Element,
    Entry,
    Guard,
    Image,
    Item,
    Lifted,
    Literal,
    Node,
    Repeat,
    Sequence,
    Test,
    ValuePath,
    Verbatim,
    opened,
)
from manifestgen.kube.generalise.tree import Mapping as Map
from manifestgen.kube.generalise.values import Shape, Value
from manifestgen.targets.helm.syntax import References, escaped, mentions_namespace, string
from manifestgen.yamlio import emit
from manifestgen.yamlio.literals import literal

# How a value on the line of its key is printed; ``%s`` is the value.
_INLINE: Final[dict[Shape, str]] = {
    Shape.STRING: "%s | quote",
    Shape.INTEGER: "%s",
    Shape.COUNT: "%s",
    Shape.BOOLEAN: "%s",
    Shape.LARGE_INTEGER: "%s | int64",
    Shape.NUMBER: "%s | toJson",
    Shape.SCALAR: "%s | toYaml",
    Shape.TEXT: "%s",
}


_TEXTS: Final = frozenset({Shape.STRING, Shape.SCALAR, Shape.TEXT})


class Writer(NamedTuple):
    """Writes the trees of one chart."""

    chart: str
    values: Mapping[ValuePath, Value]
    environments: tuple[str, ...]
    references: References
    speaks_of_namespace: bool = False
    """Whether values may hold what stands for the namespace (``kube.identity.part_about_namespace``)."""

    def map(self, node: Map, indent: int) -> list[str]:
        """The lines of a map that is not empty."""
        lines = [line for entry in node.entries for line in self._entry(entry, indent)]
        if node.extra is not None:
            pad = " " * indent
            lines += [
                f"{pad}{{{{- with {self.references.to(node.extra.path)} }}}}",
                f"{pad}{{{{- toYaml . | nindent {indent} }}}}",
                f"{pad}{{{{- end }}}}",
            ]
        return lines

    def _entry(self, entry: Entry, indent: int) -> list[str]:
        guard = entry.guard
        above = [f"{' ' * indent}{line}" for line in entry.comment]
        if guard is not None and guard.test is Test.FILLED:
            pad = " " * indent
            inner = [
                *above,
                f"{pad}{_key(entry.key)}:",
                f"{pad}  {{{{- toYaml . | nindent {indent + 2} }}}}",
            ]
            return _within(f"with {self.references.to(guard.path)}", inner, indent)
        lines = [*above, *self._keyed(entry.key, entry.node, indent, guard)]
        guards = [*entry.outer, guard] if guard else []
        return _within(f"if {self.references.condition(guards)}", lines, indent) if guards else lines

    def _keyed(self, key: str, node: Node, indent: int, guard: Guard | None = None) -> list[str]:
        pad = " " * indent
        head = f"{pad}{_key(key)}:"
        inline = self._inline(node, indent + 2, guard)
        if inline is not None:
            return [f"{head} {inline}"]
        return [head, *self._block(node, indent + 2)]

    def _inline(self, node: Node, indent: int, guard: Guard | None = None) -> str | None:
        """What stands on the line of the key or dash, or None for what has lines of its own."""
        match node:
            case Literal(value):
                return None if isinstance(value, dict | list) and value else _scalar(value, indent)
            case Map(entries, extra):
                return None if entries or extra else "{}"
            case Sequence(items):
                return None if items else "[]"
            case Verbatim(text):
                return text
            case _:
                action = self._action(node, guard)
                return f"{{{{ {action} }}}}" if action else None

    def _action(self, node: Node, guard: Guard | None) -> str | None:
        """What prints a value on one line, without its braces."""
        match node:
            case Image(path):
                return f'include "{self.chart}.image" {self.references.to(path)} | quote'
            case Checksum(path):
                return f"toJson {self.references.to(path)} | sha256sum | quote"
            case Element():
                return ". | quote"
            case Lifted(path):
                how = _INLINE.get(self.values[path].shape)
                return how % self.value(path, guard) if how else None
            case _:
                return None

    def _block(self, node: Node, indent: int) -> list[str]:
        """The lines below a key."""
        match opened(node):
            case Map() as inner:
                return self.map(inner, indent)
            case Sequence(items):
                return [line for item in items for line in self._item(item, indent)]
            case Repeat(path, inner):
                inside = self._replace(references=self.references._replace(root="$"))
                lines = inside._item(Item(inner), indent)
                return _within(f"range {_argument(self.value(path))}", lines, indent)
            case Lifted(path):
                value = self._yaml(path, _argument(self.value(path)))
                return [f"{' ' * indent}{{{{- {value} | nindent {indent} }}}}"]
            case _:
                raise TypeError(f"{type(node).__name__} has no lines of its own")

    def _item(self, item: Item, indent: int) -> list[str]:
        lines = self._dashed(item.node, indent)
        guard = item.guard
        return _within(f"if {self.references.condition([guard])}", lines, indent) if guard else lines

    def _dashed(self, node: Node, indent: int) -> list[str]:
        pad = " " * indent
        inline = self._inline(node, indent + 2)
        if inline is not None:
            return [f"{pad}- {inline}"]
        if isinstance(node, Lifted):
            value = self._yaml(node.path, f"(list {_argument(self.value(node.path))})")
            return [f"{pad}{{{{- {value} | nindent {indent} }}}}"]
        first, *others = self._block(_unguarded_first(node), indent + 2)
        if first.lstrip().startswith("{{-"):
            return [f"{pad}-", first, *others]
        return [f"{pad}- {first[indent + 2 :]}", *others]

    def _yaml(self, path: ValuePath, value: str) -> str:
        """What prints a value as YAML of several lines."""
        if self.speaks_of_namespace and mentions_namespace(self.values[path].versions):
            return f'toYaml {value} | replace "{THIS_NAMESPACE}" .Release.Namespace'
        return f"toYaml {value}"

    def value(self, path: ValuePath, guard: Guard | None = None) -> str:
        """The value, or an error that says which files to look into when the base has none."""
        value = self.values[path]
        text = self.references.to(path)
        if self.speaks_of_namespace and value.shape in _TEXTS and mentions_namespace(value.versions):
            text = f'({text} | replace "{THIS_NAMESPACE}" .Release.Namespace)'
        guarded = guard is not None and guard.path == path
        if value.has_default or guarded or "" in value.versions:
            return text
        layers = zip(self.environments, value.versions[1:], strict=True)
        example = next(name for name, version in layers if not isinstance(version, Gap))
        message = f"set {'.'.join(path)}, as values-{example}.yaml does"
        return f"required {string(message)} {text}"

    def object(self, node: Map) -> list[str]:
        """A whole object, which gets the namespace and the labels that Helm asks for."""
        lines: list[str] = []
        for entry in node.entries:
            if entry.key == "metadata" and isinstance(entry.node, Map):
                lines += ["metadata:", *self._metadata(entry.node)]
            else:
                lines += self._entry(entry, 0)
        return lines

    def _metadata(self, node: Map) -> list[str]:
        own = {entry.key: entry for entry in node.entries}
        lines = [line for key in ("name", "namespace") if key in own for line in self._entry(own[key], 2)]
        lines += ["  labels:", f'    {{{{- include "{self.chart}.labels" . | nindent 4 }}}}']
        if "labels" in own:
            lines += self.map(_as_map(own["labels"].node), 4)
        others = [entry for key, entry in own.items() if key not in ("name", "namespace", "labels")]
        return lines + self.map(Map(tuple(others)), 2)


def _as_map(node: Node) -> Map:
    inner = opened(node)
    return inner if isinstance(inner, Map) else Map((), inner if isinstance(inner, Lifted) else None)


def _within(opening: str, lines: list[str], indent: int) -> list[str]:
    pad = " " * indent
    return [f"{pad}{{{{- {opening} }}}}", *lines, f"{pad}{{{{- end }}}}"]


def _unguarded_first(node: Node) -> Node:
    """A map with an entry first that is always there, for the dash to stand before."""
    if not isinstance(node, Map):
        return node
    entries = sorted(node.entries, key=lambda entry: entry.guard is not None)
    first = entries[:1]
    return Map((*first, *(entry for entry in node.entries if entry not in first)), node.extra)


@lru_cache(maxsize=4096)
def _key(key: str) -> str:
    return escaped(emit.scalar(key))


def _argument(text: str) -> str:
    return f"({text})" if " " in text and not text.startswith("(") else text


def _scalar(value: Any, indent: int) -> str:
    """A literal scalar; a block only where no action behind it can eat the end of the text."""
    if isinstance(value, str) and "\n" in value and value.rstrip() in (value, value[:-1]):
        block = literal(value, " " * indent)
        if block is not None:
            return escaped(block)
    return escaped(emit.flow(value))
