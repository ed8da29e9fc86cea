"""What the shell completes; silent when there is nothing to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def environment_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The environments of the spec that the command line names so far, without those it has already."""
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from manifestgen.cli.options import DEFAULT_SPEC
    from manifestgen.errors import ManifestgenError
    from manifestgen.resolving.assembly import assemble
    from manifestgen.resolving.files import SpecFiles

    file = Path(ctx.params.get("spec_file") or DEFAULT_SPEC)
    try:
        environments = assemble(file, SpecFiles()).plain()["environments"]
    except (OSError, ManifestgenError, LookupError, TypeError):
        return []
    given = ctx.params.get("environments") or ()
    return [
        CompletionItem(name) for name in environments if name.startswith(incomplete) and name not in given
    ]


def target_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The targets, each with what it emits."""
    from click.shell_completion import CompletionItem

    from manifestgen.targets import REGISTRY

    return [CompletionItem(t.name, help=t.summary) for t in REGISTRY if t.name.startswith(incomplete)]
