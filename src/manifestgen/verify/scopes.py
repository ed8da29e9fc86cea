"""Whether objects of the user's own have a namespace: a fact of their kind, and so the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.kube.identity import CLUSTER_SCOPED, group, is_cluster_scoped
from manifestgen.kube.objects import Inventory, KubeObject, ObjectId
from manifestgen.resolving import ResolvedPlatform
from manifestgen.yamlio.nodes import dotted

_BUILT_IN: Final = {*CLUSTER_SCOPED, "apps", "autoscaling", "batch", "coordination.k8s.io", "policy"}
"""Groups of kinds that are all known here; others of Kubernetes itself are told by their scope alone."""


class Scopes:
    """What is known about the scope of each object, from one environment to the next."""

    def __init__(self) -> None:
        self._known: dict[ObjectId, bool] = {}

    def check(self, platform: ResolvedPlatform, inventory: Inventory) -> Iterator[Finding]:
        """Scopes that cannot be, or that another environment gives otherwise."""
        for identity, made in inventory.objects.items():
            if made.source[0] == "manifests":
                yield from self._one(platform, identity, made)

    def _one(self, platform: ResolvedPlatform, identity: ObjectId, made: KubeObject) -> Iterator[Finding]:
        in_cluster = is_cluster_scoped(made.manifest, made.scope)
        by_kind = is_cluster_scoped(made.manifest)
        where = "in the whole cluster" if by_kind else "in a namespace"
        if in_cluster != by_kind and group(identity.api_version) in _BUILT_IN:
            yield _finding(platform, made, f"every {identity.kind} lives {where}", "remove scope")
        elif self._known.setdefault(identity, in_cluster) != in_cluster:
            message = f"{identity.kind} {identity.name} has one scope here and another elsewhere"
            yield _finding(platform, made, message, "give the scope where the object is written, for all")


def _finding(platform: ResolvedPlatform, made: KubeObject, message: str, advice: str) -> Finding:
    path = (*made.source, "scope")
    node = platform.node.at(path)
    return Finding("manifest-scope", message, advice, dotted(path), node.location)
