"""A chart whose dependencies cannot be fetched here, with stubs in their place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ruamel.yaml import YAML


def with_stub_dependencies(chart: Path, copy: Path) -> Path:
    """A copy of ``chart`` in which each dependency is an empty chart of the right name and version."""
    shutil.copytree(chart, copy)
    metadata = YAML(typ="safe", pure=True).load((copy / "Chart.yaml").read_text("utf-8"))
    for dependency in metadata.get("dependencies", []):
        folder = copy / "charts" / dependency["name"]
        folder.mkdir(parents=True)
        # JSON, which is YAML, too: a chart may be called y.
        stub = {"apiVersion": "v2", "name": dependency["name"], "version": _least(dependency["version"])}
        (folder / "Chart.yaml").write_text(json.dumps(stub), encoding="utf-8")
    return copy


def _least(versions: str) -> str:
    """A version of a range that begins with its lower bound."""
    return versions.replace("x", "0").lstrip("~^>= ").split(" ")[0]
