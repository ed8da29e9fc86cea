"""The objects of the base: those of the spec without an environment, and what environments share besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from manifestgen.kube.common import common
from manifestgen.kube.objects import Inventory, KubeObject, ObjectId
from manifestgen.yamlio import emit

_INCOMPLETE: Final = "What all environments have in common; each overlay adds the rest.\n"


def with_common_objects(base: Inventory, environments: Mapping[str, Inventory]) -> Inventory:
    """``base`` and the objects that it lacks although every environment has them.

    The spec may leave to its environments what has no common value, a host for example; what is the
    same in all of them is then still said once.
    """
    inventories = list(environments.values())
    objects: dict[ObjectId, KubeObject] = {}
    for identity, first in inventories[0].objects.items():
        if identity in base.objects:
            objects[identity] = base.objects[identity]
        elif all(identity in other.objects for other in inventories[1:]):
            objects[identity] = _shared([other.objects[identity] for other in inventories], first)
    objects.update(base.objects)  # those that the first environment lacks go last
    return Inventory(base.namespace, objects)


def _shared(versions: Sequence[KubeObject], first: KubeObject) -> KubeObject:
    manifest = common([version.manifest for version in versions])
    if manifest == first.manifest:
        return first
    return replace(first, manifest=manifest, text=emit.dump(manifest, header=_INCOMPLETE))
