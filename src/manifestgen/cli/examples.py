"""Commands whose help ends with an example."""

from __future__ import annotations

from typing import Any

import click


class WithExample(click.Command):
    """A command with an ``example``: lines to type, shown at the end of its help as they are."""

    def __init__(self, *args: Any, example: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, then what click has to add."""
        with formatter.section("Example"):
            for line in self.example:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
        super().format_epilog(ctx, formatter)
