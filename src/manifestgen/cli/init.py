"""``manifestgen init``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import NamedPath, as_path

if TYPE_CHECKING:
    from pathlib import Path


@click.command("init", cls=WithExample, example=("manifestgen init shop", "cd shop && manifestgen render"))
@click.argument("folder", metavar="[DIR]", type=NamedPath(file_okay=False), default=".", callback=as_path)
def command(folder: Path) -> None:
    """Start a spec in DIR (here, if none is named): commented, and it renders as it is.

    Writes specs/platform.yaml and the schema for your editor beside it. The platform is called like the
    folder. Nothing that exists is overwritten.
    """
    import shlex
    from pathlib import Path

    from manifestgen.api.starting import start
    from manifestgen.cli.output import put

    for file in start(folder):
        put(f"created {click.format_filename(file)}\n")
    name = click.format_filename(folder)
    # What starts with a dash, cd would take for an option.
    there = shlex.quote(f"./{name}" if name.startswith("-") else name)
    put("Next: manifestgen render\n" if folder == Path() else f"Next: cd {there} && manifestgen render\n")
