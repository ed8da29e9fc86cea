"""``manifestgen schema``."""

from __future__ import annotations

import click

from manifestgen.cli.examples import WithExample


@click.command("schema", cls=WithExample, example=("manifestgen schema > specs/platform.schema.json",))
def command() -> None:
    """Print the JSON Schema of the spec, with which editors complete and check it while you type.

    Editors with the YAML language server find it by the first line of the spec:
    `# yaml-language-server: $schema=./platform.schema.json`.
    """
    from manifestgen.cli.output import put_document
    from manifestgen.report.jsontext import dumps
    from manifestgen.spec.schema import json_schema

    put_document(dumps(json_schema()))
