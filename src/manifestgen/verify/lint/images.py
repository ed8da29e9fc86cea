"""Images: what runs is what was tested."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.verify.lint.world import World


def check(world: World) -> Iterator[Finding]:
    """Every image is pinned to a version."""
    for pods in world.pods:
        for container in pods.containers():
            image = container.get("image") or ""
            version = _version(image)
            if image and version in ("", "latest"):
                what = "has no tag, which means `latest`" if not version else "is `latest`"
                yield world.objection(
                    pods.made,
                    "image-latest",
                    f"the image {image} of container {container['name']} in {pods.name} {what}: "
                    "each node runs what was newest when it pulled",
                    "name a version, or better a digest",
                    ("image", "tag"),
                )


def _version(image: str) -> str:
    """The tag or digest of an image; a colon before the last slash is that of the registry's port."""
    if "@" in image:
        return image.partition("@")[2]
    return image.rpartition("/")[2].partition(":")[2]
