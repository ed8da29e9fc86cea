"""Alertmanager: who is told about which alerts, and when nobody is."""

from __future__ import annotations

from typing import Final

from manifestgen.artifact import Artifact
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.targets.monitoring.place import files

TARGET: Final = "alertmanager"


def render_alertmanager(platform: ResolvedPlatform, renderer: Renderer) -> list[Artifact]:
    """``alertmanager.yml`` and its message templates; nothing where nobody reads them."""
    alerting = platform.spec.alerting
    if alerting is None or alerting.delivery == "operator":
        return []
    from manifestgen.monitoring.alertmanager import configuration

    alerts = [alert for group in groups_of(platform) for alert in group.alerts]
    config = configuration(platform, alerting, alerts)
    contexts = {
        "alertmanager.yml": {**config._asdict(), "derives": alerting.topology_inhibitions},
        "templates/messages.tmpl": {},
    }
    return files(platform, renderer, TARGET, contexts)
