"""What is known about the alerts of the presets, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from manifestgen.monitoring.runbooks import (
    backups,
    edge,
    kubernetes,
    minio,
    nodes,
    observers,
    postgresql,
    rabbitmq,
    redis,
    slos,
    timescaledb,
    web,
    workloads,
)
from manifestgen.spec.monitoring import BusinessMetric

_MODULES: Final = (
    web,
    slos,
    workloads,
    postgresql,
    timescaledb,
    backups,
    redis,
    rabbitmq,
    minio,
    edge,
    kubernetes,
    nodes,
    observers,
)
_INDENT: Final = "    "


class Runbook(NamedTuple):
    """What an alert means for people, commands that show more, and ways to mend it. All but these is Markdown."""

    meaning: str
    commands: str
    steps: tuple[str, ...]


@cache
def known() -> Mapping[str, Runbook]:
    """The runbooks of all alerts of the presets and of objectives."""
    return dict(runbook for module in _MODULES for runbook in _read(module.TEXT))


def of_business(name: str, metric: BusinessMetric) -> Runbook:
    """The runbook of the alerts on a figure of the business."""
    return Runbook(
        f"The figure `{name}` is counted by `{metric.workload}` and says how the business goes; what is usual stands"
        f" in the spec: `monitoring.business.{name}`. It tells of what no technical alert sees, and of what people"
        " do.",
        'promtool query instant "$PROMETHEUS" '
        f"'{name}'\n"
        'kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=' + metric.workload + '"',
        (
            "Do other alerts fire? They name the cause, this one the effect.",
            "A holiday, a campaign or a new version explains much: ask the team.",
            f"A figure that is not exported at all was renamed, or nothing has counted it since `{metric.workload}`"
            " started.",
            "If the bounds are out of date, change them in the spec.",
        ),
    )


def _read(text: str) -> Iterator[tuple[str, Runbook]]:
    """The runbooks of a text, each under a heading with the name of its alert: meaning, commands, steps."""
    for part in text.split("\n## ")[1:]:
        name, _, body = part.partition("\n")
        lines = body.splitlines()
        commands = [line.removeprefix(_INDENT) for line in lines if line.startswith(_INDENT)]
        words = "\n".join(line for line in lines if not line.startswith(_INDENT))
        meaning, *steps = re.split(r"^- ", words, flags=re.MULTILINE)
        yield name, Runbook(_joined(meaning), "\n".join(commands), tuple(_joined(step) for step in steps))


def _joined(text: str) -> str:
    return " ".join(text.split())
