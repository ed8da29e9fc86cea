"""Runbooks of TimescaleDB."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## TimescaledbExporterDown
Nobody asks TimescaleDB, so the other alerts on it are silent. sql_exporter answers with an error, and so counts
as gone, also while it does not reach the database.

    psql --command "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"

- If `psql` answers, look at the exporter: its pod, its log, the user and the password in its configuration.
- If the database is gone, too, see PostgresqlAbsent.

## TimescaledbJobFailing
A policy does not do its work: nothing is compressed or dropped, or a continuous aggregate stands still.

    psql --command "SELECT job_id, proc_name, err_message, finish_time FROM timescaledb_information.job_errors ORDER BY finish_time DESC LIMIT 10"
    psql --command "SELECT job_id, hypertable_name, last_run_status, next_start FROM timescaledb_information.job_stats"

- The message says why: a lock that it waits for, a full disk, a column that is gone.
- `CALL run_job(<job_id>)` tries again at once, and shows the error here.

## TimescaledbJobOverdue
A policy has not ended well for long, and may not even have been tried.

    psql --command "SELECT job_id, proc_name, schedule_interval, next_start FROM timescaledb_information.jobs ORDER BY next_start"
    psql --command 'SHOW timescaledb.max_background_workers'

- No worker free: raise `timescaledb.max_background_workers`, and `max_worker_processes` with it.
- Stuck: look for its session in `pg_stat_activity`, and end it.

## TimescaledbChunksLoose
Chunks are made faster than they are compressed: the disk fills up, and old data is slow to read.

    psql --command "SELECT hypertable_name, count(*) FILTER (WHERE NOT is_compressed) AS loose, count(*) FROM timescaledb_information.chunks GROUP BY 1"
    psql --command "SELECT job_id, hypertable_name, last_run_status FROM timescaledb_information.job_stats"

- If the policy fails, see TimescaledbJobFailing.
- If it is well, chunks are small, or many are meant to stay as they are: raise
  `monitoring.thresholds.timescaledb.looseChunks`, or make chunks last longer.
"""
