"""``manifestgen alerts tree``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.alerts.common import environment_argument
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import spec_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "tree",
    cls=WithExample,
    example=(
        "manifestgen alerts tree production",
        "manifestgen alerts tree production --format mermaid > routes.mmd",
    ),
)
@environment_argument
@spec_option
@click.option(
    "--format",
    "drawing",
    type=click.Choice(("text", "mermaid")),
    default="text",
    show_default=True,
    help="Lines of text, or a flowchart of Mermaid.",
)
def command(environment: str, spec_file: Path, drawing: str) -> None:
    """Draw the routes in the order in which they are asked."""
    from manifestgen.api.alerts import alarms
    from manifestgen.cli.output import put_document
    from manifestgen.report.alerts.tree import tree_mermaid, tree_text

    draw = tree_mermaid if drawing == "mermaid" else tree_text
    put_document(draw(alarms(spec_file, environment).routing))
