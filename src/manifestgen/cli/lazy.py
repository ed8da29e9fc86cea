"""A group of commands whose modules are imported when they are named."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from manifestgen.cli.examples import WithExample


class LazyGroup(WithExample, click.Group):
    """A group that imports the module of a command when it is asked for it.

    ``modules`` are the names of its commands, in the order a newcomer needs them, each with the module whose
    ``command`` it is.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of ``modules``."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, None if there is none of this name."""
        if cmd_name not in self.modules:
            return None
        command = import_module(self.modules[cmd_name]).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest name for one that it does not know."""
        if args and args[0] not in self.modules and not args[0].startswith("-"):
            from manifestgen.facts.nearest import nearest_hint

            hint = nearest_hint(args[0], list(self.modules))
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)
