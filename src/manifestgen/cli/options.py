"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

DEFAULT_SPEC: Final = Path("specs/platform.yaml")
FORMATS: Final = ("text", "json", "github", "sarif")

spec_option = click.option(
    "--spec",
    "spec_file",
    type=click.Path(path_type=Path),
    default=DEFAULT_SPEC,
    show_default=True,
    metavar="FILE",
    help="The spec to read.",
)

format_option = click.option(
    "--format",
    "report_format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How findings are told: text on standard error; json, github (workflow commands) and sarif on "
    "standard output.",
)

templates_option = click.option(
    "--templates",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="A folder of templates of your own; what it holds wins over the built-in ones.",
)
