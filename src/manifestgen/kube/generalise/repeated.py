"""Rules and paths of an Ingress: alike but for one key, so they repeat over a list of that key's values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manifestgen.kube.generalise.layers import Gap, Versions, all_same, present
from manifestgen.kube.generalise.paths import Item as Label
from manifestgen.kube.generalise.paths import Path
from manifestgen.kube.generalise.tree import Element, Entry, Mapping, Node, Repeat, opened

if TYPE_CHECKING:
    from manifestgen.kube.generalise.walk import Walk


def hosts(value: Any) -> list[str] | None:
    """The hosts of rules, or of a certificate, when they are several; one host is a value by itself."""
    if _is_single(value):
        return None
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return value
    return [rule["host"] for rule in value] if _differ_only_in("host", value) else None


def host_names(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """The hosts of a certificate: one by one where each layer has one, else as a list."""
    return None if all(map(_is_single, present(versions))) else walk.lift(path, versions)


def rules(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """One rule for each host, where some layer has several."""
    return None if all(map(_is_single, present(versions))) else _repeat(walk, path, versions, "host")


def paths(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """One entry for each path, where layers differ in them."""
    return None if all_same(present(versions)) else _repeat(walk, path, versions, "path")


def _is_single(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1


def _repeat(walk: Walk, path: Path, versions: Versions, key: str) -> Node | None:
    if not all(_differ_only_in(key, items) for items in present(versions)):
        return None
    rest = tuple(v if isinstance(v, Gap) else _without(key, v[0]) for v in versions)
    inner = opened(walk.node((*path, Label(None)), rest))
    if not isinstance(inner, Mapping):
        return None
    column = tuple(v if isinstance(v, Gap) else [item[key] for item in v] for v in versions)
    return Repeat(walk.lift(path, column).path, Mapping((Entry(key, Element()), *inner.entries)))


def _differ_only_in(key: str, items: Any) -> bool:
    if not isinstance(items, list) or not items:
        return False
    if not all(isinstance(item, dict) and isinstance(item.get(key), str) for item in items):
        return False
    return all_same([_without(key, item) for item in items])


def _without(key: str, item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != key}
