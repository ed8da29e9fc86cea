"""Comments of an object's own text, carried over to its template."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Final

from manifestgen.errors import ManifestgenError
from manifestgen.kube.generalise.tree import Entry, Node, opened
from manifestgen.kube.generalise.tree import Mapping as Map
from manifestgen.kube.objects import KubeObject
from manifestgen.targets.helm.syntax import escaped
from manifestgen.yamlio import characters
from manifestgen.yamlio.load import load_text

Path = tuple[str, ...]

_INNER: Final = re.compile(r"^ +# ", re.MULTILINE)
_KEY: Final = re.compile(r"(?!- )([^\s\"'#|>%@`&*!?{}\[\],:][^\s:]*):(?: |$)")


def leading_comment(thing: KubeObject) -> str:
    """What the text of an object begins with, as prose."""
    lines = takewhile(lambda line: line.startswith("#"), thing.text.splitlines())
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)


def commented(tree: Map, thing: KubeObject) -> Map:
    """``tree`` with the comments that stand directly above keys of nested maps in the object's text."""
    found = _comments(thing.text) if _INNER.search(thing.text) else {}
    return _with_comments(tree, (), found) if found else tree


def _comments(text: str) -> dict[Path, tuple[str, ...]]:
    """The comments above keys of nested maps; text of ours has one key a line, and says depth by indents.

    What only looks like a comment, inside of a block of text, leads to a path at which there is no map.
    """
    found: dict[Path, tuple[str, ...]] = {}
    above: list[str] = []
    parents: list[tuple[int, str]] = []
    for line in text.split("\n"):
        content = line.lstrip(" ")
        indent = len(line) - len(content)
        if content.startswith("# "):
            above.append(line)
            continue
        if content:
            while parents and parents[-1][0] >= indent:
                parents.pop()
            parents.append((indent, _key(content)))
            own = [other.strip() for other in takewhile(_at(indent), reversed(above))]
            if own and indent and "" not in (path := tuple(key for _, key in parents)):
                found[path] = tuple(escaped(characters.escaped(comment)) for comment in reversed(own))
        above = []
    return found


def _at(indent: int) -> Callable[[str], bool]:
    start = " " * indent + "# "
    return lambda line: line.startswith(start)


def _key(content: str) -> str:
    """The key that a line begins with; empty where it is an item of a list or no key."""
    match = _KEY.match(content)
    if match is not None:
        return match[1]
    return _quoted_key(content) if content.startswith(('"', "'")) else ""


def _quoted_key(line: str) -> str:
    try:
        read = load_text(line.rstrip(" |>-+"), "key").plain()
    except ManifestgenError:
        return ""  # a line of some text
    return next(iter(read)) if isinstance(read, dict) else ""


def _with_comments(tree: Map, path: Path, found: Mapping[Path, tuple[str, ...]]) -> Map:
    return Map(tuple(_entry(entry, (*path, entry.key), found) for entry in tree.entries), tree.extra)


def _entry(entry: Entry, path: Path, found: Mapping[Path, tuple[str, ...]]) -> Entry:
    node = entry.node
    if any(len(other) > len(path) and other[: len(path)] == path for other in found):
        node = _node(node, path, found)
    return entry._replace(node=node, comment=found.get(path, ()))


def _node(node: Node, path: Path, found: Mapping[Path, tuple[str, ...]]) -> Node:
    inner = opened(node)
    return _with_comments(inner, path, found) if isinstance(inner, Map) else node
