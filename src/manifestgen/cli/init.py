"""``manifestgen init``."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Final

import click

from manifestgen.cli.examples import WithExample
from manifestgen.errors import Exit, Finding, ManifestgenError

SPEC: Final = Path("specs/platform.yaml")
SCHEMA: Final = Path("specs/platform.schema.json")
FALLBACK_NAME: Final = "my-platform"


@click.command("init", cls=WithExample, example=("manifestgen init shop", "cd shop && manifestgen render"))
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=Path())
def command(folder: Path) -> int:
    """Start a spec in DIR (here, if none is named): commented, and it renders as it is.

    Writes specs/platform.yaml and the schema for your editor beside it. The platform is called like the
    folder. Nothing that exists is overwritten.
    """
    texts = _texts(platform_name(folder))
    existing = [path for path in texts if os.path.lexists(folder / path)]
    if existing:
        raise _refused("init-exists", folder / existing[0], "it is already there", "choose another folder")
    for path, text in texts.items():
        _create(folder / path, text)
        click.echo(f"created {click.format_filename(folder / path)}")
    there = "" if folder == Path() else f"cd {shlex.quote(click.format_filename(folder))} && "
    click.echo(f"Next: {there}manifestgen render")
    return Exit.OK


def platform_name(folder: Path) -> str:
    """The name of the folder where that may name a platform and its namespaces."""
    from manifestgen.facts.names import check_label

    name = folder.resolve().name
    return FALLBACK_NAME if check_label(_staging(name)) or check_label(name) else name


def _staging(name: str) -> str:
    return f"{name}-staging"


def _texts(name: str) -> dict[Path, str]:
    from manifestgen.render.environment import Renderer
    from manifestgen.render.folders import template_folders
    from manifestgen.report.jsontext import dumps
    from manifestgen.spec.schema import json_schema

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
