"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.decorators import FC

DEFAULT_SPEC: Final = "specs/platform.yaml"
DEFAULT_OUT: Final = "out"
FORMATS: Final = ("text", "json", "github", "sarif")


class NamedPath(click.Path):
    """A path that is not empty: that is a variable nobody set, and would mean the current folder.

    Whether it can be read is not asked here: what reads it knows better, and says so as a finding.
    """

    def __init__(self, *, exists: bool = False, file_okay: bool = True) -> None:
        super().__init__(exists=exists, file_okay=file_okay, readable=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value as it is; an empty one is wrong usage."""
        if not value:
            self.fail("the path is empty; is a variable not set? '.' is the current folder", param, ctx)
        return super().convert(value, param, ctx)


def as_path(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    """The value as a path; a callback, because ``click.Path`` would need pathlib for every ``--help``."""
    from pathlib import Path

    return None if value is None else Path(value)


spec_option = click.option(
    "--spec",
    "spec_file",
    type=NamedPath(),
    callback=as_path,
    default=DEFAULT_SPEC,
    show_default=True,
    metavar="FILE",
    help="The spec to read.",
)


def out_option(what_for: str) -> Callable[[FC], FC]:
    """``--out``, of which ``what_for`` is the help."""
    return click.option(
        "--out",
        type=NamedPath(),
        callback=as_path,
        default=DEFAULT_OUT,
        show_default=True,
        metavar="DIR",
        help=what_for,
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
    type=NamedPath(exists=True, file_okay=False),
    callback=as_path,
    metavar="DIR",
    help="A folder of templates of your own; what it holds wins over the built-in ones.",
)

crd_schemas_option = click.option(
    "--crd-schemas",
    type=NamedPath(exists=True, file_okay=False),
    callback=as_path,
    metavar="DIR",
    help="A folder with JSON Schemas of custom resources, as the public catalogues lay them out: "
    "<group>/<kind>_<version>.json. They win over the built-in ones.",
)
