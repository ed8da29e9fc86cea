"""The common generalisation of the objects of all environments: one tree for each, and its values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from manifestgen.facts.checksum import config_checksum
from manifestgen.kube.generalise.images import claim_images
from manifestgen.kube.generalise.layers import MISSING, Gap, Versions, child
from manifestgen.kube.generalise.subjects import guarded, subjects
from manifestgen.kube.generalise.tree import Guard, Node, ValuePath
from manifestgen.kube.generalise.values import Value, Values
from manifestgen.kube.generalise.walk import Walk
from manifestgen.kube.objects import Inventory, ObjectId

__all__ = ["GeneralObject", "Generalisation", "generalise"]


@dataclass(frozen=True, slots=True)
class GeneralObject:
    """One object of all layers: ``tree`` is it, where all ``guards`` hold."""

    id: ObjectId
    component: str
    root: ValuePath
    """Where the values of the component lie."""
    tree: Node
    guards: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Generalisation:
    """Trees that give the objects of each layer when the values of that layer are put in."""

    environments: tuple[str, ...]
    """The layers after the base, in the order of each value's versions."""
    objects: tuple[GeneralObject, ...]
    values: tuple[Value, ...]


def generalise(
    base: Inventory, environments: Mapping[str, Inventory], reserved: Collection[str] = ()
) -> Generalisation:
    """The generalisation of the base and all environments.

    No value lies at or below a name in ``reserved``. Where layers agree the trees are literal, except
    where people expect to tune; see ``rules.RULES``.
    """
    values = Values(reserved)
    layers = (base, *environments.values())
    found = guarded(subjects(layers, frozenset(reserved)), values)
    images = claim_images(found, values)
    settings = [(s, *_settings(Walk(s, values, images, ()))) for s in found if s.id.kind == "ConfigMap"]
    for subject in found:
        Walk(subject, values, images, ()).lift_first()
    objects = []
    for subject in found:
        near_first = sorted(settings, key=lambda known: known[0].component != subject.component)
        walk = Walk(subject, values, images, tuple((path, sums) for _, path, sums in near_first))
        root = subject.place.component
        objects.append(GeneralObject(subject.id, subject.component, root, walk.tree(), subject.guards))
    return Generalisation(tuple(environments), tuple(objects), values.finished())


def _settings(walk: Walk) -> tuple[ValuePath, Versions]:
    """Where the settings of a ConfigMap lie, and their checksum in each layer."""
    data = child(walk.subject.versions, "data")
    sums = tuple(value if isinstance(value, Gap) else _checksum(value) for value in data)
    return walk.lift(("data",), data).path if any(sums) else (), sums


def _checksum(data: object) -> object:
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        return MISSING
    return config_checksum(data)
