"""``manifestgen render``: its options. What it does with them is in ``rendering``."""

from __future__ import annotations

from typing import Any

import click

from manifestgen.cli.complete import environment_names, target_names
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import (
    crd_schemas_option,
    format_option,
    out_option,
    spec_option,
    templates_option,
)


@click.command(
    "render",
    cls=WithExample,
    example=(
        "manifestgen render",
        "manifestgen render production --target helm --diff",
        "manifestgen render --check --format github",
    ),
)
@click.argument("environments", metavar="[ENV]...", nargs=-1, shell_complete=environment_names)
@spec_option
@out_option("The folder to write to.")
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="NAME",
    shell_complete=target_names,
    help="Render this target only; may be given several times. `manifestgen targets` lists them.",
)
@templates_option
@crd_schemas_option
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit 1 and name the files if any is not what the spec gives.",
)
@click.option("--diff", is_flag=True, help="Write nothing; print what would change as a unified diff.")
@click.option(
    "--stdout", is_flag=True, help="Write nothing; print the files, each after a line that names it."
)
@click.option(
    "--force",
    is_flag=True,
    help="Replace files that were edited by hand or that others wrote, too, and write "
    "changes that a cluster would refuse.",
)
@format_option
def command(**given: Any) -> int:
    """Render the spec into the output folder: for the environments named, or for all.

    Nothing is written when the spec is wrong. Files of other environments and targets stay as they are, and
    so do files that were edited by hand or that manifestgen did not write: these are reported, with exit
    code 1. Files that the spec no longer gives are removed.
    """
    from manifestgen.cli.rendering import Options, run

    return run(Options(**given))
