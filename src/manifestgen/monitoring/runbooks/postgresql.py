"""Runbooks of PostgreSQL."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## PostgresqlDown
The exporter runs beside a server that does not answer it. If that is the primary, nobody can read or write.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --tail 50 --prefix

- "No space left" in the log: see VolumeNearlyFull. "Too many clients": see PostgresqlConnectionsExhausted. A
  wrong password of the exporter: the server is well, and only the figures are missing.
- A server that replays its WAL after a crash needs time: do not kill it.

## PostgresqlAbsent
No exporter can be reached: either nothing of the database runs, or it cannot be scraped. Take it for down.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" get persistentvolumeclaims
    psql --command 'SELECT now()'

- If `psql` answers, only the exporter is gone: look at its container and at the network policy.
- If no pod runs, look at its events; a volume that cannot be attached is the usual reason.

## PostgresqlExporterFailing
Some figures are missing, so alerts that use them are silent.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --tail 100 | grep -i err
    psql --command 'TABLE pg_roles'

- The user of the exporter needs the role `pg_monitor`.

## PostgresqlPrimaryMissing
There is no server that takes writes, or there are two that do, which is worse: each has what the other lacks.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    psql --command 'SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()'

- Two primaries: stop the clients first, then the server with fewer changes, and make it a replica of the other.
- None: start the old primary again. Promote a replica (`SELECT pg_promote()`) only when the old one is sure to
  stay away.

## PostgresqlReplicasMissing
Reads have fewer servers, and there is less to fall back on.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    psql --command 'SELECT application_name, state, sync_state, replay_lag FROM pg_stat_replication'

- A replica that has missed too much WAL has to be built anew: delete its volume claim and its pod, one replica
  at a time.

## PostgresqlReplicationLagHigh
The replica lags behind its primary: who reads from it sees old data.

    psql --command 'SELECT application_name, state, write_lag, flush_lag, replay_lag FROM pg_stat_replication'
    psql --command "SELECT pid, now() - xact_start AS age, query FROM pg_stat_activity ORDER BY xact_start LIMIT 5"

- A mass of writes, an index being built, or a long query on the replica holds it up. It catches up by itself
  when that ends.
- If not, look at its disk and CPU.

## PostgresqlReplicationLagCritical
Readers see data that is minutes old, and if the primary were lost now, that much would be lost with it.

    psql --command 'SELECT application_name, state, write_lag, flush_lag, replay_lag FROM pg_stat_replication'
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --tail 50 --prefix

- Send readers to the primary, if it can bear them, until the replica has caught up.
- Do not fail over now.
- A replica whose WAL is gone on the primary ("requested WAL segment has already been removed") is built anew.

## PostgresqlReplicationSlotInactive
The primary keeps all WAL for a reader that does not come. The disk fills up, and then writes stop.

    psql --command 'SELECT slot_name, slot_type, active, restart_lsn, wal_status FROM pg_replication_slots'

- If its reader comes back, start that. If it never will, drop the slot:
  `psql --command "SELECT pg_drop_replication_slot('NAME_OF_SLOT')"`; its reader must begin anew after that.

## PostgresqlConnectionsHigh
Soon new connections are refused. Either something keeps connections it does not use, or there are more clients.

    psql --command 'SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC'
    psql --command 'SHOW max_connections'

- Many `idle` ones: pools are too large for the number of pods. Make them smaller.
- Many `idle in transaction`: a bug holds transactions open; see PostgresqlTransactionLong.
- Raise `maxConnections` in the spec only together with memory, or put a pooler in front.

## PostgresqlConnectionsExhausted
New connections are about to be refused: pods that start now fail, and so do people's requests.

    psql --command 'SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC'

- Make room: end connections that are idle in a transaction for long:
  `psql --command "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'
  AND xact_start < now() - interval '10 minutes'"`.
- Run fewer pods of the client with the most connections, until its pool is smaller.

## PostgresqlMaxConnectionsDiffers
The server does not run with the limit of the spec, so the alerts on connections compare with a wrong picture.

    psql --command "SELECT name, setting, source, pending_restart FROM pg_settings WHERE name = 'max_connections'"

- The value takes effect with a restart: has the server been restarted since it was changed?
- If somebody changed it by hand, put the right value into the spec.

## PostgresqlLoadHigh
Many sessions work at the same time, more than there are cores for: all get slower.

    psql --command "SELECT pid, now() - query_start AS runs, wait_event_type, left(query, 80) FROM pg_stat_activity WHERE state = 'active' ORDER BY query_start LIMIT 10"
    kubectl --namespace "$NS" top pods --selector "app.kubernetes.io/name=$NAME"

- A query that runs many times or long: look at its plan (`EXPLAIN`), an index may be missing.
- Sessions that wait for locks (`wait_event_type` = Lock): find and end who holds them.
- A single query can be ended: `psql --command 'SELECT pg_cancel_backend(PID)'`.

## PostgresqlCacheHitRatioLow
Much is read from disk: queries are slower than they could be.

    psql --command 'SELECT relname, heap_blks_read, heap_blks_hit FROM pg_statio_user_tables ORDER BY heap_blks_read DESC LIMIT 10'
    psql --command 'SHOW shared_buffers'

- After a restart the cache is cold: wait an hour.
- A table that is read as a whole lacks an index; a database that has outgrown its memory needs more of it.

## PostgresqlTransactionLong
While it is open, vacuum cannot clean up after it, tables grow, and its locks may hold up others.

    psql --command "SELECT pid, usename, application_name, state, now() - xact_start AS age, left(query, 80) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5"

- A backup or a migration may take its time. All else can be ended:
  `psql --command 'SELECT pg_terminate_backend(PID)'`.
- State `idle in transaction` is a bug of the client: it does not commit.

## PostgresqlRollbackRatioHigh
Many transactions are given up: the application sees errors, or asks and changes its mind.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --since 30m --tail=-1 | grep ERROR | tail -n 30

- The log names the statements: violated constraints, time limits, deadlocks.
- Look at what was deployed last.

## PostgresqlDeadlocks
Transactions waited for each other, and the server ended one of them. Its work was lost, unless it was tried again.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --since 30m --tail=-1 | grep -A 10 deadlock

- The log shows both statements. Let the application take locks in the same order, and try again after one.

## PostgresqlArchivingFails
WAL is not archived: a restore to a point in time ends here, and the disk fills up.

    psql --command 'SELECT failed_count, last_failed_wal, last_failed_time, last_archived_time FROM pg_stat_archiver'
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --since 30m --tail=-1 | grep -i archive

- Look at the place it archives to: room, password, address. It goes on by itself from where it stopped.
- Make a full backup after a longer gap.

## PostgresqlInstancesMissing
The operator runs fewer instances than it should: there is less to fall back on.

    kubectl --namespace "$NS" get clusters.postgresql.cnpg.io "$NAME"
    kubectl --namespace "$NS" get pods --selector "cnpg.io/cluster=$NAME" --output wide

- `kubectl --namespace "$NS" describe clusters.postgresql.cnpg.io "$NAME"` says what the operator waits for. It
  replaces an instance by itself, if there is room and a volume.

## PostgresqlInstancesGone
No instance answers: nobody can read or write.

    kubectl --namespace "$NS" get clusters.postgresql.cnpg.io "$NAME"
    kubectl --namespace "$NS" get pods --selector "cnpg.io/cluster=$NAME" --output wide
    kubectl --namespace "$NS" logs --selector "cnpg.io/cluster=$NAME" --tail 50 --prefix

- Is the operator itself there? Without it, nobody promotes another instance.
- Do not delete volume claims: the data is there.
"""
