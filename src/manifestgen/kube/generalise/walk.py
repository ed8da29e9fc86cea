"""From the versions of an object to one tree: a value at the deepest place that layers differ in."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from typing import Any, Final

from manifestgen.kube.generalise import special
from manifestgen.kube.generalise.images import ContainerKey
from manifestgen.kube.generalise.layers import (
    ABSENT,
    MISSING,
    Gap,
    Versions,
    all_same,
    child,
    keeps_order,
    merged_order,
    present,
    without_missing,
)
from manifestgen.kube.generalise.naming import Rule, Treatment, candidates, find_rule
from manifestgen.kube.generalise.paths import Item as Label
from manifestgen.kube.generalise.paths import Path, labels, normal
from manifestgen.kube.generalise.subjects import Subject
from manifestgen.kube.generalise.tree import (
    Entry,
    Guard,
    Image,
    Item,
    Lifted,
    Literal,
    Mapping,
    Node,
    Sequence,
    Test,
    ValuePath,
)
from manifestgen.kube.generalise.values import About, Values

OPEN: Final = frozenset(
    "annotations labels data stringData binaryData nodeSelector matchLabels limits requests resources parameters".split()
)
"""Maps whose keys are the user's own: when they differ, they become one value."""

EMPTY_IS_ABSENT: Final = frozenset(
    "annotations labels nodeSelector tolerations affinity topologySpreadConstraints imagePullSecrets env envFrom "
    "volumes volumeMounts initContainers resources hostAliases loadBalancerSourceRanges".split()
)
"""Where Kubernetes does not tell an empty map or list from none."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The way through one object."""

    subject: Subject
    values: Values
    images: MappingOf[ContainerKey, ValuePath]
    checksums: SequenceOf[tuple[ValuePath, Versions]]
    """The checksum of each ConfigMap's settings in each layer, those of the own component first."""

    def tree(self) -> Node:
        """The object's tree."""
        return self.node((), self.subject.versions)

    def rule(self, path: Path) -> Rule | None:
        """What the table says about ``path``."""
        return find_rule(self.subject.id.kind, self._normal(path))

    def node(self, path: Path, versions: Versions) -> Node:
        """What stands at ``path``, which no layer misses (though some may have no say)."""
        rule = self.rule(path)
        found = special.node(self, rule, path, versions) if rule is not None else None
        if found is not None:
            return found
        values = present(versions)
        if rule is not None and rule.treatment is Treatment.TUNABLE:
            return self.lift(path, versions)
        if all(isinstance(value, dict) for value in values):
            return self._map(path, versions)
        if all(isinstance(value, list) for value in values):
            return self._list(path, versions)
        return Literal(values[0]) if all_same(values) else self.lift(path, versions)

    def lift(self, path: Path, versions: Versions) -> Lifted:
        """The value that stands at ``path``."""
        rule = self.rule(path)
        names = candidates(rule, self.subject.place, self._normal(path))
        where = ".".join(step for step in path if isinstance(step, str))
        default = f"`{where}` of {self.subject.id.kind} {self.subject.id.name}."
        about = About((rule.description if rule else "") or default, count=bool(rule and rule.count))
        return Lifted(self.values.claim(names, {(): versions}, about))

    def image(self, path: Path) -> Image | None:
        """The image of the container that ``path`` leads into."""
        if not isinstance(path[-2], Label):
            return None
        found = self.images.get((self.subject.id, str(path[-3]), str(path[-2].label)))
        return Image(found) if found is not None else None

    def _normal(self, path: Path) -> Path:
        return normal(self.subject.id.kind, path, self.subject.main_container)

    def _map(self, path: Path, versions: Versions) -> Node:
        maps = present(versions)
        common = set(maps[0]).intersection(*maps)
        same_keys = all(len(m) == len(common) for m in maps)
        if not same_keys and not common and path:
            return self.lift(path, versions)
        if path and path[-1] in OPEN and not all_same(maps):
            return self.lift(path, versions)
        keys = merged_order([list(m) for m in maps])
        return Mapping(tuple(self.entry((*path, key), key, child(versions, key)) for key in keys))

    def entry(self, path: Path, key: str, versions: Versions) -> Entry:
        """One key of a map, guarded when some layer misses it."""
        if MISSING not in versions:
            return Entry(key, self.node(path, versions))
        opposite = special.switched_off_by(self, path, versions)
        if opposite is not None:
            return Entry(key, self.node(path, without_missing(versions)), opposite)
        if self._is_tunable_inside(path, versions):
            guard = self._switch(path, versions)
            return Entry(key, self.node(path, without_missing(versions)), guard)
        values = present(versions)
        if key in EMPTY_IS_ABSENT and all(isinstance(v, dict | list) and v for v in values) and _one_kind(values):
            empty = type(values[0])()
            lifted = self.lift(path, tuple(empty if v is MISSING else v for v in versions))
            return Entry(key, lifted, Guard(lifted.path, Test.FILLED))
        lifted = self.lift(path, versions)
        return Entry(key, lifted, Guard(lifted.path, Test.PRESENT))

    def _switch(self, path: Path, versions: Versions) -> Guard:
        switch = tuple(v if v is ABSENT else v is not MISSING for v in versions)
        names = [(*name, "enabled") for name in candidates(None, self.subject.place, self._normal(path))]
        step = path[-1]
        what = f"{path[-2]} {step.label}" if isinstance(step, Label) else str(step)
        about = About(f"Whether {self.subject.id.kind} {self.subject.id.name} has its {what}.")
        return Guard(self.values.claim(names, {(): switch}, about), Test.ON)

    def _is_tunable_inside(self, path: Path, versions: Versions) -> bool:
        """Whether something below ``path`` is a value on its own, so that ``path`` cannot be one."""
        return any(self._has_rule(path, value) for value in present(versions))

    def _has_rule(self, path: Path, value: Any) -> bool:
        pairs: list[tuple[Path, Any]] = []
        if isinstance(value, dict):
            pairs = [((*path, key), item) for key, item in value.items()]
        elif isinstance(value, list):
            found = labels([value])
            pairs = [((*path, Label(found[0][i] if found else None)), item) for i, item in enumerate(value)]
        return any(special.stands_alone(self.rule(p), p) or self._has_rule(p, v) for p, v in pairs)

    def _list(self, path: Path, versions: Versions) -> Node:
        lists = present(versions)
        if not any(lists):
            return Literal([])
        named = labels(lists)
        if named is not None:
            order = merged_order(named)
            shared = set(named[0]).intersection(*named)
            if shared and all(keeps_order(order, row) for row in named):
                return self._named_items(path, versions, named, order)
        alike = all(len(items) == len(lists[0]) for items in lists)
        if alike and (len(lists[0]) == 1 or all_same(lists) or self._is_tunable_inside(path, versions)):
            if all(isinstance(item, dict) for items in lists for item in items):
                return self._placed_items(path, versions, len(lists[0]))
            if self.rule((*path, Label(None))) is not None:
                return self._placed_items(path, versions, len(lists[0]))
        return Literal(lists[0]) if all_same(lists) else self.lift(path, versions)

    def _named_items(
        self, path: Path, versions: Versions, named: SequenceOf[SequenceOf[str]], order: SequenceOf[str]
    ) -> Sequence:
        names = iter(named)
        rows = tuple(v if isinstance(v, Gap) else dict(zip(next(names), v, strict=True)) for v in versions)
        return Sequence(tuple(self._item((*path, Label(name)), child(rows, name)) for name in order))

    def _item(self, path: Path, versions: Versions) -> Item:
        if MISSING not in versions:
            return Item(self.node(path, versions))
        variable = special.variable(self, path, versions)
        if variable is not None:
            return variable
        return Item(self.node(path, without_missing(versions)), self._switch(path, versions))

    def _placed_items(self, path: Path, versions: Versions, length: int) -> Sequence:
        labels_ = [Label(None)] if length == 1 else [Label(index) for index in range(length)]
        columns = [tuple(v if isinstance(v, Gap) else v[index] for v in versions) for index in range(length)]
        return Sequence(
            tuple(Item(self.node((*path, label), column)) for label, column in zip(labels_, columns, strict=True))
        )


def _one_kind(values: SequenceOf[Any]) -> bool:
    return len(set(map(type, values))) == 1
