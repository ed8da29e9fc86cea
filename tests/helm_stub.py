"""Charts on disk for the tests, with stubs in the place of charts that would have to be fetched."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from manifestgen.artifact import Artifact
from manifestgen.kube.objects import Manifest

HELM_OWN = ("helm.sh/chart", "app.kubernetes.io/managed-by")
"""The two labels that Helm asks for: the chart adds them, Kustomize does not."""


def write_chart(artifacts: Iterable[Artifact], folder: Path) -> Path:
    """Write a chart below ``folder``, stub its dependencies and return the chart's folder."""
    chart = folder
    for artifact in artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
        if path.name == "Chart.yaml":
            chart = path.parent
    stub_dependencies(chart)
    return chart


def stub_dependencies(chart: Path) -> None:
    """Put an empty chart of the right name and version where each dependency would be unpacked."""
    meta = yaml.safe_load((chart / "Chart.yaml").read_text(encoding="utf-8"))
    for dependency in meta.get("dependencies", ()):
        stub = chart / "charts" / dependency.get("alias", dependency["name"])
        (stub / "templates").mkdir(parents=True, exist_ok=True)
        about = {"apiVersion": "v2", "name": dependency["name"], "version": _version(dependency["version"])}
        (stub / "Chart.yaml").write_text(yaml.safe_dump({**about, "description": "stub"}), encoding="utf-8")
        (stub / "values.yaml").write_text("{}\n", encoding="utf-8")
        (stub / "templates" / "_empty.tpl").write_text("", encoding="utf-8")


def _version(wanted: str) -> str:
    """A version that satisfies an exact one or a range like ``~16.4`` or ``16.x.x``."""
    digits = "".join(char if char.isdigit() or char == "." else " " for char in wanted).split()
    numbers = [part for part in (digits or ["1"])[0].split(".") if part]
    return ".".join((numbers + ["0", "0"])[:3])


def run(helm: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run helm; its output as text, whatever its exit status."""
    command = [str(helm), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def template(helm: Path, chart: Path, namespace: str, *arguments: str | Path) -> list[Manifest]:
    """The objects that ``helm template`` gives, without Helm's own labels; raises on failure."""
    result = run(helm, "template", "rel", chart, "--namespace", namespace, *arguments)
    assert result.returncode == 0, result.stderr
    documents: Sequence[Any] = list(yaml.load_all(result.stdout, Loader=yaml.CSafeLoader))
    return [without_helm_labels(document) for document in documents if document]


def without_helm_labels(manifest: Manifest) -> Manifest:
    """The object without the two labels, which must be there."""
    for label in HELM_OWN:
        del manifest["metadata"]["labels"][label]
    return manifest


def by_id(manifests: Iterable[Manifest]) -> dict[tuple[str, str], Manifest]:
    """The objects by kind and name."""
    found = {(one["kind"], one["metadata"]["name"]): one for one in manifests}
    return dict(sorted(found.items()))
