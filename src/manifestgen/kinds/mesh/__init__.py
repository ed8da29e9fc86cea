"""Objects of the service mesh, and what it changes about others."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.kinds.mesh.istio import istio_views
from manifestgen.kinds.mesh.linkerd import linkerd_views
from manifestgen.kinds.mesh.pods import pod_annotations, pod_labels
from manifestgen.kinds.mesh.services import service_in_mesh
from manifestgen.kinds.views import View
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Mesh

__all__ = ["mesh_views", "pod_annotations", "pod_labels", "service_in_mesh"]


def mesh_views(platform: ResolvedPlatform, mesh: Mesh) -> Iterator[View]:
    """All objects that the mesh reads, those of the whole namespace first."""
    yield from (istio_views if mesh.type == "istio" else linkerd_views)(platform, mesh)
