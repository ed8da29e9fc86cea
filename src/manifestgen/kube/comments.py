"""Comments of the text of an object: read from it, and put back when the object is written anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from manifestgen.kube.objects import Manifest
from manifestgen.yamlio import emit
from manifestgen.yamlio.characters import escaped
from manifestgen.yamlio.load import load_text
from manifestgen.yamlio.nodes import Node

Step = str | int | tuple[str, str]
"""A key, or an item of a list: by its name if it has one, so that it is found when it has moved."""
Comments = Mapping[tuple[Step, ...], tuple[str, ...]]
"""The lines above keys and items, by the way to them; those of the object itself under ``()``."""


def leading_comment(text: str) -> str:
    """What the text of an object begins with, as prose."""
    lines = takewhile(lambda line: line.startswith("#"), text.splitlines())
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)


def comments_of(text: str) -> Comments:
    """The comments of a text with one object."""
    return comments_at(load_text(text, "object"), text.split("\n")) if "#" in text else {}


def comments_at(node: Node, lines: Sequence[str]) -> Comments:
    """The comments of an object that stands at ``node`` among the lines of a file."""
    found = {path: above for path, below in _walked(node, ()) if (above := _above(lines, below))}
    start = next(iter(node.value.values()), None) if isinstance(node.value, dict) else None
    if start is not None and start.key_location is not None:
        first = found.pop((next(iter(node.value)),), ()) if isinstance(node.value, dict) else ()
        found |= {(): first} if first else {}
    return found


def written(manifest: Manifest, comments: Comments) -> str:
    """The text of an object with the comments above those of its parts that there still are."""
    text = emit.dump(manifest)
    inner = {path: above for path, above in comments.items() if path}
    lines = text.split("\n")
    if inner:
        places = {path: below for path, below in _walked(load_text(text, "object"), ()) if path in inner}
        for path, below in sorted(places.items(), key=lambda item: -_line(item[1])):
            line = _line(below)
            indent = " " * (len(lines[line]) - len(lines[line].lstrip()))
            lines[line:line] = [f"{indent}{_comment(one)}" for one in inner[path]]
    return "\n".join([*map(_comment, comments.get((), ())), *lines])


def _comment(line: str) -> str:
    return f"# {escaped(line)}".rstrip()


def _walked(node: Node, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Node]]:
    """Everything below a value, with the way to it."""
    for step, below in _members(node):
        yield (*path, step), below
        yield from _walked(below, (*path, step))


def _members(node: Node) -> Iterator[tuple[Step, Node]]:
    if isinstance(node.value, dict):
        yield from node.value.items()
    elif isinstance(node.value, tuple):
        for index, item in enumerate(node.value):
            name = item.value.get("name") if isinstance(item.value, dict) else None
            yield ("name", str(name.value)) if name is not None else index, item


def _line(node: Node) -> int:
    """The line that a key or item starts on, from 0."""
    return (node.key_location or node.location).line - 1


def _above(lines: Sequence[str], node: Node) -> tuple[str, ...]:
    """The comment that ends right above a key or item, at the same depth: a deeper one may be text."""
    place = node.key_location or node.location
    before = lines[place.line - 1][: place.column - 1]
    if before.strip(" ") not in ("", "-") or (node.key_location is not None and before.strip(" ")):
        return ()
    start = " " * (len(before) if not before.strip(" ") else before.index("-")) + "#"
    above = takewhile(lambda line: line.startswith(start), reversed(lines[: place.line - 1]))
    return tuple(line[len(start) :].strip() for line in reversed(list(above)))


def prose(description: str) -> tuple[str, ...]:
    """A description as the lines of a comment."""
    return tuple(line.strip() for line in description.splitlines())
