"""Runbooks of backups."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## DatabaseBackupTooOld
No backup has succeeded for longer than may be: whatever was written since is lost if the database is.

    kubectl --namespace "$NS" describe cronjob "$NAME"
    kubectl --namespace "$NS" get jobs --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --tail 100

- No job at all: it is suspended, or a quota refuses its pods; `describe cronjob` says which.
- Jobs that fail: see DatabaseBackupFailed.
- Then back up at once: `kubectl --namespace "$NS" create job --from "cronjob/$NAME" again`.

## DatabaseBackupFailed
The last run failed. The one before is still there, and so are older ones; the next run comes by the clock.

    kubectl --namespace "$NS" get jobs --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --tail 100

- The log names the phase. `lock`: PostgreSQL does not answer, or refuses the password. `dump`: pg_dump is older
  than the server, lacks a right, or the `workspace` is full. `upload` and `retention`: S3 is away, or refuses what
  the role may not do.
- Once the reason is mended, back up at once: `kubectl --namespace "$NS" create job --from "cronjob/$NAME" again`.
- Nothing half-done needs to be cleaned up: a backup without checksums does not count.

## DatabaseBackupUnknown
There is no figure of any backup that succeeded. On a new platform that is true until the first run; later, the
Pushgateway or the text file has lost it.

    kubectl --namespace "$NS" get jobs --selector "app.kubernetes.io/name=$NAME"
    promtool query instant "$PROMETHEUS" 'database_backup_last_success_timestamp_seconds'

- Never backed up: do it at once, `kubectl --namespace "$NS" create job --from "cronjob/$NAME" first`.
- Backed up, but no figure: the log of the job warns when the figures did not arrive. A Pushgateway that restarts
  without storage forgets them until the next backup.
"""
