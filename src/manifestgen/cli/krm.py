"""``manifestgen krm``."""

from __future__ import annotations

import sys

import click

from manifestgen.cli.examples import WithExample


@click.command(
    "krm",
    cls=WithExample,
    example=("manifestgen krm < resource-list.yaml", "kustomize build --enable-alpha-plugins --enable-exec"),
)
def command() -> int:
    """Be a KRM function: add the objects of an environment to a ResourceList.

    The list is read from standard input. Its functionConfig names the environment and the file of a spec, or
    holds the spec (docs/gitops.md). Findings are results of the list, and on standard error.
    """
    from manifestgen.api.functions import answer
    from manifestgen.cli.output import put_document, put_findings
    from manifestgen.errors import Exit
    from manifestgen.yamlio import emit

    said = answer(sys.stdin.buffer.read())
    put_findings(said.findings)
    put_document(emit.dump(said.document))
    return Exit.OK if said.ok else Exit.FINDINGS
