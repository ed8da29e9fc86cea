"""What ``helm template`` makes of a chart that is still in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from support import yaml11
from support.inprocess.gotemplate import Engine, parse

HELM_LABELS: Final = ("helm.sh/chart", "app.kubernetes.io/managed-by")
"""Labels that Helm itself owns; nothing else is left out of a comparison."""

_LONGEST_RELEASE: Final = 53


def release_of(chart: str) -> str:
    """A name for the release of a chart: the same, unless it is longer than Helm takes."""
    return chart[:_LONGEST_RELEASE].rstrip("-")


class Chart:
    """A chart, parsed once for all of its environments. ``files`` are texts by path below the chart."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._meta = yaml11.read(files["Chart.yaml"])
        self._values = yaml11.read(files["values.yaml"]) or {}
        self._layers = {
            path.removeprefix("values-").removesuffix(".yaml"): yaml11.read(text) or {}
            for path, text in files.items()
            if path.startswith("values-")
        }
        sources = {path: parse(text) for path, text in files.items() if path.startswith("templates/")}
        self._engine = Engine(list(sources.values()))
        self._manifests = {path: nodes for path, nodes in sources.items() if path.endswith(".yaml")}
        self._notes = sources.get("templates/NOTES.txt", [])

    def template(self, environment: str | None, namespace: str) -> list[dict[str, Any]]:
        """The objects of an environment, or of no values file, without the labels that Helm owns."""
        root = self._root(self._layers[environment] if environment is not None else {}, namespace)
        self._engine.render(self._notes, root)
        found: list[dict[str, Any]] = []
        for path, nodes in self._manifests.items():
            text = self._engine.render(nodes, root)
            try:
                documents = list(yaml11.read_all(text))
            except yaml.YAMLError as error:
                raise AssertionError(f"{path} is no YAML for {environment}:\n{text}") from error
            found += [_without_labels(document) for document in documents if document is not None]
        return found

    def _root(self, layer: dict[str, Any], namespace: str) -> dict[str, Any]:
        meta = {key[0].upper() + key[1:]: value for key, value in self._meta.items()}
        release = {"Name": release_of(self._meta["name"]), "Namespace": namespace, "Service": "Helm"}
        return {"Values": coalesced(self._values, layer), "Chart": meta, "Release": release}


def coalesced(values: dict[str, Any], layer: dict[str, Any]) -> dict[str, Any]:
    """The values of a chart with those of a file over them: maps merge, null removes."""
    merged = dict(values)
    for key, value in layer.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = coalesced(merged[key], value)
        else:
            merged[key] = value
    return merged


def _without_labels(manifest: dict[str, Any]) -> dict[str, Any]:
    labels = manifest["metadata"]["labels"]
    for label in HELM_LABELS:
        del labels[label]
    if not labels:  # an object of the user's own that has none
        del manifest["metadata"]["labels"]
    return manifest
