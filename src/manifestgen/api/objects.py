"""The finished objects of one environment, as the cluster gets them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from manifestgen import pipeline
from manifestgen.api import refuse_unknown
from manifestgen.errors import Finding, ManifestgenError, errors_in
from manifestgen.kube.identity import in_namespace
from manifestgen.kube.objects import Manifest

_TARGETS = ("kustomize",)
"""What is rendered besides: what forbids to write the overlay forbids to give its objects, too."""


class Objects(NamedTuple):
    """The objects in the order people read them, and findings that are no errors."""

    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]


def objects(
    spec: Path,
    environment: str,
    *,
    text: str | None = None,
    templates: Path | None = None,
    crd_schemas: Path | None = None,
) -> Objects:
    """The objects that Kustomize builds of the overlay of ``environment``, which need not be rendered.

    With ``text`` that is the spec, and ``spec`` only what it is called. Raises ManifestgenError when it is
    wrong, or has no such environment.
    """
    build = pipeline.build(spec, text=text, targets=_TARGETS, templates=templates, crd_schemas=crd_schemas)
    if errors_in(build.findings):
        raise ManifestgenError(build.findings)
    refuse_unknown("unknown-environment", [environment], build.environments, str(spec))
    return Objects(tuple(_manifests(build, environment)), build.findings)


def _manifests(build: pipeline.Build, environment: str) -> Iterable[Manifest]:
    inventory = build.inventories[environment]
    for made in inventory.objects.values():
        yield in_namespace(made.manifest, inventory.namespace, made.scope)
