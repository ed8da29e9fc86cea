"""Where an alert leads the people who are told: to its runbook and to a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from manifestgen.monitoring import boards
from manifestgen.monitoring.rules import Alert
from manifestgen.resolving.model import ResolvedPlatform

RUNBOOKS: Final = "docs/runbooks"
"""The folder of the runbooks in what is rendered; ``monitoring.runbooksUrl`` is where people see it."""


def page(alert: str) -> str:
    """The file of an alert's runbook."""
    return f"{alert}.md"


def board_of(alert: Alert) -> str:
    """The dashboard on which to look into an alert."""
    return boards.SLO if alert.slo else boards.OF_CATEGORY[alert.category]


def board_url(grafana: str, platform: str, board: str) -> str:
    """The address of a dashboard of a platform."""
    return f"{grafana}/d/{boards.uid(platform, board)}"


def links_of(alert: Alert, platform: ResolvedPlatform) -> Mapping[str, str]:
    """The annotations with links, by the names that Alertmanager's users know; none without an address.

    A path alone is no link to somebody who reads a message, so nothing stands for an address that is not
    given.
    """
    monitoring = platform.spec.monitoring
    links: dict[str, str] = {}
    if monitoring.runbooks_url is not None:
        links["runbook_url"] = f"{monitoring.runbooks_url}/{page(alert.name)}"
    if monitoring.grafana_url is not None:
        links["dashboard_url"] = board_url(monitoring.grafana_url, platform.name, board_of(alert))
    return links
