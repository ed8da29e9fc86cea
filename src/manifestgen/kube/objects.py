"""Kubernetes objects as the rest of the program sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Manifest = dict[str, Any]


class ObjectId(NamedTuple):
    """What tells one object of a namespace from another."""

    api_version: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class KubeObject:
    """One rendered object.

    ``manifest`` is what ``text`` (the template's rendering, comments included) parses to. It names
    no namespace: where it runs is a fact of the environment (see ``Inventory``). ``component`` is
    the workload, data service or route it belongs to (``platform`` for what belongs to none) and
    ``source`` is the path in the spec of the thing it was made from; ``template`` is empty for one that was
    given as it is. One that is not ``complete`` stands in the base only, and holds just what all environments
    have in common.
    """

    manifest: Manifest
    text: str
    component: str
    template: str
    source: tuple[str, ...]
    complete: bool = True
    history: tuple[tuple[str, Manifest], ...] = ()
    """The patches that changed it, by name and in order, each with what it was before."""
    scope: str | None = None
    """``Cluster`` or ``Namespaced`` where the spec says so, None where its kind does."""
    unchecked: bool = False
    """Whether the spec says that there is no schema to check it with."""

    id: ObjectId = field(init=False, repr=False, compare=False)
    """The identity by which environments are compared."""

    def __post_init__(self) -> None:
        manifest = self.manifest
        identity = ObjectId(manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"])
        object.__setattr__(self, "id", identity)


@dataclass(frozen=True, slots=True)
class Inventory:
    """All objects of one environment (or of the base), in the order people read them."""

    namespace: str | None
    objects: Mapping[ObjectId, KubeObject]
