"""TimescaleDB, by what sql_exporter asks it: its jobs, and the chunks that they compress and drop.

The names are ours (``targets/monitoring/sql_exporter.py`` writes the queries): there is no other exporter.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

TIMESCALEDB: Final = Preset(
    "timescaledb",
    "TimescaleDB",
    "database",
    (
        Record(
            "job_hypertable:timescaledb_chunks_loose:sum",
            """
            sum by (job, hypertable) (timescaledb_chunks{@all} - timescaledb_compressed_chunks{@all})
            """,
        ),
    ),
    (
        Alert(
            "TimescaledbExporterDown",
            severity="warning",
            for_="10m",
            # It answers 500, and so is down, while the database cannot be reached.
            expr="absent(up{@of} == 1)",
            summary="Nobody asks TimescaleDB about its jobs",
            description="Prometheus reaches no sql_exporter for @component, or that does not reach the "
            "database.",
        ),
        Alert(
            "TimescaledbJobFailing",
            severity="warning",
            expr="increase(timescaledb_job_failures_total{@of}[1h]) > 0",
            keep_firing_for="1h",
            summary="A job of TimescaleDB fails",
            description="Job {{ $labels.job_id }} ({{ $labels.proc_name }}) on {{ $labels.hypertable }} "
            "failed {{ $value | humanize }} times within an hour.",
        ),
        Alert(
            "TimescaledbJobOverdue",
            severity="warning",
            for_="15m",
            expr="""
            time() - (timescaledb_job_last_success_timestamp_seconds{@of} > 0) > @job_age
            """,
            summary="A job of TimescaleDB has not ended well for long",
            description="Job {{ $labels.job_id }} ({{ $labels.proc_name }}) on {{ $labels.hypertable }} "
            "ended well {{ $value | humanizeDuration }} ago.",
        ),
        Alert(
            "TimescaledbChunksLoose",
            severity="info",
            for_="1h",
            expr="job_hypertable:timescaledb_chunks_loose:sum{@of} > @loose_chunks",
            summary="TimescaleDB compresses chunks more slowly than they are made",
            description="{{ $value | humanize }} chunks of {{ $labels.hypertable }} are not compressed.",
        ),
    ),
)
