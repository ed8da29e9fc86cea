"""``manifestgen cost``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.complete import environment_names
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import out_option, spec_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "cost",
    cls=WithExample,
    example=("manifestgen cost", "manifestgen cost production --format markdown"),
)
@click.argument("environments", metavar="[ENV]...", nargs=-1, shell_complete=environment_names)
@spec_option
@out_option("The committed tree, to say what changes.")
@click.option(
    "--format",
    "answer_format",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
    help="For people, for scripts, or for a comment on a pull request.",
)
def command(environments: tuple[str, ...], spec_file: Path, out: Path, answer_format: str) -> None:
    """Say what each environment costs in a month, workload by workload, and what changes.

    What pods ask for is multiplied by the prices of `cost` in the spec; what scales has a least and a most.
    CHANGE is against the committed tree, at the same prices.
    """
    from manifestgen.api.costs import bills
    from manifestgen.cli.output import put_document
    from manifestgen.report.costs import costs_markdown, costs_objects, costs_text

    found = bills(spec_file, environments, out)
    if answer_format == "json":
        from manifestgen.report.jsontext import dumps

        put_document(dumps(costs_objects(found)))
    else:
        put_document(costs_markdown(found) if answer_format == "markdown" else costs_text(found))
