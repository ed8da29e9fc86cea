"""What Kustomize builds, what Helm renders and what the spec means, as comparable objects."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from manifestgen.kinds import ObjectMaker
from manifestgen.kube.identity import in_namespace
from manifestgen.pipeline import load
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from support import yaml11
from support.inprocess.helm import HELM_LABELS, release_of

Objects = dict[tuple[str, str, str], dict[str, Any]]


def by_identity(manifests: Iterable[dict[str, Any] | None]) -> Objects:
    """Objects by API version, kind and name; two of one identity are an error."""
    found: Objects = {}
    for manifest in manifests:
        if manifest is None:
            continue  # an empty document between two separators
        identity = (manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"])
        assert identity not in found, f"{identity} stands twice"
        found[identity] = manifest
    return found


def expected(spec: Path, environment: str) -> Objects:
    """objects(environment) in its namespace."""
    platform = load(spec).platforms[environment]
    inventory = ObjectMaker(Renderer(template_folders())).inventory(platform)
    return by_identity(
        in_namespace(made.manifest, platform.namespace, made.scope) for made in inventory.objects.values()
    )


def kustomized(kubectl: Path, out: Path, environment: str) -> Objects:
    """What ``kubectl kustomize`` builds; read as YAML 1.1, as Kubernetes reads it."""
    return by_identity(yaml11.read_all(_output(kubectl, "kustomize", out / "k8s/overlays" / environment)))


def built(kubectl: Path, folder: Path, *options: str) -> Objects:
    """What ``kubectl kustomize`` builds of any folder."""
    return by_identity(yaml11.read_all(_output(kubectl, "kustomize", *options, folder)))


def templated(helm: Path, chart: Path, environment: str, namespace: str) -> Objects:
    """What ``helm template`` renders, without the labels that Helm owns."""
    values = chart / f"values-{environment}.yaml"
    text = _output(
        helm,
        "template",
        release_of(chart.name),
        chart,
        "--namespace",
        namespace,
        "--values",
        values,
        "--kube-version",
        "1.37.0",
    )
    found = by_identity(yaml11.read_all(text))
    without_labels_of_helm(found)
    return found


def without_labels_of_helm(found: Objects) -> None:
    """Take out of the objects the labels that Helm owns."""
    for manifest in found.values():
        for label in HELM_LABELS:
            del manifest["metadata"]["labels"][label]
        if not manifest["metadata"]["labels"]:  # an object of the user's own that has none
            del manifest["metadata"]["labels"]


def _output(*words: str | Path) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
