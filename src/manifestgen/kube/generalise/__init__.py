"""The common generalisation of the objects of all environments: one tree for each, and its values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from manifestgen.facts.checksum import config_checksum
from manifestgen.kube.generalise.images import ContainerKey, claim_images
from manifestgen.kube.generalise.layers import Gap, child, present
from manifestgen.kube.generalise.subjects import guarded, subjects
from manifestgen.kube.generalise.tree import Guard, Node, ValuePath
from manifestgen.kube.generalise.values import Shape, Value, Values, shape_of
from manifestgen.kube.generalise.walk import Checksums, Settings, Walk
from manifestgen.kube.objects import Inventory, ObjectId

__all__ = ["GeneralObject", "Generalisation", "generalise", "image_values"]


class GeneralObject(NamedTuple):
    """One object of all layers: ``tree`` is it, where all ``guards`` hold."""

    id: ObjectId
    component: str
    root: ValuePath
    """Where the values of the component lie."""
    tree: Node
    guards: tuple[Guard, ...]


class Generalisation(NamedTuple):
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
    checksums = Checksums(_settings(Walk(s, values, images)) for s in found if s.kind == "ConfigMap")
    for subject in found:
        Walk(subject, values, images).lift_first()
    objects = []
    for subject in found:
        walk = Walk(subject, values, images, checksums)
        root = subject.place.component
        objects.append(GeneralObject(subject.id, subject.component, root, walk.tree(), subject.guards))
    return Generalisation(tuple(environments), tuple(objects), values.finished())


def image_values(
    base: Inventory, environments: Mapping[str, Inventory], reserved: Collection[str] = ()
) -> dict[ContainerKey, ValuePath]:
    """Where the generalisation has the parts of each container's image: repository, tag and digest."""
    values = Values(reserved)
    return claim_images(
        guarded(subjects((base, *environments.values()), frozenset(reserved)), values), values
    )


def _settings(walk: Walk) -> Settings:
    subject = walk.subject
    data = child(subject.versions, "data")
    path = walk.lift(("data",), data).path if present(data) else ()
    # Only of a map does Helm see the same data: the checksum of anything else is not found again.
    is_map = shape_of(present(data)) is Shape.MAP
    sums = tuple(v if isinstance(v, Gap) else _checksum(v) if is_map else "" for v in data)
    return Settings(subject.component, path, sums, subject.guards)


def _checksum(data: dict[str, object]) -> str:
    """The checksum; nothing, which no checksum equals, of what is no map of strings."""
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    return config_checksum(texts) if len(texts) == len(data) else ""
