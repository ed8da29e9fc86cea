"""Running Helm on charts that are still in memory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from manifestgen.artifact import Artifact
from manifestgen.kube.identity import in_namespace
from manifestgen.kube.objects import Inventory, Manifest
from support import yaml11
from support.chart import with_stub_dependencies
from support.inprocess.helm import HELM_LABELS

Objects = dict[tuple[str, str, str], Manifest]

NAMESPACE = "a-namespace"


def write_chart(artifacts: Iterable[Artifact], folder: Path) -> Path:
    """The chart on disk, with stubs in the place of its dependencies."""
    tree = {artifact.path: artifact.text for artifact in artifacts}
    for path, text in tree.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (meta,) = (path for path in tree if path.count("/") == 2 and path.endswith("/Chart.yaml"))
    return with_stub_dependencies((folder / meta).parent, folder / "chart")


def run(helm: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Helm's output as text, whatever its exit status."""
    command = [str(helm), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def template(helm: Path, chart: Path, *arguments: str | Path) -> Objects:
    """What ``helm template`` gives, without the labels that Helm owns; read as YAML 1.1."""
    done = run(helm, "template", "a-release", chart, "--namespace", NAMESPACE, *arguments)
    assert done.returncode == 0, done.stderr
    found = by_identity(yaml11.read_all(done.stdout))
    for manifest in found.values():
        for label in HELM_LABELS:
            del manifest["metadata"]["labels"][label]
    return found


def by_identity(manifests: Iterable[Manifest | None]) -> Objects:
    """Objects by API version, kind and name; what a switched-off template leaves is left out."""
    found: Objects = {}
    for manifest in manifests:
        if manifest is not None:
            identity = (manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"])
            assert identity not in found, f"{identity} stands twice"
            found[identity] = manifest
    return found


def expected(inventory: Inventory) -> Objects:
    """The objects of a layer in the namespace of the release; what the base has in part is left out."""
    whole = (one.manifest for one in inventory.objects.values() if one.complete)
    return by_identity(in_namespace(manifest, NAMESPACE) for manifest in whole)


def values_of(chart: Path, layer: str | None) -> list[str]:
    """The arguments that install an environment; none for the base."""
    return [] if layer is None else ["--values", str(chart / f"values-{layer}.yaml")]


def one(objects: Objects, kind: str, name: str) -> Manifest:
    """The object of that kind and name."""
    (found,) = (manifest for (_, k, n), manifest in objects.items() if (k, n) == (kind, name))
    return found
