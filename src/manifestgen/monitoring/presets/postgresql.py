"""PostgreSQL with streaming replication, by postgres_exporter beside each pod."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

RECORDS: Final = (
    # Only client backends count towards max_connections.
    Record(
        "instance:pg_connections:ratio",
        """
        sum by (job, instance) (pg_stat_activity_count{@all, backend_type="client backend"})
          /
        max by (job, instance) (pg_settings_max_connections{@all} > 0)
        """,
    ),
    Record(
        "instance:pg_transactions:rate5m",
        """
        sum by (job, instance) (rate(pg_stat_database_xact_commit{@all}[5m]))
          +
        sum by (job, instance) (rate(pg_stat_database_xact_rollback{@all}[5m]))
        """,
    ),
    Record(
        "instance:pg_rollbacks:ratio_rate5m",
        """
        sum by (job, instance) (rate(pg_stat_database_xact_rollback{@all}[5m]))
          /
        (instance:pg_transactions:rate5m{@all} > 0)
        """,
    ),
    Record(
        "instance:pg_blocks_hit:ratio_rate5m",
        """
        sum by (job, instance) (rate(pg_stat_database_blks_hit{@all}[5m]))
          /
        (
          sum by (job, instance) (rate(pg_stat_database_blks_hit{@all}[5m]))
            +
          sum by (job, instance) (rate(pg_stat_database_blks_read{@all}[5m])) > 0
        )
        """,
    ),
    Record(
        "instance:pg_busy_sessions:rate5m",
        "sum by (job, instance) (rate(pg_stat_database_active_time_seconds_total{@all}[5m]))",
    ),
    Record(
        "instance:pg_longest_transaction_seconds:max",
        """
        max by (job, instance) (
          pg_stat_activity_max_tx_duration{@all, backend_type="client backend"}
        )
        """,
    ),
    Record(
        "instance:pg_replication_lag_seconds:max", "max by (job, instance) (pg_replication_lag_seconds{@all})"
    ),
)

_LAG = "Replica {{ $labels.instance }} is {{ $value | humanizeDuration }} behind its primary."
_CONNECTIONS = "{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its connections."

ALERTS: Final = (
    Alert(
        "PostgresqlDown",
        severity="warning",
        for_="1m",
        expr="pg_up{@of} == 0",
        summary="A PostgreSQL server does not answer",
        description="The exporter of {{ $labels.instance }} runs but cannot connect to the server beside it.",
    ),
    Alert(
        "PostgresqlAbsent",
        severity="critical",
        for_="5m",
        expr="absent(pg_up{@of})",
        summary="Nothing is known about PostgreSQL",
        description="Prometheus reaches no exporter of @component: no pod runs, or none can be scraped.",
    ),
    Alert(
        "PostgresqlExporterFailing",
        severity="warning",
        for_="10m",
        expr="""
        pg_exporter_last_scrape_error{@of} == 1
          and on (job, instance)
        pg_up{@of} == 1
        """,
        summary="Some figures of PostgreSQL are missing",
        description="The exporter of {{ $labels.instance }} fails to read figures; often a grant is missing.",
    ),
    # A server that is down does not call itself anything, so this is also the alert for the only server,
    # and for all of them.
    Alert(
        "PostgresqlPrimaryMissing",
        severity="critical",
        for_="2m",
        expr="""
        (count(pg_replication_is_replica{@of} == 0) or vector(0)) != 1
          and on ()
        pg_up{@of}
        """,
        summary="PostgreSQL has not exactly one primary",
        description="{{ $value }} servers of @component call themselves primary; there must be one.",
    ),
    Alert(
        "PostgresqlReplicasMissing",
        severity="warning",
        for_="5m",
        expr="""
        (count(pg_replication_is_replica{@of} == 1) or vector(0)) < @read_replicas
          and on ()
        pg_up{@of} == 1
        """,
        summary="Read replicas of PostgreSQL are missing",
        description="{{ $value }} of @read_replicas read replicas of @component are there.",
    ),
    Alert(
        "PostgresqlReplicationLagHigh",
        severity="warning",
        for_="5m",
        expr="instance:pg_replication_lag_seconds:max{@of} > @replication_lag_warning",
        summary="A replica of PostgreSQL is behind",
        description=_LAG,
    ),
    Alert(
        "PostgresqlReplicationLagCritical",
        severity="critical",
        for_="5m",
        expr="instance:pg_replication_lag_seconds:max{@of} > @replication_lag_critical",
        summary="A replica of PostgreSQL is far behind",
        description=_LAG + " A failover would lose that much.",
    ),
    Alert(
        "PostgresqlReplicationSlotInactive",
        severity="warning",
        for_="15m",
        expr="pg_replication_slots_active{@of} == 0",
        summary="A replication slot of PostgreSQL has no reader",
        description="Nobody reads slot {{ $labels.slot_name }} of {{ $labels.instance }}, which "
        "keeps all WAL for it.",
    ),
    Alert(
        "PostgresqlConnectionsHigh",
        severity="warning",
        for_="5m",
        expr="instance:pg_connections:ratio{@of} > @connections_warning",
        summary="PostgreSQL is running out of connections",
        description=_CONNECTIONS,
    ),
    Alert(
        "PostgresqlConnectionsExhausted",
        severity="critical",
        for_="2m",
        expr="instance:pg_connections:ratio{@of} > @connections_critical",
        summary="PostgreSQL has hardly any connection left",
        description=_CONNECTIONS + " New ones are about to be refused.",
    ),
    Alert(
        "PostgresqlMaxConnectionsDiffers",
        severity="info",
        for_="30m",
        expr="pg_settings_max_connections{@of} != @max_connections",
        summary="PostgreSQL runs with another max_connections than planned",
        description="max_connections of {{ $labels.instance }} is {{ $value }}, the platform says "
        "@max_connections.",
    ),
    Alert(
        "PostgresqlLoadHigh",
        severity="warning",
        for_="15m",
        expr="instance:pg_busy_sessions:rate5m{@of} > @busy_sessions",
        summary="PostgreSQL is under high load",
        description="On average {{ $value | humanize }} sessions of {{ $labels.instance }} work at "
        "the same time.",
    ),
    Alert(
        "PostgresqlCacheHitRatioLow",
        severity="warning",
        for_="30m",
        expr="instance:pg_blocks_hit:ratio_rate5m{@of} < @cache_hits",
        summary="PostgreSQL reads much from disk",
        description="{{ $labels.instance }} finds only {{ $value | humanizePercentage }} of its "
        "blocks in memory.",
    ),
    Alert(
        "PostgresqlTransactionLong",
        severity="warning",
        for_="5m",
        expr="instance:pg_longest_transaction_seconds:max{@of} > @longest_transaction",
        summary="A transaction of PostgreSQL has been open for long",
        description="The oldest transaction of {{ $labels.instance }} is "
        "{{ $value | humanizeDuration }} old.",
    ),
    Alert(
        "PostgresqlRollbackRatioHigh",
        severity="warning",
        for_="15m",
        expr="""
        instance:pg_rollbacks:ratio_rate5m{@of} > @rollbacks
          and
        instance:pg_transactions:rate5m{@of} > 1
        """,
        summary="PostgreSQL rolls back many transactions",
        description="{{ $labels.instance }} rolls back {{ $value | humanizePercentage }} of its "
        "transactions.",
    ),
    Alert(
        "PostgresqlDeadlocks",
        severity="warning",
        keep_firing_for="15m",
        expr="sum by (job, datname) (increase(pg_stat_database_deadlocks{@of}[10m])) > 0",
        summary="Transactions of PostgreSQL block each other",
        description="{{ $value | humanize }} deadlocks in database {{ $labels.datname }} within ten minutes.",
    ),
    Alert(
        "PostgresqlArchivingFails",
        severity="warning",
        for_="5m",
        expr="increase(pg_stat_archiver_failed_count{@of}[15m]) > 0",
        summary="PostgreSQL cannot archive its WAL",
        description="{{ $value | humanize }} attempts of {{ $labels.instance }} to archive failed "
        "within 15 minutes.",
    ),
)

REPLICATION_ALERTS: Final = frozenset(
    {"PostgresqlReplicasMissing", "PostgresqlReplicationLagHigh", "PostgresqlReplicationLagCritical"}
)
"""Alerts that need read replicas."""

POSTGRESQL: Final = Preset("postgresql", "PostgreSQL", "database", RECORDS, ALERTS)
