"""Where a place in an object was written: in the spec, in a file of manifests, or by a patch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from manifestgen.errors import Location
from manifestgen.kube.objects import KubeObject, Manifest
from manifestgen.resolving import ResolvedPlatform
from manifestgen.yamlio.nodes import Node, dotted

Path = tuple[str | int, ...]


def culprit(made: KubeObject, is_broken: Callable[[Manifest], bool]) -> str | None:
    """The patch that broke an object; None if it was broken before the first."""
    if not made.history or is_broken(made.history[0][1]):
        return None
    after = [before for _, before in made.history[1:]] + [made.manifest]
    return next((name for (name, _), one in zip(made.history, after, strict=True) if is_broken(one)), None)


def source_place(platform: ResolvedPlatform, made: KubeObject, path: Path) -> tuple[str, Location]:
    """The place of ``path`` in an object that no patch broke: as a path in the spec, and its line."""
    if made.source[0] != "manifests":
        source = platform.written(made.source)
        node = platform.node.at(source)
        return dotted(source), node.key_location or node.location
    for document in platform.documents.get(made.source[1], ()):
        if _identity(document.node) == made.id:
            inline = not document.lines
            shown = (*made.source, "object", *path) if inline else (*made.source, "file")
            return dotted(shown), _place(document.node, path)
    node = platform.node.at(made.source)
    return dotted(made.source), node.key_location or node.location


def _identity(node: Node) -> tuple[object, ...]:
    return tuple(node.at(path).value for path in (("apiVersion",), ("kind",), ("metadata", "name")))


def _place(node: Node, path: Path) -> Location:
    """The value at a path, or the key of what it would stand in."""
    for step in path:
        below = node.at((step,))
        if below is node:
            return node.key_location or node.location
        node = below
    return node.location


def patch_place(platform: ResolvedPlatform, name: str, path: Path) -> tuple[str, Location]:
    """The part of a patch that wrote ``path`` of an object, or the nearest to it."""
    patch = platform.spec.patches[name]
    whole: Path = ("patches", name)
    if patch.merge is not None:
        return _in_merge(platform.node, (*whole, "merge"), path)
    wanted = [str(step) for step in path]
    nearness = [
        _shared([step.replace("~1", "/").replace("~0", "~") for step in one.path.split("/")[1:]], wanted)
        for one in patch.json_ or ()
    ]
    best = max(range(len(nearness)), key=lambda index: (nearness[index], index))
    node = platform.node.at((*whole, "json", best))
    return dotted((*whole, "json", best)), node.location


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    """How many steps two paths have in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _in_merge(document: Node, above: Path, path: Path) -> tuple[str, Location]:
    """As far as the patch goes the way: the items that it names come first in a list, in its order."""
    node = document.at(above)
    for step in path:
        below = node.at((step,))
        if below is node:
            break
        above, node = (*above, step), below
    scalar = not isinstance(node.value, dict | tuple)
    return dotted(above), node.location if scalar else node.key_location or node.location
