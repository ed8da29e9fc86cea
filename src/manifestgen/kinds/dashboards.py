"""Dashboards as ConfigMaps, for the sidecar of Grafana that looks for those with its label.

Whatever differs between environments would have to be said once more for each, a whole dashboard at a time:
so they name no environment, and the place of the namespace is held.
"""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import Owner, View
from manifestgen.monitoring.dashboards.wanted import home_of, settings_of
from manifestgen.resolving import ResolvedPlatform


def dashboard_views(platform: ResolvedPlatform, owner: Owner) -> Iterator[View]:
    """A ConfigMap for each dashboard; ``platform`` has the place of its namespace held."""
    if settings_of(platform) is None:
        return
    # Grafana's models are imported only for those who have dashboards.
    from manifestgen.monitoring.dashboards.assembly import boards_of
    from manifestgen.monitoring.dashboards.encode import dashboard_json

    home = home_of(platform)._replace(environment=None)
    for board in boards_of(platform):
        # Kustomize's operations, which say the namespace, lose the newline at the end of a text.
        document = dashboard_json(board, home).removesuffix("\n")
        yield owner.view(
            "config-map",
            f"dashboard-{board.name}",
            labels=owner.labels | {names.DASHBOARD_LABEL: "1"},
            description=f"Dashboard of Grafana. {board.description}",
            groups=[{"description": None, "values": {f"{board.name}.json": document}}],
        )
