"""Platforms with all their documents, rendered once for each test module."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from manifestgen import pipeline
from manifestgen.artifact import Artifact
from manifestgen.kinds import ObjectMaker
from manifestgen.kinds.gitops import deliveries
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from support.commands import Checker, World
from support.rendering import warm
from support.specs import as_json


class Documented(NamedTuple):
    """A rendered tree: its folder, its pages, and what commands in them may name."""

    root: Path
    pages: Mapping[str, str]
    artifacts: Mapping[str, Artifact]
    worlds: tuple[World, ...]

    def checker(self, tool: Any) -> Checker:
        """What looks into the pages, with the real programs."""
        return Checker(self.worlds, self.root, {name: tool(name) for name in ("kubectl", "helm", "shfmt")})


def documented(source: Path | Mapping[str, Any], folder: Path) -> Documented:
    """A spec, a file or given as data, with its documents; rendered into ``folder``."""
    text = None if isinstance(source, Path) else as_json(source)
    file = source if isinstance(source, Path) else folder / "platform.yaml"
    with warm():
        build = pipeline.build(file, text=text)
    assert build.artifacts, build.findings
    root = folder / "out"
    for path, artifact in build.artifacts.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(artifact.text, encoding="utf-8")
        place.chmod(0o755 if artifact.executable else 0o644)
    pages = {path: one.text for path, one in build.artifacts.items() if path.endswith(".md")}
    return Documented(root, pages, build.artifacts, tuple(_worlds(build)))


def _worlds(build: pipeline.Build) -> list[World]:
    platforms = {name: build.platforms[name] for name in build.environments}
    with_objects = {name: (one, build.inventories[name]) for name, one in platforms.items()}
    delivered = deliveries(ObjectMaker(Renderer(template_folders())), with_objects)
    return [
        World(
            name,
            platform,
            build.inventories[name],
            [one.manifest for one in delivered[name].files.values()] if name in delivered else [],
        )
        for name, platform in platforms.items()
    ]
