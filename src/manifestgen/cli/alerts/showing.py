"""``manifestgen alerts show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.alerts.common import answer_format, environment_argument, known, put_json
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import spec_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("show", cls=WithExample, example=("manifestgen alerts show production WebErrorRateHigh",))
@environment_argument
@click.argument("name", metavar="ALERT")
@spec_option
@answer_format
def command(environment: str, name: str, spec_file: Path, answer_format: str) -> None:
    """Say everything about an alert, for each component that has it.

    Its expression, labels and texts; the preset or the line of the spec that it comes from, with its
    thresholds; who is told; which alerts silence it, and which it silences, when their labels are the same.
    """
    from manifestgen.api.alerts import alarms
    from manifestgen.cli.output import put_document
    from manifestgen.report.alerts.listing import show_objects, show_text

    found = alarms(spec_file, environment)
    alerts = known(found, name)
    if answer_format == "json":
        put_json(show_objects(found, alerts))
    else:
        put_document(show_text(found, alerts))
