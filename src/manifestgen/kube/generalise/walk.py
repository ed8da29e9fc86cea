"""From the versions of an object to one tree: a value at the deepest place that layers differ in."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence as SequenceOf
from typing import Any, Final, NamedTuple

from manifestgen.kube.generalise import optional, special
from manifestgen.kube.generalise.images import ContainerKey
from manifestgen.kube.generalise.layers import (
    Gap,
    Versions,
    all_same,
    child,
    differing_leaves,
    keeps_order,
    merged_order,
    present,
)
from manifestgen.kube.generalise.naming import candidates, description
from manifestgen.kube.generalise.paths import Item as Label
from manifestgen.kube.generalise.paths import Path, labels, leads_to_pods, normal
from manifestgen.kube.generalise.rules import Rule, Treatment, find_rule, has_rules_below
from manifestgen.kube.generalise.subjects import Subject
from manifestgen.kube.generalise.tree import (
    Entry,
    Guard,
    Item,
    Lifted,
    Literal,
    Mapping,
    Node,
    Sequence,
    ValuePath,
)
from manifestgen.kube.generalise.values import About, Values

OPEN: Final = frozenset(
    {
        *("annotations", "labels", "data", "stringData", "binaryData", "nodeSelector", "matchLabels"),
        *("limits", "requests", "resources", "parameters"),
    }
)
"""Maps whose keys are the user's own: when they differ, they become one value."""

_FEW: Final = 3
"""Lists of equal shape that differ in no more than so many places are written out around these."""


def _is_one_value(rule: Rule, values: SequenceOf[Any]) -> bool:
    whole = rule.treatment is Treatment.WHOLE and not all_same(values)
    return whole or rule.treatment is Treatment.TUNABLE


class Settings(NamedTuple):
    """The settings of a ConfigMap: where they lie, their checksum in each layer, all that switches them."""

    component: str
    path: ValuePath
    sums: Versions
    guards: tuple[Guard, ...]


class Checksums:
    """The settings of all ConfigMaps, found by a checksum."""

    def __init__(self, settings: Iterable[Settings] = ()) -> None:
        self._found: dict[Any, list[Settings]] = {}
        for one in settings:
            for checksum in dict.fromkeys(one.sums):
                self._found.setdefault(checksum, []).append(one)

    def of(self, annotation: Any, component: str) -> SequenceOf[Settings]:
        """The settings that have this checksum in some layer, the component's own first."""
        found = self._found.get(annotation, [])
        return sorted(found, key=lambda one: one.component != component)


NO_CHECKSUMS: Final = Checksums()


class Walk(NamedTuple):
    """The way through one object."""

    subject: Subject
    values: Values
    images: MappingOf[ContainerKey, ValuePath]
    checksums: Checksums = NO_CHECKSUMS

    def tree(self) -> Node:
        """The object's tree."""
        return self.node((), self.subject.versions)

    def rule(self, path: Path) -> Rule | None:
        """What the table says about ``path``."""
        return find_rule(self.subject.kind, self.normal(path))

    def node(self, path: Path, versions: Versions) -> Node:
        """What stands at ``path``, which no layer misses (though some may have no say)."""
        values = present(versions)
        kind, place = self.subject.kind, self.normal(path)
        rule = find_rule(kind, place)
        found = special.node(self, rule, path, versions) if rule is not None else None
        if found is not None:
            return found
        if rule is None and all_same(values) and not self._has_rules_below(path, place):
            return Literal(values[0])
        if rule is not None and _is_one_value(rule, values):
            return self.lift(path, versions)
        if all(isinstance(value, dict) for value in values):
            return self._map(path, versions)
        if all(isinstance(value, list) for value in values):
            return self._list(path, versions)
        return Literal(values[0]) if all_same(values) else self.lift(path, versions)

    def entry(self, path: Path, key: str, versions: Versions) -> Entry:
        """One key of a map, guarded when some layer misses it."""
        return optional.entry(self, path, key, versions)

    def lift(self, path: Path, versions: Versions) -> Lifted:
        """The value that stands at ``path``."""
        rule = self.rule(path)
        names = candidates(rule, self.subject.place, self.normal(path))
        told = description(rule, self.subject.id, self.normal(path))
        about = About(told, rule.is_count, rule.choices) if rule else About(told)
        return Lifted(self.values.claim(names, versions, about))

    def lift_first(self) -> None:
        """Claim the values that other parts of the object, which may come before them, share."""
        for path, versions in special.leading(self):
            self.lift(path, versions)

    def image(self, path: Path) -> ValuePath | None:
        """Where the image of the container lies that ``path`` leads into."""
        if not isinstance(path[-2], Label):
            return None
        return self.images.get((self.subject.id, str(path[-3]), str(path[-2].label)))

    def normal(self, path: Path) -> Path:
        """``path`` as the table of names has it."""
        return normal(self.subject.id.kind, path, self.subject.main_container)

    def _map(self, path: Path, versions: Versions) -> Node:
        maps = present(versions)
        common = set(maps[0]).intersection(*maps)
        same_keys = all(len(m) == len(common) for m in maps)
        if not same_keys and not common and path:
            return self.lift(path, versions)
        if path and path[-1] in OPEN and not all_same(maps) and not self._has_names_below(path):
            return self.lift(path, versions)
        keys = merged_order([list(m) for m in maps])
        return Mapping(tuple(self.entry((*path, key), key, child(versions, key)) for key in keys))

    def _has_names_below(self, path: Path) -> bool:
        return self._has_rules_below(path, self.normal(path))

    def _has_rules_below(self, path: Path, place: Path) -> bool:
        return has_rules_below(self.subject.kind, place) or leads_to_pods(self.subject.id.kind, path)

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
            if shared and not optional.has_own_values(self, path, lists[0]):
                return self.lift(path, versions)
        if all(len(items) == len(lists[0]) for items in lists) and self._pairs_up(path, lists):
            return self._placed_items(path, versions, len(lists[0]))
        return Literal(lists[0]) if all_same(lists) else self.lift(path, versions)

    def _pairs_up(self, path: Path, lists: SequenceOf[list[Any]]) -> bool:
        """Whether the items of lists of one length are better taken one by one than as a whole."""
        if self.rule((*path, Label(None))) is not None:
            return True
        if not all(isinstance(item, dict) for items in lists for item in items):
            return False
        few = differing_leaves(lists)
        if few is not None and few <= _FEW:
            return True
        return len(lists[0]) == 1 or any(optional.has_own_values(self, path, items) for items in lists)

    def _named_items(
        self, path: Path, versions: Versions, named: SequenceOf[SequenceOf[str]], order: SequenceOf[str]
    ) -> Sequence:
        names = iter(named)
        rows = tuple(v if type(v) is Gap else dict(zip(next(names), v, strict=True)) for v in versions)
        return Sequence(tuple(optional.item(self, (*path, Label(name)), child(rows, name)) for name in order))

    def _placed_items(self, path: Path, versions: Versions, length: int) -> Sequence:
        labels_ = [Label(None)] if length == 1 else [Label(index) for index in range(length)]
        columns = [tuple(v if type(v) is Gap else v[index] for v in versions) for index in range(length)]
        return Sequence(
            tuple(
                Item(self.node((*path, label), column))
                for label, column in zip(labels_, columns, strict=True)
            )
        )
