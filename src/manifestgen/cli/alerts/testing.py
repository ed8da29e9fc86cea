"""``manifestgen alerts test``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.alerts.common import answer_format, put_json
from manifestgen.cli.complete import environment_names
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import spec_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "test",
    cls=WithExample,
    example=("manifestgen alerts test", "manifestgen alerts test production --format json"),
)
@click.argument("environments", metavar="[ENV]...", nargs=-1, shell_complete=environment_names)
@spec_option
@answer_format
def command(environments: tuple[str, ...], spec_file: Path, answer_format: str) -> int:
    """Hold the routes to `alerting.tests` of the spec, in all environments or in those named.

    Exit code 1 when one of them fails.
    """
    from manifestgen.api.alerts import tested
    from manifestgen.cli.output import put_document
    from manifestgen.errors import Exit
    from manifestgen.report.alerts.tests import tests_objects, tests_text

    found = tested(spec_file, environments)
    if answer_format == "json":
        put_json(tests_objects(found))
    else:
        put_document(tests_text(found))
    failed = any(one.fault for outcomes in found.values() for one in outcomes)
    return Exit.FINDINGS if failed else Exit.OK
