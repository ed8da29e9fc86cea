"""Backups of databases, by the figures that backup-database.sh leaves behind.

The names are ours. The figures reach Prometheus through a Pushgateway or node_exporter, so the job says
nothing about them: the labels ``namespace`` and ``backup`` do.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset

BACKUPS: Final = Preset(
    "backups",
    "Backups of databases",
    "database",
    (),
    (
        Alert(
            "DatabaseBackupTooOld",
            severity="critical",
            for_="5m",
            expr="""
            time() - max by (namespace, backup) (
              database_backup_last_success_timestamp_seconds{@namespace, backup="@component"}
            ) > @max_age
            """,
            summary="The newest backup of a database is too old",
            description="The last backup of {{ $labels.backup }} succeeded {{ $value | humanizeDuration }} "
            "ago; whatever was written since would be lost.",
        ),
        Alert(
            "DatabaseBackupFailed",
            severity="warning",
            expr="""
            max by (namespace, backup) (
              database_backup_last_failure_timestamp_seconds{@namespace, backup="@component"}
            )
              > on (namespace, backup)
            max by (namespace, backup) (
              database_backup_last_success_timestamp_seconds{@namespace, backup="@component"}
            )
            """,
            summary="The last backup of a database failed",
            description="The last run of {{ $labels.backup }} failed; the next one is due by its schedule.",
        ),
        Alert(
            "DatabaseBackupUnknown",
            severity="warning",
            for_="1h",
            expr="""
            absent(database_backup_last_success_timestamp_seconds{@namespace, backup="@component"})
            """,
            summary="Prometheus knows of no backup of a database",
            description="No backup of {{ $labels.backup }} has ever succeeded, or its figures are lost.",
        ),
    ),
)
"""Made for each backup with `metrics`."""
