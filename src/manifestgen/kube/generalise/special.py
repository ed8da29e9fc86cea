"""Places that people expect to find written in a way of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manifestgen.kube.generalise.layers import ABSENT, MISSING, Gap, Versions, all_same, present, same
from manifestgen.kube.generalise.naming import Rule, Treatment
from manifestgen.kube.generalise.paths import Item as Label
from manifestgen.kube.generalise.paths import Path
from manifestgen.kube.generalise.tree import (
    Checksum,
    Element,
    Entry,
    Guard,
    Item,
    Literal,
    Mapping,
    Node,
    Repeat,
    Test,
)

if TYPE_CHECKING:
    from manifestgen.kube.generalise.walk import Walk

_CHECKSUM = "checksum/"


def node(walk: Walk, rule: Rule, path: Path, versions: Versions) -> Node | None:
    """The node for ``path`` by the treatment that ``rule`` asks for, or None for the usual one."""
    match rule.treatment:
        case Treatment.IMAGE:
            return walk.image(path)
        case Treatment.ANNOTATIONS:
            return _annotations(walk, path, versions)
        case Treatment.LABELS:
            return _labels(walk, path, versions)
        case Treatment.RULES:
            return _rules(walk, path, versions)
        case Treatment.HOSTS:
            return None if _are_single(present(versions)) else walk.lift(path, versions)
        case _:
            return None


def stands_alone(rule: Rule | None, path: Path) -> bool:
    """Whether the place is a value in its own right, so that no value can hold it as a part."""
    if isinstance(path[-1], str) and path[-1].startswith(_CHECKSUM):
        return True
    return rule is not None and rule.treatment not in (Treatment.DIFFERING, Treatment.LABELS)


def switched_off_by(walk: Walk, path: Path, versions: Versions) -> Guard | None:
    """The guard for a replica count that stands exactly where no autoscaler does."""
    if path != ("spec", "replicas"):
        return None
    switch = (*walk.subject.place.own, "autoscaling", "enabled")
    flags = walk.values.versions(switch)
    if flags is None:
        return None
    for flag, version in zip(flags, versions, strict=True):
        if version is not ABSENT and flag is not (version is MISSING):
            return None
    return Guard(switch, Test.OFF)


def variable(walk: Walk, path: Path, versions: Versions) -> Item | None:
    """An environment variable that only some layers set, as one value: the variable's."""
    values = present(versions)
    if path[-2] != "env" or not all(set(value) == {"name", "value"} for value in values):
        return None
    settings = tuple(version if isinstance(version, Gap) else version["value"] for version in versions)
    lifted = walk.lift((*path, "value"), settings)
    entries = (Entry("name", Literal(values[0]["name"])), Entry("value", lifted))
    return Item(Mapping(entries), Guard(lifted.path, Test.PRESENT))


def _annotations(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """Annotations as one value, checksums apart: those follow from other values."""
    maps = present(versions)
    if not all(isinstance(value, dict) for value in maps) or not any(maps):
        return None
    entries = []
    for key in dict.fromkeys(key for value in maps for key in value if key.startswith(_CHECKSUM)):
        column = tuple(v if isinstance(v, Gap) else v.get(key, MISSING) for v in versions)
        found = _checksum(walk, column)
        entries.append(Entry(key, found) if found else walk.entry((*path, key), key, column))
    others = _only(versions, lambda key: not key.startswith(_CHECKSUM))
    if not entries:
        return walk.lift(path, versions)
    return Mapping(tuple(entries), walk.lift(path, others) if any(present(others)) else None)


def _checksum(walk: Walk, versions: Versions) -> Checksum | None:
    for path, sums in walk.checksums:
        if all(v is ABSENT or (isinstance(v, str) and v == s) for v, s in zip(versions, sums, strict=True)):
            return Checksum(path)
    return None


def _labels(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """Labels: what all layers have is written out, the others are one value."""
    maps = present(versions)
    if not all(isinstance(value, dict) for value in maps) or all_same(maps):
        return None
    common = {k: v for k, v in maps[0].items() if all(k in other and same(v, other[k]) for other in maps)}
    others = _only(versions, lambda key: key not in common)
    return Mapping(tuple(Entry(key, Literal(value)) for key, value in common.items()), walk.lift(path, others))


def _only(versions: Versions, wanted: Any) -> Versions:
    return tuple(v if isinstance(v, Gap) else {k: x for k, x in v.items() if wanted(k)} for v in versions)


def _are_single(lists: list[Any]) -> bool:
    return all(isinstance(items, list) and len(items) == 1 for items in lists)


def _rules(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """The rules of an Ingress that differ in their host alone, as one rule for each host."""
    lists = present(versions)
    if _are_single(lists) or not all(_differ_in_host(rules) for rules in lists):
        return None
    hosts = tuple(v if isinstance(v, Gap) else [rule["host"] for rule in v] for v in versions)
    rest = tuple(v if isinstance(v, Gap) else _hostless(v[0]) for v in versions)
    inner = walk.node((*path, Label(None)), rest)
    if not isinstance(inner, Mapping):
        return None
    return Repeat(walk.lift(path, hosts).path, Mapping((Entry("host", Element()), *inner.entries)))


def _differ_in_host(rules: Any) -> bool:
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        return False
    hosts = [rule.get("host") for rule in rules]
    return all(isinstance(host, str) for host in hosts) and all_same([_hostless(rule) for rule in rules])


def _hostless(rule: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rule.items() if key != "host"}
