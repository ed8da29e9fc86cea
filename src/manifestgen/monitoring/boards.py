"""Names of Grafana's dashboards, by which alerts, panels and pages lead to each other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from manifestgen.spec.prometheus import Category

API: Final = "api"
DATABASE: Final = "database"
INFRASTRUCTURE: Final = "infrastructure"
BUSINESS: Final = "business"
SLO: Final = "slo"

OF_CATEGORY: Final[Mapping[Category, str]] = {
    "api": API,
    "database": DATABASE,
    "redis": DATABASE,
    "rabbitmq": INFRASTRUCTURE,
    "business": BUSINESS,
    "infrastructure": INFRASTRUCTURE,
}
"""The dashboard on which alerts of a category are looked into."""

_LONGEST: Final = 40
"""What Grafana takes as a uid, https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/."""


def of_workload(name: str) -> str:
    """The name of the dashboard of a workload."""
    return f"workload-{name}"


def uid(platform: str, board: str) -> str:
    """The uid of a dashboard of a platform: always the same, at most 40 letters, digits and hyphens."""
    whole = f"{platform}-{board}"
    if len(whole) <= _LONGEST:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: _LONGEST - len(digest) - 1].rstrip('-')}-{digest}"
