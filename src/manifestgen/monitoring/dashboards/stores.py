"""Panels of data services: PostgreSQL, Redis, RabbitMQ, MinIO.

Their places are filled with the values that fill the rules of the same preset.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.dashboards.shapes import lines, number, state

_EACH: Final = "{{instance}}"

POSTGRESQL: Final = (
    state(
        "Servers",
        "Whether the exporter beside each server can connect to it.",
        "pg_up{@of}",
        _EACH,
        watch=("PostgresqlDown",),
    ),
    lines(
        "Connections in use",
        "percentunit",
        "Share of max_connections that clients use.",
        ("instance:pg_connections:ratio{@of}", _EACH),
        watch=("PostgresqlConnectionsHigh", "PostgresqlConnectionsExhausted"),
        top=1,
    ),
    lines(
        "Connections by state",
        "none",
        "Connections of clients by what they do; `idle in transaction` holds locks.",
        ('sum by (state) (pg_stat_activity_count{@of, backend_type="client backend"})', "{{state}}"),
        stacked=True,
        whole=True,
    ),
    lines(
        "Transactions",
        "ops",
        "Transactions a second, committed and rolled back together.",
        ("instance:pg_transactions:rate5m{@of}", _EACH),
    ),
    lines(
        "Rolled back",
        "percentunit",
        "Share of the transactions that are rolled back. With hardly any, nobody is told.",
        ("instance:pg_rollbacks:ratio_rate5m{@of}", _EACH),
        watch=("PostgresqlRollbackRatioHigh",),
    ),
    lines(
        "Sessions at work",
        "short",
        "Sessions that are working at the same time, on average.",
        ("instance:pg_busy_sessions:rate5m{@of}", _EACH),
        watch=("PostgresqlLoadHigh",),
    ),
    lines(
        "Blocks found in memory",
        "percentunit",
        "Share of blocks that need not be read from disk.",
        ("instance:pg_blocks_hit:ratio_rate5m{@of}", _EACH),
        watch=("PostgresqlCacheHitRatioLow",),
        top=1,
    ),
    lines(
        "Oldest transaction",
        "s",
        "Age of the oldest transaction; it keeps vacuum from cleaning up.",
        ("instance:pg_longest_transaction_seconds:max{@of}", _EACH),
        watch=("PostgresqlTransactionLong",),
    ),
    lines(
        "Deadlocks",
        "short",
        "Deadlocks within ten minutes, by database.",
        ("sum by (job, datname) (increase(pg_stat_database_deadlocks{@of}[10m]))", "{{datname}}"),
        watch=("PostgresqlDeadlocks",),
    ),
    lines(
        "Replicas behind",
        "s",
        "How far each replica is behind its primary; a failover would lose that much.",
        ("instance:pg_replication_lag_seconds:max{@of}", _EACH),
        watch=("PostgresqlReplicationLagHigh", "PostgresqlReplicationLagCritical"),
        needs="PostgresqlReplicationLagHigh",
    ),
    lines(
        "Replicas behind, in WAL",
        "bytes",
        "WAL that each replica has still to replay, as the primary sees it.",
        (
            "max by (application_name, client_addr) (pg_stat_replication_pg_wal_lsn_diff{@of})",
            "{{application_name}} {{client_addr}}",
        ),
        needs="PostgresqlReplicationLagHigh",
    ),
    lines(
        "Replicas attached",
        "none",
        "Servers that call themselves replicas.",
        ("count(pg_replication_is_replica{@of} == 1) or vector(0)", "replicas"),
        watch=("PostgresqlReplicasMissing",),
        needs="PostgresqlReplicasMissing",
        whole=True,
    ),
    lines(
        "Rows",
        "ops",
        "Rows a second that are read and written.",
        ("sum(rate(pg_stat_database_tup_fetched{@of}[$__rate_interval]))", "fetched"),
        ("sum(rate(pg_stat_database_tup_inserted{@of}[$__rate_interval]))", "inserted"),
        ("sum(rate(pg_stat_database_tup_updated{@of}[$__rate_interval]))", "updated"),
        ("sum(rate(pg_stat_database_tup_deleted{@of}[$__rate_interval]))", "deleted"),
    ),
    lines(
        "Size of databases",
        "bytes",
        "Size of each database on disk.",
        ("max by (datname) (pg_database_size_bytes{@of})", "{{datname}}"),
    ),
    lines(
        "Temporary files",
        "Bps",
        "Bytes a second that queries write to temporary files, because work_mem does not suffice.",
        ("sum by (datname) (rate(pg_stat_database_temp_bytes{@of}[$__rate_interval]))", "{{datname}}"),
    ),
    lines(
        "Dead rows",
        "short",
        "The ten tables with the most rows that vacuum has still to clean up.",
        (
            "topk(10, max by (datname, schemaname, relname) (pg_stat_user_tables_n_dead_tup{@of}))",
            "{{datname}}.{{schemaname}}.{{relname}}",
        ),
        width=12,
    ),
    lines(
        "WAL on disk",
        "bytes",
        "Size of the write-ahead log; it grows when nobody reads or archives it.",
        ("pg_wal_size_bytes{@of}", _EACH),
        width=12,
    ),
)

CLOUDNATIVEPG: Final = (
    state("Instances", "Whether Prometheus reaches each instance.", "up{@of}", _EACH, width=16),
    number(
        "Instances that answer",
        "none",
        "How many instances Prometheus reaches.",
        "count(up{@of} == 1) or vector(0)",
        watch=("PostgresqlInstancesMissing",),
        whole=True,
        width=8,
        height=8,
    ),
)

TIMESCALEDB: Final = (
    state(
        "Exporter",
        "Whether somebody asks TimescaleDB about its jobs.",
        "up{@of}",
        _EACH,
        watch=("TimescaledbExporterDown",),
    ),
    lines(
        "Chunks not compressed",
        "none",
        "Chunks of hypertables with compression that are still as they were written.",
        ("job_hypertable:timescaledb_chunks_loose:sum{@of}", "{{hypertable}}"),
        watch=("TimescaledbChunksLoose",),
        whole=True,
    ),
    lines(
        "Last good run of jobs",
        "s",
        "How long ago each job last ended well; those that never did are left out.",
        (
            "time() - (timescaledb_job_last_success_timestamp_seconds{@of} > 0)",
            "{{proc_name}} {{job_id}} {{hypertable}}",
        ),
        watch=("TimescaledbJobOverdue",),
    ),
    lines(
        "Failed runs of jobs",
        "short",
        "Runs of each job that failed within an hour.",
        ("increase(timescaledb_job_failures_total{@of}[1h])", "{{proc_name}} {{job_id}} {{hypertable}}"),
        watch=("TimescaledbJobFailing",),
    ),
)

REDIS: Final = (
    state(
        "Servers",
        "Whether the exporter beside each server can connect to it.",
        "redis_up{@of}",
        _EACH,
        watch=("RedisDown",),
    ),
    lines(
        "Memory in use",
        "percentunit",
        "Share of maxmemory; a server without a limit is left out.",
        ("instance:redis_memory_used:ratio{@of}", _EACH),
        watch=("RedisMemoryHigh", "RedisMemoryCritical"),
        top=1,
    ),
    lines(
        "Connections in use",
        "percentunit",
        "Share of maxclients.",
        ("instance:redis_clients:ratio{@of}", _EACH),
        watch=("RedisClientsHigh",),
        top=1,
    ),
    lines(
        "Commands",
        "ops",
        "Commands a second.",
        ("sum by (instance) (rate(redis_commands_processed_total{@of}[$__rate_interval]))", _EACH),
    ),
    lines(
        "Mean duration of a command",
        "s",
        "How long a command takes on average.",
        ("instance:redis_command_duration_seconds:mean5m{@of}", _EACH),
        watch=("RedisLatencyHigh",),
    ),
    lines(
        "Keys found",
        "percentunit",
        "Share of reads that find their key.",
        ("instance:redis_keyspace_hits:ratio_rate5m{@of}", _EACH),
        watch=("RedisHitRatioLow",),
        top=1,
    ),
    lines(
        "Keys pushed out",
        "ops",
        "Keys a second that are evicted to stay within the limit.",
        ("instance:redis_evicted_keys:rate5m{@of}", _EACH),
        watch=("RedisEvictionsHigh",),
    ),
    lines(
        "Keys",
        "short",
        "Keys in each database.",
        ("max by (db) (redis_db_keys{@of})", "{{db}}"),
        whole=True,
    ),
    lines(
        "Refused connections",
        "short",
        "Connections refused within five minutes.",
        ("increase(redis_rejected_connections_total{@of}[5m])", _EACH),
        watch=("RedisConnectionsRejected",),
    ),
    lines(
        "Replicas behind",
        "s",
        "How far each replica is behind the master.",
        ("redis_connected_slave_lag_seconds{@of}", "{{slave_ip}}"),
        watch=("RedisReplicationLagHigh",),
        needs="RedisReplicasMissing",
    ),
    lines(
        "Sentinels that are well",
        "none",
        "Sentinels that each sentinel sees, itself among them.",
        ("redis_sentinel_master_ok_sentinels{@sentinel}", _EACH),
        watch=("RedisSentinelsMissing",),
        needs="RedisSentinelsMissing",
        whole=True,
    ),
    state(
        "Quorum",
        "Whether each sentinel sees enough others to elect a master.",
        "redis_sentinel_master_ckquorum_status{@sentinel}",
        _EACH,
        watch=("RedisSentinelQuorumLost",),
        needs="RedisSentinelQuorumLost",
    ),
)

RABBITMQ: Final = (
    number(
        "Nodes",
        "none",
        "Nodes that answer Prometheus.",
        "count(rabbitmq_build_info{@of})",
        watch=("RabbitmqNodesMissing", "RabbitmqMajorityLost"),
        whole=True,
        width=6,
    ),
    number(
        "Connections", "short", "Open connections.", "sum(rabbitmq_connections{@of})", whole=True, width=6
    ),
    number("Queues", "short", "Queues of all nodes.", "sum(rabbitmq_queues{@of})", whole=True, width=6),
    number(
        "Consumers", "short", "Consumers of all queues.", "sum(rabbitmq_consumers{@of})", whole=True, width=6
    ),
    lines(
        "Messages that wait",
        "short",
        "Messages in each queue that nobody has taken yet.",
        ("queue:rabbitmq_messages_ready:sum{@queues}", "{{vhost}} {{queue}}"),
        watch=("RabbitmqQueueLong", "RabbitmqQueueOverflowing"),
        whole=True,
    ),
    lines(
        "Messages not confirmed",
        "short",
        "Messages in each queue that consumers have taken and not confirmed.",
        ("queue:rabbitmq_messages_unacked:sum{@queues}", "{{vhost}} {{queue}}"),
        watch=("RabbitmqUnacknowledgedHigh",),
        whole=True,
    ),
    lines(
        "Age of the oldest message",
        "s",
        "How long the message at the head of each queue has waited; those without a timestamp do not count.",
        (
            "time() - min by (job, vhost, queue) "
            "(rabbitmq_detailed_queue_head_message_timestamp{@queues} > 0)",
            "{{vhost}} {{queue}}",
        ),
        watch=("RabbitmqConsumersBehind",),
    ),
    lines(
        "Consumers by queue",
        "none",
        "Who takes from each queue.",
        ("queue:rabbitmq_consumers:sum{@queues}", "{{vhost}} {{queue}}"),
        whole=True,
    ),
    lines(
        "Messages",
        "ops",
        "Messages a second that came in, went out and were confirmed.",
        ("sum(rate(rabbitmq_global_messages_received_total{@of}[$__rate_interval]))", "received"),
        ("sum(rate(rabbitmq_global_messages_delivered_total{@of}[$__rate_interval]))", "delivered"),
        ("sum(rate(rabbitmq_global_messages_acknowledged_total{@of}[$__rate_interval]))", "confirmed"),
        ("sum(rate(rabbitmq_global_messages_redelivered_total{@of}[$__rate_interval]))", "delivered again"),
    ),
    lines(
        "Messages lost or given up",
        "ops",
        "Messages a second that no queue wants, and that consumers give up on.",
        ("job:rabbitmq_messages_unroutable:rate5m{@of}", "no queue"),
        ("job:rabbitmq_messages_dead_lettered:rate5m{@of}", "dead letters"),
        watch=("RabbitmqMessagesUnroutable", "RabbitmqMessagesDeadLettered"),
    ),
    lines(
        "Memory in use",
        "percentunit",
        "Share of the memory limit; at the limit publishers are blocked.",
        ("instance:rabbitmq_memory_used:ratio{@of}", _EACH),
        watch=("RabbitmqMemoryHigh",),
        top=1,
    ),
    lines(
        "File descriptors in use",
        "percentunit",
        "Share of the file descriptors; at the limit connections are refused.",
        ("instance:rabbitmq_file_descriptors:ratio{@of}", _EACH),
        watch=("RabbitmqFileDescriptorsHigh",),
        top=1,
    ),
    lines(
        "Free disk space",
        "bytes",
        "Free space on the disk of each node.",
        ("rabbitmq_disk_space_available_bytes{@of}", _EACH),
    ),
    state(
        "Memory alarm",
        "Whether a node has reached its memory limit and blocks publishers.",
        "rabbitmq_alarms_memory_used_watermark{@of}",
        _EACH,
        watch=("RabbitmqMemoryAlarm",),
        good=0,
        width=12,
        height=5,
    ),
    state(
        "Disk alarm",
        "Whether a node has less free disk space than its limit and blocks publishers.",
        "rabbitmq_alarms_free_disk_space_watermark{@of}",
        _EACH,
        watch=("RabbitmqDiskAlarm",),
        good=0,
        width=12,
        height=5,
    ),
)

MINIO: Final = (
    number(
        "Nodes offline",
        "none",
        "Nodes that the others do not reach.",
        "max by (job) (minio_cluster_nodes_offline_total{@of})",
        watch=("MinioNodesOffline",),
        whole=True,
        width=6,
    ),
    number(
        "Drives offline",
        "none",
        "Drives that are gone.",
        "max by (job) (minio_cluster_drive_offline_total{@of})",
        watch=("MinioDrivesOffline",),
        whole=True,
        width=6,
    ),
    number(
        "Objects",
        "short",
        "Objects in all buckets.",
        "max(minio_cluster_usage_object_total{@of})",
        whole=True,
        width=6,
    ),
    number(
        "Free space",
        "bytes",
        "Usable space that is free.",
        "max(minio_cluster_capacity_usable_free_bytes{@of})",
        width=6,
    ),
    lines(
        "Space in use",
        "percentunit",
        "Share of the usable space that is taken.",
        ("job:minio_capacity_used:ratio{@of}", "{{job}}"),
        watch=("MinioCapacityHigh", "MinioCapacityCritical"),
        top=1,
    ),
    lines(
        "Drives in use",
        "percentunit",
        "Share of each drive that is taken.",
        ("drive:minio_drive_used:ratio{@nodes}", "{{instance}} {{drive}}"),
        watch=("MinioDriveFull",),
        top=1,
    ),
    state(
        "Write quorum",
        "Whether enough drives and nodes are there to write.",
        "min by (job) (minio_cluster_health_status{@of})",
        "{{job}}",
        watch=("MinioUnhealthy",),
    ),
    lines("Requests", "reqps", "Requests a second.", ("job:minio_requests:rate5m{@of}", "{{job}}")),
    lines(
        "Share of errors",
        "percentunit",
        "Share of the requests that ended with a 5xx status.",
        ("job:minio_requests_errors:ratio_rate5m{@of}", "5xx"),
        watch=("MinioErrorRateHigh",),
    ),
    lines(
        "Traffic",
        "Bps",
        "Bytes a second that came in and went out.",
        ("sum(rate(minio_s3_traffic_received_bytes{@of}[$__rate_interval]))", "received"),
        ("sum(rate(minio_s3_traffic_sent_bytes{@of}[$__rate_interval]))", "sent"),
    ),
)
