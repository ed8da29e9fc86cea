"""Parts that some layers miss: what switches them, so that 0, false and emptiness stay what they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from manifestgen.kube.generalise import special
from manifestgen.kube.generalise.layers import ABSENT, MISSING, Versions, present, without_missing
from manifestgen.kube.generalise.naming import candidates
from manifestgen.kube.generalise.paths import Item as Label
from manifestgen.kube.generalise.paths import Path, labels
from manifestgen.kube.generalise.rules import has_rules_below
from manifestgen.kube.generalise.tree import Entry, Guard, Item, Test
from manifestgen.kube.generalise.values import About, Shape, shape_of

if TYPE_CHECKING:
    from manifestgen.kube.generalise.walk import Walk

EMPTY_IS_ABSENT: Final = frozenset(
    {
        *("annotations", "labels", "nodeSelector", "tolerations", "affinity", "topologySpreadConstraints"),
        *("imagePullSecrets", "env", "envFrom", "volumes", "volumeMounts", "initContainers", "resources"),
        *("hostAliases", "loadBalancerSourceRanges"),
    }
)
"""Where Kubernetes does not tell an empty map or list from none."""


def entry(walk: Walk, path: Path, key: str, versions: Versions) -> Entry:
    """One key of a map, guarded when some layer misses it."""
    if MISSING not in versions:
        return Entry(key, walk.node(path, versions))
    guard = special.switched_off_by(walk, path, versions)
    if guard is None and any(has_own_values(walk, path, value) for value in present(versions)):
        guard = _switch(walk, path, versions)
    if guard is not None:
        return Entry(key, walk.node(path, without_missing(versions)), guard)
    values = present(versions)
    if key in EMPTY_IS_ABSENT and all(values) and shape_of(values) in (Shape.MAP, Shape.LIST):
        empty = type(values[0])()
        lifted = walk.lift(path, tuple(empty if version is MISSING else version for version in versions))
        return Entry(key, lifted, Guard(lifted.path, Test.FILLED))
    lifted = walk.lift(path, versions)
    return Entry(key, lifted, Guard(lifted.path, Test.PRESENT))


def item(walk: Walk, path: Path, versions: Versions) -> Item:
    """One item of a list, guarded when some layer misses it."""
    if MISSING not in versions:
        return Item(walk.node(path, versions))
    variable = special.variable(walk, path, versions)
    if variable is not None:
        return variable
    return Item(walk.node(path, without_missing(versions)), _switch(walk, path, versions))


def has_own_values(walk: Walk, path: Path, value: Any) -> bool:
    """Whether something below ``path`` is a value on its own, so that ``path`` cannot be one."""
    return next(_own_values(walk, path, value), None) is not None


def _switch(walk: Walk, path: Path, versions: Versions) -> Guard:
    """The one value that the part is about when it has just one; a switch of its own otherwise."""
    sole = _sole_value(walk, path, versions)
    if sole is not None:
        return Guard(walk.lift(*sole).path, Test.ON)
    switch = tuple(version if version is ABSENT else version is not MISSING for version in versions)
    names = [(*name, "enabled") for name in candidates(None, walk.subject.place, walk.normal(path))]
    step = path[-1]
    what = f"`{step.label}` in the {path[-2]}" if isinstance(step, Label) else f"`{step}`"
    about = About(f"Whether there is {what} of {walk.subject.id.kind} {walk.subject.id.name}.")
    return Guard(walk.values.claim(names, switch, about), Test.ON)


def _sole_value(walk: Walk, path: Path, versions: Versions) -> tuple[Path, Versions] | None:
    """The only value below ``path`` in every layer that has it, when that is never empty there."""
    places: list[Path] = []
    column: list[Any] = []
    for version in versions:
        found = [] if version is ABSENT or version is MISSING else list(_own_values(walk, path, version))
        column.append(found[0][1] if found else version)
        if version is ABSENT or version is MISSING:
            continue
        if len(found) != 1 or not _is_plain(found[0][1]):
            return None
        places.append(found[0][0])
    return (places[0], tuple(column)) if len(set(places)) == 1 else None


def _is_plain(value: Any) -> bool:
    """Whether a bare ``if`` tells it from nothing."""
    return bool(value) and isinstance(value, str | int | list) and not isinstance(value, bool)


def _own_values(walk: Walk, path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """The places below ``path`` that are always values, and what each would be."""
    if not has_rules_below(walk.subject.kind, walk.normal(path)):
        return
    for place, child in _children(path, value):
        own = special.own_value(walk.rule(place), place, child)
        if own is not None:
            yield place, own
        else:
            yield from _own_values(walk, place, child)


def _children(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        yield from (((*path, key), child) for key, child in value.items())
    elif isinstance(value, list):
        found = labels([value])
        yield from (((*path, Label(found[0][i] if found else None)), child) for i, child in enumerate(value))
