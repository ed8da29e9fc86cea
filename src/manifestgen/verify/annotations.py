"""Annotations of objects of the user's own, or of patches, whose keys Kustomize fails on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from manifestgen.errors import Finding
from manifestgen.facts.names import check_annotation
from manifestgen.kube.objects import Inventory, Manifest
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.places import culprit, patch_place, source_place


def check(platform: ResolvedPlatform, inventory: Inventory) -> Iterator[Finding]:
    """What the spec refuses in its own annotations, in objects that are not made from intent alone."""
    for made in inventory.objects.values():
        if made.source[0] != "manifests" and not made.history:
            continue
        for key in _annotations(made.manifest):
            complaint = check_annotation(key)
            if complaint is None:
                continue
            path = ("metadata", "annotations", key)
            name = culprit(made, partial(_has, key))
            shown, location = (
                patch_place(platform, name, path) if name else source_place(platform, made, path)
            )
            message = f"{made.id.kind} {made.id.name}: the annotation {complaint.message}"
            yield Finding(complaint.rule, message, complaint.advice, shown, location)


def _has(key: str, manifest: Manifest) -> bool:
    return key in _annotations(manifest)


def _annotations(manifest: Manifest) -> list[str]:
    return [str(key) for key in manifest["metadata"].get("annotations") or ()]
