"""What can be emitted, and from which templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from manifestgen.rendering.folders import template_folders
from manifestgen.targets import REGISTRY


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of output: its name, what it emits, and the files of its templates by their names."""

    name: str
    summary: str
    templates: Mapping[str, Path]


def listed(templates: Path | None) -> tuple[Target, ...]:
    """All targets; what the folder ``templates`` holds wins over the built-in templates."""
    folders = template_folders(templates)
    return tuple(
        Target(target.name, target.summary, _files(target.templates, folders)) for target in REGISTRY
    )


def _files(parts: tuple[str, ...], folders: tuple[Path, ...]) -> dict[str, Path]:
    """Each template below these parts of the folders; the first folder that has it wins."""
    files: dict[str, Path] = {}
    for part in parts:
        found = {
            file.relative_to(folder).as_posix(): file
            for folder in reversed(folders)
            for file in (folder / part).rglob("*.j2")
        }
        files.update(sorted(found.items()))
    return files
