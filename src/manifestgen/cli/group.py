"""The command group. A command's module is imported when it is named, its libraries when it runs."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from manifestgen import __version__
from manifestgen.cli.examples import WithExample

COMMANDS: Final = ("init", "validate", "lint", "render", "show", "schema", "targets")
"""In the order a newcomer needs them; each is ``command`` in the module of its name."""


class LazyGroup(WithExample, click.Group):
    """A group that imports the module of a command when it is asked for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"manifestgen.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest name for one that it does not know."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from manifestgen.facts.nearest import nearest_hint

            raise click.UsageError(f"there is no command {args[0]!r}; {nearest_hint(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    example=("manifestgen init shop && cd shop", "manifestgen render"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 findings or a stale tree, 2 wrong usage, 3 a bug of manifestgen, "
    "4 a needed external tool is missing.",
)
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
def manifestgen() -> None:
    """One spec in; the Kustomize, Helm and monitoring files that a GitOps repository commits out."""
