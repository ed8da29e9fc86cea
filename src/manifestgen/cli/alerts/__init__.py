"""``manifestgen alerts``."""

from __future__ import annotations

from typing import Final

import click

from manifestgen.cli.lazy import LazyGroup

_MODULES: Final = {
    "list": "manifestgen.cli.alerts.listing",
    "show": "manifestgen.cli.alerts.showing",
    "route": "manifestgen.cli.alerts.routing",
    "tree": "manifestgen.cli.alerts.drawing",
    "test": "manifestgen.cli.alerts.testing",
}


@click.group(
    "alerts",
    cls=LazyGroup,
    modules=_MODULES,
    example=("manifestgen alerts list production", "manifestgen alerts route production alertname=WebDown"),
)
def command() -> None:
    """Say which alerts there are, who is told about them, and why.

    The answers are those of Alertmanager, computed from what `render` writes for it: no server is asked.
    """
