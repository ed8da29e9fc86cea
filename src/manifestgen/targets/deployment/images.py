"""The images that an environment runs, and the values of the chart that take their digests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from manifestgen.kube.generalise import image_values
from manifestgen.kube.objects import Inventory
from manifestgen.kube.pods import pod_template

_LISTS = ("initContainers", "containers")


class PinnedImage(NamedTuple):
    """An image, and where the chart has its digest: a path for ``helm --set`` each time."""

    reference: str
    paths: tuple[str, ...]


def pinned_images(
    base: Inventory, environments: Mapping[str, Inventory], reserved: Collection[str]
) -> dict[str, tuple[PinnedImage, ...]]:
    """The images of each environment, in the order in which its objects name them."""
    places = image_values(base, environments, reserved)
    found: dict[str, tuple[PinnedImage, ...]] = {}
    for environment, inventory in environments.items():
        paths: dict[str, dict[str, None]] = {}
        for id_, made in inventory.objects.items():
            pod = pod_template(made.manifest) or {}
            for where in _LISTS:
                for container in pod.get("spec", {}).get(where) or ():
                    place = places.get((id_, where, container["name"]))
                    known = paths.setdefault(container["image"], {})
                    if place is not None:
                        known[_set_path((*place, "digest"))] = None
        found[environment] = tuple(PinnedImage(image, tuple(known)) for image, known in paths.items())
    return found


def _set_path(path: tuple[str, ...]) -> str:
    """A path as ``helm --set`` reads it."""
    return ".".join(part.replace("\\", "\\\\").replace(".", "\\.").replace(",", "\\,") for part in path)
