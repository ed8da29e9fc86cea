"""The guide to the cluster and the runbook of deployments, for people: ``docs/deployment``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from manifestgen.artifact import Artifact
from manifestgen.kinds.datastores import chart_values
from manifestgen.kube.objects import Inventory
from manifestgen.kube.usage import of_charts, usages
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform
from manifestgen.targets.guides.documents import Delivered, documents
from manifestgen.targets.guides.site import Site

__all__ = ["render"]


def render(
    platforms: Mapping[str, ResolvedPlatform],
    objects: Mapping[str, Inventory],
    delivered: Delivered,
    made: Collection[str],
    renderer: Renderer,
) -> Iterator[Artifact]:
    """Both documents, about the environments that have a ``documentation``."""
    sites = [
        _site(name, platform, objects[name])
        for name, platform in platforms.items()
        if platform.spec.documentation is not None
    ]
    yield from documents(sites, delivered, made, renderer)


def _site(name: str, platform: ResolvedPlatform, inventory: Inventory) -> Site:
    cost = platform.spec.cost
    manifests = (made.manifest for made in inventory.objects.values())
    asked = [*usages(manifests, cost.nodes if cost else None), *of_charts(chart_values(platform))]
    return Site(name, platform, inventory, tuple(asked))
