"""What tells Argo CD or Flux to apply the output: objects where the tool lives, a folder an environment.

Data services that charts run have an object of their own where the platform is applied by Kustomize; the
chart of the platform brings them itself. Neither waits for the other: the data services need secrets that the
platform brings, and its workloads need the data services.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from manifestgen.kinds import ObjectMaker
from manifestgen.kinds.gitops import argocd, flux
from manifestgen.kinds.gitops.place import Place
from manifestgen.kinds.views import View
from manifestgen.kube.objects import Inventory, KubeObject
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import ArgoCD, Flux

__all__ = ["Delivery", "deliveries"]


class Delivery(NamedTuple):
    """The objects of one environment, by the paths of their files in ``folder``, in the order of reading."""

    folder: str
    files: Mapping[str, KubeObject]

    @property
    def inventory(self) -> Inventory:
        """The objects as they are checked; each says itself which namespace it is in."""
        return Inventory(None, {made.id: made for made in self.files.values()})


def deliveries(
    maker: ObjectMaker, environments: Mapping[str, tuple[ResolvedPlatform, Inventory]]
) -> dict[str, Delivery]:
    """What each environment with ``gitops`` is applied by."""
    return {
        name: _delivery(maker, Place(name, platform), inventory)
        for name, (platform, inventory) in environments.items()
        if platform.spec.gitops is not None
    }


def _delivery(maker: ObjectMaker, place: Place, inventory: Inventory) -> Delivery:
    files = {path: maker.make(view) for path, view in _views(place, inventory)}
    return Delivery(place.folder, files)


def _views(place: Place, inventory: Inventory) -> Iterator[tuple[str, View]]:
    match place.platform.spec.gitops:
        case ArgoCD() as gitops:
            yield from argocd.views(place, gitops, inventory)
        case Flux() as gitops:
            yield from flux.views(place, gitops, inventory)
