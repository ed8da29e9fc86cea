"""``manifestgen validate``."""

from __future__ import annotations

from pathlib import Path

import click

from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import format_option, spec_option, templates_option
from manifestgen.errors import Exit, errors_in


@click.command(
    "validate",
    cls=WithExample,
    example=("manifestgen validate", "manifestgen validate --spec shop/platform.yaml --format github"),
)
@spec_option
@templates_option
@format_option
def command(spec_file: Path, templates: Path | None, report_format: str) -> int:
    """Check the spec and everything it renders to, for all environments; write nothing.

    All findings are told at once, each with the line to mend. Warnings alone exit with 0.
    """
    from manifestgen import api
    from manifestgen.cli.output import put_report

    found = api.validate(spec_file, templates=templates)
    put_report(found, report_format)
    if errors_in(found):
        return Exit.FINDINGS
    if report_format == "text":
        click.echo(f"{click.format_filename(spec_file)} is valid")
    return Exit.OK
