"""``manifestgen alerts list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.alerts.common import answer_format, environment_argument, put_json
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import spec_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "list",
    cls=WithExample,
    example=("manifestgen alerts list production", "manifestgen alerts list staging --format json"),
)
@environment_argument
@spec_option
@answer_format
def command(environment: str, spec_file: Path, answer_format: str) -> None:
    """List all alerts of an environment: how urgent, about what, of which team, and who is told.

    FOR is how long it must hold; who is told is said for a time at which no interval mutes a route.
    """
    from manifestgen.api.alerts import alarms
    from manifestgen.cli.output import put_document
    from manifestgen.report.alerts.listing import list_objects, list_text

    found = alarms(spec_file, environment)
    if answer_format == "json":
        put_json(list_objects(found))
    else:
        put_document(list_text(found))
