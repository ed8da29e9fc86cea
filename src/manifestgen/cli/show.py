"""``manifestgen show``."""

from __future__ import annotations

from pathlib import Path

import click

from manifestgen.cli.complete import environment_names
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import spec_option


@click.command(
    "show",
    cls=WithExample,
    example=(
        "manifestgen show production",
        "diff <(manifestgen show staging) <(manifestgen show production)",
    ),
)
@click.argument("environment", metavar="ENV", shell_complete=environment_names)
@spec_option
def command(environment: str, spec_file: Path) -> None:
    """Print the spec as one environment sees it, with every default written out.

    What is neither set nor has a default is not there.
    """
    from manifestgen import api
    from manifestgen.cli.output import put_document
    from manifestgen.yamlio import emit

    platform = api.resolve(spec_file, environment)
    document = platform.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    put_document(emit.dump(document))
