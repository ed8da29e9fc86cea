"""``manifestgen objects``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.complete import environment_names
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import crd_schemas_option, spec_option, templates_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "objects",
    cls=WithExample,
    example=(
        "manifestgen objects production",
        "manifestgen objects production | kubectl diff --filename -",
    ),
)
@click.argument("environment", metavar="ENV", shell_complete=environment_names)
@spec_option
@templates_option
@crd_schemas_option
def command(environment: str, spec_file: Path, templates: Path | None, crd_schemas: Path | None) -> None:
    """Print the objects of one environment as the cluster gets them.

    They come straight from the spec, and are what Kustomize builds of the overlay. Nothing is printed when
    the spec is wrong.
    """
    from manifestgen.api.objects import objects
    from manifestgen.cli.output import put_document, put_findings
    from manifestgen.yamlio import emit

    found = objects(spec_file, environment, templates=templates, crd_schemas=crd_schemas)
    put_findings(found.findings)
    put_document("---\n".join(map(emit.dump, found.manifests)))
