"""The objects of the base: those of the spec without an environment, and what environments share besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Final

from manifestgen.kube.common import common
from manifestgen.kube.objects import Inventory, KubeObject, ObjectId
from manifestgen.yamlio import emit

_INCOMPLETE: Final = "What all environments have in common; each overlay adds the rest.\n"


def base_inventory(
    base: Inventory, incomplete: Set[tuple[str, ...]], environments: Mapping[str, Inventory]
) -> Inventory:
    """``base``, with only the common part of the objects that the spec leaves to its environments in part.

    A host, for example, may have no common value; what is the same in all environments is then still
    said once. An object that not all of them have is left to those that have it.
    """
    objects: dict[ObjectId, KubeObject] = {}
    for identity, made in base.objects.items():
        if not any(made.source[: len(path)] == path for path in incomplete):
            objects[identity] = made
        elif all(identity in other.objects for other in environments.values()):
            objects[identity] = _shared([other.objects[identity] for other in environments.values()], made)
    return Inventory(base.namespace, objects)


def _shared(versions: Sequence[KubeObject], made: KubeObject) -> KubeObject:
    manifest = common([version.manifest for version in versions])
    if manifest == made.manifest:
        return made
    return replace(made, manifest=manifest, text=emit.dump(manifest, header=_INCOMPLETE), complete=False)
