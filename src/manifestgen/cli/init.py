"""``manifestgen init``: its options. What it does with them is in ``starting``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import as_path

if TYPE_CHECKING:
    from pathlib import Path


@click.command("init", cls=WithExample, example=("manifestgen init shop", "cd shop && manifestgen render"))
@click.argument("folder", metavar="[DIR]", type=click.Path(file_okay=False), default=".", callback=as_path)
def command(folder: Path) -> int:
    """Start a spec in DIR (here, if none is named): commented, and it renders as it is.

    Writes specs/platform.yaml and the schema for your editor beside it. The platform is called like the
    folder. Nothing that exists is overwritten.
    """
    from manifestgen.cli.starting import start

    return start(folder)
