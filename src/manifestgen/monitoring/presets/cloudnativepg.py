"""PostgreSQL run by CloudNativePG, by how many of its instances Prometheus reaches.

The operator's exporter has names of its own for all metrics, and those of postgres_exporter are not there.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset

ALERTS: Final = (
    Alert(
        "PostgresqlInstancesMissing",
        severity="warning",
        for_="5m",
        expr="count(up{@of} == 1) < @instances",
        summary="Instances of PostgreSQL are missing",
        description="{{ $value }} of @instances instances of @component answer.",
    ),
    Alert(
        "PostgresqlInstancesGone",
        severity="critical",
        for_="2m",
        expr="absent(up{@of} == 1)",
        summary="No instance of PostgreSQL answers",
        description="Prometheus reaches no instance of @component: none runs, or none can be scraped.",
    ),
)

CLOUDNATIVEPG: Final = Preset("cloudnativepg", "PostgreSQL of CloudNativePG", "database", (), ALERTS)
