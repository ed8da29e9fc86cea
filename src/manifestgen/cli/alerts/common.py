"""What the commands of ``alerts`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manifestgen.cli.complete import environment_names

if TYPE_CHECKING:
    from manifestgen.monitoring.alarms import Alarms
    from manifestgen.monitoring.rules import Alert

environment_argument = click.argument("environment", metavar="ENV", shell_complete=environment_names)

answer_format = click.option(
    "--format",
    "answer_format",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="For people or for scripts.",
)


def put_json(document: Any) -> None:
    """The document on standard output."""
    from manifestgen.cli.output import put_document
    from manifestgen.report.jsontext import dumps

    put_document(dumps(document))


def known(alarms: Alarms, name: str) -> tuple[Alert, ...]:
    """The alerts of a name. Wrong usage when there is none."""
    found = alarms.called(name)
    if not found:
        from manifestgen.facts.nearest import nearest_hint

        names = dict.fromkeys(alert.name for alert in alarms.alerts)
        where = alarms.platform.environment
        raise click.UsageError(f"there is no alert {name!r} in {where}; {nearest_hint(name, list(names))}")
    return found
