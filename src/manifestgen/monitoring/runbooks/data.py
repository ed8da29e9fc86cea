"""Runbooks of the data services: PostgreSQL, Redis, RabbitMQ, MinIO."""

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

## RedisDown
The exporter runs beside a server that does not answer. If it was the master, sentinels elect another one.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --tail 50 --prefix

- "Loading the dataset" in the log: it reads its data and needs time.
- Killed for its memory: see RedisMemoryCritical and ContainerOutOfMemory.

## RedisAbsent
Nothing of Redis can be reached: either nothing runs, or it cannot be scraped. Take it for down.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    redis-cli PING

- If `PING` is answered, only the exporter is gone: look at its container and at the network policy.

## RedisMasterMissing
Writes fail without a master; with two, what is written to one of them will be lost.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    redis-cli ROLE

- Ask each pod for its role. The sentinels say which one they mean:
  `redis-cli -p 26379 SENTINEL get-master-addr-by-name mymaster`.
- A second master is made a replica by the sentinels when they see it; delete its pod if they do not.

## RedisReplicasMissing
There is less to fall back on: if the master fails now, data may be lost.

    redis-cli INFO replication
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Look at the pods that are missing; a replica comes back and copies everything by itself.

## RedisReplicationBroken
The replica has lost its master and gives old answers.

    redis-cli INFO replication
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --tail 50 --prefix

- Does the master run, and is its address right? After a failover the sentinels tell the replica the new one.
- A copy that begins again and again needs a larger replication buffer.

## RedisReplicationLagHigh
The replica is behind: a failover now would lose what it lacks.

    redis-cli INFO replication
    kubectl --namespace "$NS" top pods --selector "app.kubernetes.io/name=$NAME"

- A mass of writes, a slow network or a busy node holds it up.

## RedisMemoryHigh
Soon keys are pushed out, or writes refused, as the eviction policy says.

    redis-cli INFO memory
    redis-cli --bigkeys
    redis-cli CONFIG GET maxmemory-policy

- Keys without an end pile up: look for those that lack a time to live.
- If all of it is needed, raise `maxMemory` and the memory limit in the spec.

## RedisMemoryCritical
Hardly any memory is left: writes fail, or keys that are still needed are pushed out.

    redis-cli INFO memory
    redis-cli --bigkeys

- Delete what can be made again, a cache first: `redis-cli UNLINK KEY` does it without blocking.
- Raise `maxMemory` and the memory limit in the spec.

## RedisMemoryLimitDiffers
The server does not run with the limit of the spec, so the alerts on memory compare with a wrong picture.

    redis-cli CONFIG GET maxmemory

- Restart it with the values of the spec, or put the right value there.

## RedisEvictionsHigh
Keys are pushed out to make room. Of a cache that is slow, of all else it is a loss.

    redis-cli INFO stats
    redis-cli INFO keyspace

- Raise `maxMemory`, or keep things for a shorter time. Put what must not be lost somewhere else.

## RedisHitRatioLow
Most keys that are asked for are not there: the cache costs more than it saves.

    redis-cli INFO stats
    redis-cli INFO keyspace

- After a restart or a purge it fills up again: wait an hour.
- Look whether keys end too soon, are pushed out (RedisEvictionsHigh), or are asked for by a wrong name.

## RedisLatencyHigh
Commands take long. Redis does one at a time, so a single slow one holds up all others.

    redis-cli SLOWLOG GET 10
    redis-cli INFO commandstats
    kubectl --namespace "$NS" top pods --selector "app.kubernetes.io/name=$NAME"

- `KEYS`, and commands on very large keys, are the usual ones: let the application use `SCAN` and smaller keys.
- A CPU limit that throttles it (ContainerThrottled) is too low.

## RedisClientsHigh
Soon new connections are refused, and who needs one gets an error.

    redis-cli CLIENT LIST
    redis-cli CONFIG GET maxclients

- Many from one address: that client opens connections and does not close them. Restart it and mend its pool.

## RedisConnectionsRejected
Clients are turned away: what they do fails now.

    redis-cli INFO clients
    redis-cli CLIENT LIST

- Restart the client with the most connections; raise `maxclients` for the moment by
  `redis-cli CONFIG SET maxclients 20000`, if memory allows it.

## RedisPersistenceFailing
What is in memory is not on disk: a restart loses it.

    redis-cli INFO persistence
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --all-containers --tail 50 --prefix

- A full disk (VolumeNearlyFull), or no memory for the copy that a save needs.

## RedisSentinelAbsent
Nobody knows whether a failover would work.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"
    redis-cli -p 26379 PING

- The exporter asks the sentinel in its own pod: look at the containers of the pods.

## RedisSentinelQuorumLost
If the master fails now, nobody takes its place.

    redis-cli -p 26379 SENTINEL ckquorum mymaster
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Start the sentinels that are missing. They must reach each other on port 26379.

## RedisSentinelsMissing
Some sentinels are gone; if one or two more go, nobody can elect a master.

    redis-cli -p 26379 SENTINEL sentinels mymaster
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Start those that are missing. Sentinels of pods that are long gone are forgotten by
  `redis-cli -p 26379 SENTINEL reset mymaster`, on one after the other.

## RedisFailover
The master has changed. For some seconds writes failed, and the last of them may be lost.

    redis-cli -p 26379 SENTINEL get-master-addr-by-name mymaster
    kubectl --namespace "$NS" get events --sort-by .lastTimestamp

- Find out why the old master was gone: a drained node is usual, memory or a hanging disk is not.

## RabbitmqDown
No node answers: tasks and messages are neither taken nor given out.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --tail 50 --prefix

- A node that waits for its peers ("waiting for Mnesia tables", "waiting for Khepri leader") starts when those do:
  start all of them.
- If it runs and only the metrics are missing, look at its plugin and at the network policy:
  `in_pod rabbitmq-diagnostics status`.

## RabbitmqNodesMissing
The cluster has lost nodes. While the majority is there, quorum queues work on.

    in_pod rabbitmqctl cluster_status
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Look at the pods that are missing; a node joins again by itself.

## RabbitmqMajorityLost
Quorum queues take and give nothing until the majority of the nodes is back.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    in_pod rabbitmqctl cluster_status

- Start the missing nodes. Do not remove them from the cluster while they can come back.

## RabbitmqPartitioned
Nodes do not see each other, and each side may take itself for the cluster.

    in_pod rabbitmqctl cluster_status
    in_pod rabbitmq-diagnostics check_port_connectivity

- Look at the network between the nodes (ports 4369 and 25672), then restart the nodes of the smaller side.

## RabbitmqMemoryAlarm
The node has reached its limit and blocks everybody who publishes, until consumers have made room.

    in_pod rabbitmq-diagnostics memory_breakdown
    in_pod rabbitmqctl list_queues name messages memory consumers

- Long queues take the memory: start more consumers, or throw away what nobody needs (`rabbitmqctl purge_queue`).
- Raise the memory limit in the spec, if the load is real.

## RabbitmqDiskAlarm
There is less disk space than the node wants to have free, and it blocks everybody who publishes.

    in_pod rabbitmq-diagnostics status
    in_pod rabbitmqctl list_queues name messages messages_persistent message_bytes

- Start more consumers, or make the volume larger.

## RabbitmqMemoryHigh
At its limit the node blocks everybody who publishes, so that tasks can no longer be ordered.

    in_pod rabbitmq-diagnostics memory_breakdown
    in_pod rabbitmqctl list_queues name messages memory consumers

- Long queues and many connections take memory: see RabbitmqQueueLong.

## RabbitmqFileDescriptorsHigh
At the limit, new connections are refused. Each connection and each queue takes descriptors.

    in_pod rabbitmqctl list_connections user peer_host state
    in_pod rabbitmq-diagnostics status

- Many connections of one client: it opens one for each message. Restart it and mend it.

## RabbitmqQueueLong
Messages wait: consumers are too slow or too few.

    in_pod rabbitmqctl list_queues name messages_ready messages_unacknowledged consumers
    kubectl --namespace "$NS" get pods --selector app.kubernetes.io/component=worker

- No consumers: see RabbitmqQueueUnattended. Slow ones: see CeleryTaskSlow. Too few: raise their number.

## RabbitmqQueueOverflowing
The queue grows out of bounds: the broker comes to its memory limit, and then nobody can publish.

    in_pod rabbitmqctl list_queues name messages_ready messages_unacknowledged consumers memory
    in_pod rabbitmqctl list_consumers

- Start more consumers at once. Slow down or stop who publishes.
- Throw away what nobody needs: `in_pod rabbitmqctl purge_queue NAME_OF_QUEUE`. It cannot be undone.

## RabbitmqQueueUnattended
Messages wait for consumers that do not come.

    in_pod rabbitmqctl list_queues name messages_ready consumers
    kubectl --namespace "$NS" get pods --selector app.kubernetes.io/component=worker

- Start the workers. If they run, they listen to queues of other names.
- A queue that is left over from an old version may be deleted, when nobody needs its messages.

## RabbitmqConsumersBehind
The oldest message has waited for long: what people ordered comes late.

    in_pod rabbitmqctl list_queues name messages_ready messages_unacknowledged consumers
    kubectl --namespace "$NS" top pods --selector app.kubernetes.io/component=worker

- Raise the number of consumers, or look why each message takes so long.

## RabbitmqUnacknowledgedHigh
Consumers hold many messages and confirm none: they hang, or take more at a time than they can do.

    in_pod rabbitmqctl list_consumers
    in_pod rabbitmqctl list_queues name messages_unacknowledged consumers

- Restart consumers that hang; their messages are given to others. Lower their prefetch.

## RabbitmqMessagesUnroutable
Somebody publishes to where no queue listens: those messages are lost, or come back to who sent them.

    in_pod rabbitmqctl list_bindings source_name routing_key destination_name
    in_pod rabbitmqctl list_exchanges name type

- A queue was deleted or renamed, or a routing key is wrong: most often on one side of a new version only.

## RabbitmqMessagesDeadLettered
Consumers refuse messages, or messages grow too old: they go to the dead letters, and nobody does what they ask.

    in_pod rabbitmqctl list_queues name messages policy arguments

- Read the header `x-death` of such a message: it holds reason and queue. Mend the consumer, then send them again.

## MinioDown
No object can be read or written: uploads and downloads fail.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --tail 50 --prefix

- Look at its volume (VolumeNearlyFull), and at the events of the pod.
- If it answers to `mc ready store`, only the metrics are missing: they may want a token.

## MinioUnhealthy
Too many drives or nodes are gone: nothing can be written, and soon nothing be read.

    mc admin info store
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Bring nodes and drives back. Do not replace several drives at once.

## MinioNodesOffline
Nodes are gone; while there are enough, objects can be read and written.

    mc admin info store
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Look at the pods that are missing, and at their nodes.

## MinioDrivesOffline
Drives are gone. What they held is still there on others, but the next failure may cost data.

    mc admin info store
    kubectl --namespace "$NS" get persistentvolumeclaims

- Replace the drive; MinIO heals it by itself. `mc admin heal store` shows how far it is.

## MinioCapacityHigh
Space runs out, but there is time left to make room or to add some.

    mc admin info store
    mc du --depth 2 store

- Delete what has passed its time: a lifecycle rule does it (`mc ilm rule ls store/NAME_OF_BUCKET`).
- Make the volumes larger in the spec.

## MinioCapacityCritical
Nearly all space is taken: MinIO gets slow and soon refuses to write.

    mc admin info store
    mc du --depth 2 store

- Delete old versions and what is not needed at once, then make the volumes larger.

## MinioDriveFull
One drive is nearly full, while others may have room.

    mc admin info store

- Drives of different size in one pool, or data of somebody else on it. Make room there, or make it larger.

## MinioErrorRateHigh
The store fails many requests: uploads and downloads break.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 15m --tail=-1 | tail -n 50
    mc admin info store

- Look at drives, room and memory. Time-outs to peers point to the network.
"""
