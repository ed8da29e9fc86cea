"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_SPEC: Final = "specs/platform.yaml"
DEFAULT_OUT: Final = "out"
FORMATS: Final = ("text", "json", "github", "sarif")


def as_path(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    """The value as a path; a callback, because ``click.Path`` would need pathlib for every ``--help``."""
    from pathlib import Path

    return None if value is None else Path(value)


spec_option = click.option(
    "--spec",
    "spec_file",
    type=click.Path(),
    callback=as_path,
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
    type=click.Path(exists=True, file_okay=False),
    callback=as_path,
    metavar="DIR",
    help="A folder of templates of your own; what it holds wins over the built-in ones.",
)
