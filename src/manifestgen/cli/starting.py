"""What ``manifestgen init`` does: write a first spec, and the schema for the editor."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Final

import click

from manifestgen.cli.output import put
from manifestgen.errors import Exit, Finding, ManifestgenError
from manifestgen.facts.names import check_label
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.report.jsontext import dumps
from manifestgen.spec.schema import json_schema

SPEC: Final = Path("specs/platform.yaml")
SCHEMA: Final = Path("specs/platform.schema.json")
FALLBACK_NAME: Final = "my-platform"


def start(folder: Path) -> int:
    """Write both files or refuse; the exit code."""
    texts = _texts(platform_name(folder))
    existing = [path for path in texts if os.path.lexists(folder / path)]
    if existing:
        raise _refused("init-exists", folder / existing[0], "it is already there", "choose another folder")
    for path, text in texts.items():
        _create(folder / path, text)
        put(f"created {click.format_filename(folder / path)}\n")
    there = "" if folder == Path() else f"cd {shlex.quote(click.format_filename(folder))} && "
    put(f"Next: {there}manifestgen render\n")
    return Exit.OK


def platform_name(folder: Path) -> str:
    """The name of the folder where that may name a platform and its namespaces."""
    name = folder.resolve().name
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
        reason = error.strerror or str(error)
        raise _refused(
            "init-failed", file, f"it cannot be written: {reason}", "choose another folder"
        ) from error


def _refused(rule: str, file: Path, message: str, advice: str) -> ManifestgenError:
    return ManifestgenError([Finding(rule, message, advice, path=str(file))])
