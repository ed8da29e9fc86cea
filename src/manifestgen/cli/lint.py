"""``manifestgen lint``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import (
    NamedPath,
    as_path,
    crd_schemas_option,
    format_option,
    spec_option,
    templates_option,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "lint",
    cls=WithExample,
    example=("manifestgen lint", "manifestgen lint --strict --format github"),
)
@spec_option
@click.option(
    "--out",
    type=NamedPath(),
    callback=as_path,
    metavar="DIR",
    help="A folder that was rendered to: find what a cluster would refuse to change, as `render` does.",
)
@templates_option
@crd_schemas_option
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings, too.")
@format_option
def command(strict: bool, report_format: str, spec_file: Path, **given: Path | None) -> int:
    """Check everything that is rendered against all rules, for all environments; write nothing.

    It finds what `validate` finds, and warns of what is valid and hardly meant. docs/rules has a page for
    each rule: what it finds, why, how to mend it, and how to say in the spec that it is meant.
    """
    from manifestgen import api
    from manifestgen.cli.output import put_report
    from manifestgen.errors import Exit, ManifestgenError, Severity

    try:
        found = api.lint(spec_file, **given)
    except ManifestgenError as error:
        put_report(error.findings, report_format, spec_file)
        return error.exit_code
    put_report(found, report_format, spec_file)
    failing = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    return Exit.FINDINGS if any(finding.severity in failing for finding in found) else Exit.OK
