"""Comments of an object's own text, carried over to its template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from manifestgen.kube.generalise.tree import Entry, Node, opened
from manifestgen.kube.generalise.tree import Mapping as Map
from manifestgen.kube.objects import KubeObject
from manifestgen.targets.helm.syntax import escaped
from manifestgen.yamlio import characters
from manifestgen.yamlio.load import load_text
from manifestgen.yamlio.nodes import Node as Loaded

Path = tuple[str, ...]

_INNER: Final = re.compile(r"^ +# ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commented(Entry):
    """A key with the lines that stand above it, as they stand in a template."""

    comment: tuple[str, ...] = ()


def leading_comment(thing: KubeObject) -> str:
    """What the text of an object begins with, as prose."""
    lines = takewhile(lambda line: line.startswith("#"), thing.text.splitlines())
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)


def commented(tree: Map, thing: KubeObject) -> Map:
    """``tree`` with the comments that stand directly above keys of nested maps in the object's text."""
    found = _comments(thing.text) if _INNER.search(thing.text) else {}
    return _with_comments(tree, (), found) if found else tree


def _comments(text: str) -> dict[Path, tuple[str, ...]]:
    lines = text.split("\n")
    found: dict[Path, tuple[str, ...]] = {}

    def visit(node: Loaded, path: Path) -> None:
        for key, below in node.value.items() if isinstance(node.value, dict) else ():
            if above := _above(lines, below):
                found[(*path, key)] = above
            visit(below, (*path, key))

    visit(load_text(text, "object"), ())
    return found


def _above(lines: list[str], node: Loaded) -> tuple[str, ...]:
    """The comment that ends right above the key of ``node``, at the same depth."""
    place = node.key_location
    if place is None or place.column == 1:
        return ()
    start = " " * (place.column - 1) + "# "
    above = takewhile(lambda line: line.startswith(start), reversed(lines[: place.line - 1]))
    return tuple(escaped(characters.escaped(line.strip())) for line in reversed(list(above)))


def _with_comments(tree: Map, path: Path, found: Mapping[Path, tuple[str, ...]]) -> Map:
    return Map(tuple(_entry(entry, (*path, entry.key), found) for entry in tree.entries), tree.extra)


def _entry(entry: Entry, path: Path, found: Mapping[Path, tuple[str, ...]]) -> Entry:
    node = entry.node
    if any(len(other) > len(path) and other[: len(path)] == path for other in found):
        node = _node(node, path, found)
    above = found.get(path)
    return Commented(entry.key, node, entry.guard, above) if above else replace(entry, node=node)


def _node(node: Node, path: Path, found: Mapping[Path, tuple[str, ...]]) -> Node:
    inner = opened(node)
    return _with_comments(inner, path, found) if isinstance(inner, Map) else node
