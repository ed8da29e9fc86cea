"""From a resolved platform to its Kubernetes objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.kinds.claims import claim_views
from manifestgen.kinds.issuers import issuer_views
from manifestgen.kinds.network import network_views, platform_views
from manifestgen.kinds.own import parse_own
from manifestgen.kinds.routes import route_views
from manifestgen.kinds.secrets import store_views
from manifestgen.kinds.settings import settings_views
from manifestgen.kinds.stores import datastore_views
from manifestgen.kinds.tenancy import priority_views, tenancy_views
from manifestgen.kinds.views import View
from manifestgen.kinds.waves import in_waves
from manifestgen.kinds.workloads import workload_views
from manifestgen.kube.objects import Inventory, KubeObject, Manifest, ObjectId
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform

__all__ = ["ObjectMaker", "views"]


def views(platform: ResolvedPlatform) -> Iterator[View]:
    """What is to be rendered for ``platform``, in the order people read it."""
    yield from tenancy_views(platform)
    yield from priority_views(platform)
    yield from issuer_views(platform)
    yield from platform_views(platform)
    yield from store_views(platform)
    yield from settings_views(platform)
    yield from claim_views(platform)
    yield from datastore_views(platform)
    yield from workload_views(platform)
    if platform.spec.backups:
        from manifestgen.kinds.backups import script_views

        yield from script_views(platform)
    yield from route_views(platform)
    yield from network_views(platform)
    if platform.spec.service_mesh is not None:
        from manifestgen.kinds.mesh import mesh_views

        yield from mesh_views(platform, platform.spec.service_mesh)
    if platform.spec.chaos is not None:
        from manifestgen.kinds.chaos import chaos_views

        yield from chaos_views(platform, platform.spec.chaos)
    if platform.spec.monitoring.delivery != "files":  # only then is what knows the alerts needed here
        from manifestgen.kinds.monitors import monitor_views

        yield from monitor_views(platform)
    if platform.spec.alerting is not None and platform.spec.alerting.delivery != "files":
        from manifestgen.kinds.alertmanagers import alertmanager_views

        yield from alertmanager_views(platform)


class ObjectMaker:
    """Renders and parses objects; what environments have in common is rendered and parsed once."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._made: dict[tuple[Any, ...], list[tuple[View, KubeObject]]] = {}

    def inventory(self, platform: ResolvedPlatform) -> Inventory:
        """All objects of ``platform``; raises ManifestgenError when two would be the same object."""
        objects: dict[ObjectId, KubeObject] = {}
        findings: list[Finding] = []
        for made in self._all(platform):
            if made.id in objects:
                findings.append(_clash(platform, made, objects[made.id]))
            objects[made.id] = made
        if findings:
            raise ManifestgenError(findings)
        if platform.spec.patches:
            from manifestgen.kinds.patching import patched

            return Inventory(platform.namespace, patched(platform, objects))
        return Inventory(platform.namespace, objects)

    def _all(self, platform: ResolvedPlatform) -> Iterator[KubeObject]:
        yield from map(self.make, in_waves(platform, views(platform)))
        if platform.spec.manifests:
            from manifestgen.kinds.manifests import own_objects

            yield from own_objects(platform)

    def make(self, view: View) -> KubeObject:
        """The object that a view is of."""
        same_thing = self._made.setdefault((view.template, view.source, view.context["name"]), [])
        for known, made in same_thing:
            if known == view:
                return made
        text, manifest = self._rendered(view)
        made = KubeObject(manifest, text, view.component, view.template, view.source)
        same_thing.append((view, made))
        return made

    def _rendered(self, view: View) -> tuple[str, Manifest]:
        if not self._renderer.has_own_templates:
            return self._renderer.cast(view.template, view.context)
        text = self._renderer.render(view.template, view.context)
        return text, parse_own(view.template, text)


def _clash(platform: ResolvedPlatform, made: KubeObject, other: KubeObject) -> Finding:
    return Finding(
        rule="object-clash",
        path=".".join(made.source),
        message=f"it makes a {made.id.kind} named {made.id.name}, as {'.'.join(other.source)} does",
        advice="rename one of them",
        location=platform.node.at(made.source).key_location,
    )
