"""Places that people expect to find written in a way of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from manifestgen.kube.generalise import repeated
from manifestgen.kube.generalise.layers import ABSENT, MISSING, Gap, Versions, all_same, child, present, same
from manifestgen.kube.generalise.naming import candidates
from manifestgen.kube.generalise.paths import MAIN, POD, Path, pod_spec
from manifestgen.kube.generalise.paths import Item as Label
from manifestgen.kube.generalise.rules import Rule, Treatment
from manifestgen.kube.generalise.tree import (
    Checksum,
    Entry,
    Guard,
    Image,
    Item,
    Lifted,
    Literal,
    Mapping,
    Node,
    Test,
)
from manifestgen.kube.generalise.values import About, Shape, shape_of

if TYPE_CHECKING:
    from manifestgen.kube.generalise.walk import Walk

_CHECKSUM: Final = "checksum/"
_PULL: Final = About("When to pull the image.", choices=("Always", "IfNotPresent", "Never"))


def node(walk: Walk, rule: Rule, path: Path, versions: Versions) -> Node | None:
    """The node for ``path`` by the treatment that ``rule`` asks for, or None for the usual one."""
    treat = _TREATMENTS.get(rule.treatment)
    return treat(walk, path, versions) if treat is not None else None


def own_value(rule: Rule | None, path: Path, value: Any) -> Any:
    """What the place is always a value for, however the layers agree; None when for nothing."""
    if isinstance(path[-1], str) and path[-1].startswith(_CHECKSUM):
        return {}
    if rule is None or rule.treatment in _WHEN_DIFFERING:
        return None
    if rule.treatment in (Treatment.HOSTS, Treatment.RULES):
        return repeated.hosts(value)
    return {"image": value} if rule.treatment is Treatment.IMAGE else value


_WHEN_DIFFERING: Final = frozenset(
    {Treatment.DIFFERING, Treatment.WHOLE, Treatment.LABELS, Treatment.PATHS, Treatment.PULL_POLICY}
)


def leading(walk: Walk) -> Iterator[tuple[Path, Versions]]:
    """The main container's resources, which its init containers may share."""
    main = walk.subject.main_container
    column = tuple(_resources(version, main) for version in walk.subject.versions)
    if present(column) and MISSING not in column:
        yield (POD, "spec", "containers", Label(MAIN), "resources"), column


def _resources(manifest: Any, container: str | None) -> Any:
    spec = pod_spec(manifest) if isinstance(manifest, dict) else None
    for candidate in (spec or {}).get("containers") or ():
        if candidate.get("name") == container:
            return candidate.get("resources", MISSING)
    return ABSENT


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


def _image(walk: Walk, path: Path, _: Versions) -> Node | None:
    image = walk.image(path)
    return Image(image) if image is not None else None


def _pull_policy(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """When to pull the image, beside the image."""
    image = walk.image(path)
    if image is None:
        return None
    names = [(*image, "pullPolicy"), *candidates(None, walk.subject.place, walk.normal(path))]
    return Lifted(walk.values.claim(names, versions, _PULL))


def _annotations(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """Annotations as one value, checksums apart: those follow from other values."""
    maps = present(versions)
    if not _are_plain(maps) or not any(maps):
        return None
    keys = [key for key in dict.fromkeys(k for m in maps for k in m) if key.startswith(_CHECKSUM)]
    found = [_checksum(walk, (*path, key), child(versions, key)) for key in keys]
    entries = tuple(entry for entry in found if entry is not None)
    if not any(entry.guard is None for entry in entries):
        return walk.lift(path, versions)
    written = {entry.key for entry in entries}
    others = _only(versions, lambda key: key not in written)
    return Mapping(entries, walk.lift(path, others) if any(present(others)) else None)


def _are_plain(maps: list[Any]) -> bool:
    """Whether ``toYaml`` can write their members among others."""
    return shape_of(maps) is Shape.MAP


def _checksum(walk: Walk, path: Path, versions: Versions) -> Entry | None:
    """The checksum of settings, there when they are; None for one of something else."""
    for settings in walk.checksums.of(present(versions)[0], walk.subject.component):
        guards = settings.guards if MISSING in versions else ()
        guard = guards[-1] if guards else None
        if all(_agree(v, s, guard) for v, s in zip(versions, settings.sums, strict=True)):
            return Entry(str(path[-1]), Checksum(settings.path), guard, outer=guards[:-1])
    return None


def _agree(annotation: Any, checksum: Any, guard: Guard | None) -> bool:
    if isinstance(annotation, str):
        return bool(annotation == checksum)
    return annotation is ABSENT or (guard is not None and checksum is ABSENT)


def _labels(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """Labels: what all layers have is written out, the others are one value."""
    maps = present(versions)
    if not _are_plain(maps) or all_same(maps):
        return None
    common = {k: v for k, v in maps[0].items() if all(k in other and same(v, other[k]) for other in maps)}
    if not common:
        return None
    others = walk.lift(path, _only(versions, lambda key: key not in common))
    return Mapping(tuple(Entry(key, Literal(value)) for key, value in common.items()), others)


def _only(versions: Versions, wanted: Callable[[str], bool]) -> Versions:
    return tuple(v if isinstance(v, Gap) else {k: x for k, x in v.items() if wanted(k)} for v in versions)


def _service_type(walk: Walk, path: Path, versions: Versions) -> Node | None:
    """The type of a Service, tunable where it may be another: a headless one has no choice."""
    if any(manifest["spec"].get("clusterIP") == "None" for manifest in present(walk.subject.versions)):
        return None
    return walk.lift(path, versions)


_Treat = Callable[["Walk", Path, Versions], Node | None]

_TREATMENTS: Final[dict[Treatment, _Treat]] = {
    Treatment.IMAGE: _image,
    Treatment.PULL_POLICY: _pull_policy,
    Treatment.ANNOTATIONS: _annotations,
    Treatment.LABELS: _labels,
    Treatment.HOSTS: repeated.host_names,
    Treatment.RULES: repeated.rules,
    Treatment.PATHS: repeated.paths,
    Treatment.SERVICE_TYPE: _service_type,
}
