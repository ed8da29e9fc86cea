"""The command group. A command's module is imported when it is named, its libraries when it runs."""

from __future__ import annotations

from typing import Final

import click

from manifestgen import __version__
from manifestgen.cli.lazy import LazyGroup

COMMANDS: Final = (
    *("init", "validate", "lint", "render", "objects", "show"),
    *("alerts", "cost", "schema", "targets", "krm"),
)
"""In the order a newcomer needs them; each is ``command`` in the module of its name."""


@click.group(
    cls=LazyGroup,
    modules={name: f"manifestgen.cli.{name}" for name in COMMANDS},
    example=("manifestgen init shop && cd shop", "manifestgen render"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 findings or a stale tree, 2 wrong usage, 3 a bug of manifestgen, "
    "4 a needed external tool is missing.",
)
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
def manifestgen() -> None:
    """One spec in; the Kustomize, Helm and monitoring files that a GitOps repository commits out."""
