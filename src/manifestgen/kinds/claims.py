"""PersistentVolumeClaims: storage that outlives the pods that mount it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from manifestgen.kinds.pods.volumes import claim_spec
from manifestgen.kinds.views import View, owner_of
from manifestgen.resolving import ResolvedPlatform

_KEPT: Final = {
    "helm.sh/resource-policy": "keep",
    "argocd.argoproj.io/sync-options": "Prune=false",
    "kustomize.toolkit.fluxcd.io/prune": "disabled",
}
"""What tells Helm, Argo CD and Flux to leave an object that is gone from the chart or the repository."""


def claim_views(platform: ResolvedPlatform) -> Iterator[View]:
    """Each claim that is not there already."""
    for name, claim in platform.spec.claims.items():
        if claim.existing is None:
            yield owner_of(platform, "claims", name).view(
                "persistent-volume-claim",
                description=claim.description,
                annotations=_KEPT if claim.keep else {},
                spec=claim_spec(claim),
            )
