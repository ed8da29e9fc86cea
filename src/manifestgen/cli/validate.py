"""``manifestgen validate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import crd_schemas_option, format_option, spec_option, templates_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "validate",
    cls=WithExample,
    example=("manifestgen validate", "manifestgen validate --spec shop/platform.yaml --format github"),
)
@spec_option
@templates_option
@crd_schemas_option
@format_option
def command(spec_file: Path, report_format: str, **given: Path | None) -> int:
    """Check the spec and everything it renders to, for all environments; write nothing.

    All findings are told at once, each with the line to mend. Warnings alone exit with 0.
    """
    from manifestgen import api
    from manifestgen.cli.output import put, put_report
    from manifestgen.errors import Exit, ManifestgenError, errors_in

    try:
        found = api.validate(spec_file, **given)
    except ManifestgenError as error:
        put_report(error.findings, report_format, spec_file)
        return error.exit_code
    put_report(found, report_format, spec_file)
    if errors_in(found):
        return Exit.FINDINGS
    if report_format == "text":
        put(f"{click.format_filename(spec_file)} is valid\n")
    return Exit.OK
