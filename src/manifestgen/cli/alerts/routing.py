"""``manifestgen alerts route``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.alerts.common import answer_format, environment_argument, known, put_json
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import spec_option

if TYPE_CHECKING:
    from datetime import datetime

    from manifestgen.monitoring.alarms import Alarms

Labels = dict[str, str]


def _labels(words: tuple[str, ...] | list[str]) -> Labels:
    """``label=value`` each; wrong usage for a word that is not."""
    pairs = [word.partition("=") for word in words]
    for name, sign, _ in pairs:
        if not (name and sign):
            raise click.UsageError(f"{name!r} is no label; write e.g. severity=critical")
    return {name: value for name, _, value in pairs}


def _label_arguments(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> Labels:
    return _labels(value)


def _firing(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> list[Labels]:
    return [_labels(words.split()) for words in value]


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    from manifestgen.monitoring.routing.clock import parse_moment

    try:
        return parse_moment(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}; write e.g. 2026-11-27T22:00+01:00", ctx, param) from error


@click.command(
    "route",
    cls=WithExample,
    example=(
        "manifestgen alerts route production alertname=WebDown component=api",
        "manifestgen alerts route staging severity=warning team=api-team --at 2026-11-28T22:00+01:00",
        "manifestgen alerts route production alertname=WebLatencyP95High --firing alertname=WebDown",
    ),
)
@environment_argument
@click.argument("labels", metavar="LABEL=VALUE...", nargs=-1, required=True, callback=_label_arguments)
@click.option(
    "--at",
    callback=_moment,
    metavar="TIME",
    help="When it fires, with the offset from UTC: 2026-11-27T22:00+01:00. Left out, no interval mutes it.",
)
@click.option(
    "--firing",
    multiple=True,
    callback=_firing,
    metavar="LABELS",
    help="Another alert that fires: 'alertname=WebDown component=api'. May be given several times.",
)
@spec_option
@answer_format
def command(
    environment: str,
    labels: Labels,
    at: datetime | None,
    firing: list[Labels],
    **given: object,
) -> None:
    """Say who is told about an alert, after how long, and what decided that.

    With the name of an alert of the platform, its other labels are filled in: those of its rule, for each
    component that has it and that the labels fit. Labels of the series, e.g. `instance`, matter to some
    inhibitions.
    """
    from manifestgen.api.alerts import alarms
    from manifestgen.cli.output import put_document
    from manifestgen.monitoring.routing.decision import decide
    from manifestgen.report.alerts.routes import route_object, route_text

    found = alarms(str(given["spec_file"]), environment)
    others = [one for labels_given in firing for one in _filled(found, labels_given)]
    asked = _filled(found, labels)
    decisions = [(one, decide(found.routing, one, at=at, firing=others)) for one in asked]
    if given["answer_format"] == "json":
        put_json([route_object(found, *one) for one in decisions])
    else:
        put_document("\n".join(route_text(found, *one) for one in decisions))


def _filled(alarms: Alarms, labels: Labels) -> list[Labels]:
    if "alertname" in labels:
        known(alarms, labels["alertname"])
    return alarms.filled(labels)
