"""A first spec, and the schema for the editor beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.facts.names import check_label
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.report.jsontext import dumps
from manifestgen.spec.schema import json_schema

SPEC: Final = Path("specs/platform.yaml")
SCHEMA: Final = Path("specs/platform.schema.json")
FALLBACK_NAME: Final = "my-platform"


def start(folder: Path) -> Iterator[Path]:
    """Write both files, or refuse before the first one; gives each as soon as it is written."""
    texts = _texts(platform_name(folder))
    existing = [path for path in texts if os.path.lexists(folder / path)]
    if existing:
        raise _refused("init-exists", folder / existing[0], "it is already there")
    for path, text in texts.items():
        _create(folder / path, text)
        yield folder / path


def platform_name(folder: Path) -> str:
    """The name of the folder where that may name a platform and its namespaces."""
    try:
        name = folder.resolve().name
    except OSError as error:  # the current folder is gone, or may not be seen
        raise _failed(folder, error) from error
    return FALLBACK_NAME if check_label(_staging(name)) or check_label(name) else name


def _staging(name: str) -> str:
    return f"{name}-staging"


def _texts(name: str) -> dict[Path, str]:
    context = {"name": name, "staging": _staging(name)}
    spec = Renderer(template_folders()).render("init/platform.yaml.j2", context)
    return {SPEC: spec, SCHEMA: dumps(json_schema())}


def _create(file: Path, text: str) -> None:
    """Write a new file; one that appeared meanwhile stays."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise _failed(file, error) from error


def _failed(file: Path, error: OSError) -> ManifestgenError:
    return _refused("init-failed", file, f"it cannot be written: {error.strerror or error}")


def _refused(rule: str, file: Path, message: str) -> ManifestgenError:
    return ManifestgenError([Finding(rule, message, "choose another folder", path=str(file))])
