"""Metrics that databases, caches and object stores really export.

Sources: the source code and shipped rule files of each project, at the version named beside it.
"""

from __future__ import annotations

from typing import Final

from manifestgen.facts.metrics.exporter import Exporter, Family

_DATABASE: Final = "datid datname"
_SESSION: Final = "datname? state? usename? application_name? backend_type? wait_event_type? wait_event?"
_STANDBY: Final = "application_name? client_addr? state? slot_name? pid?"
_SENTINEL: Final = "master_name master_address"
_ROLES: Final = {"role": "master slave"}
_BACKUP: Final = "backup database namespace"
_DRIVE: Final = "server drive pool_index set_index drive_index"

POSTGRES: Final = Exporter(
    "postgres_exporter",
    "0.20.1",
    9187,
    (
        Family("gauge", "bool", "", "pg_up pg_exporter_last_scrape_error pg_replication_is_replica"),
        Family("gauge", "bool", "collector", "pg_scrape_collector_success"),
        Family("gauge", "connections", _SESSION, "pg_stat_activity_count"),
        Family("gauge", "seconds", _SESSION, "pg_stat_activity_max_tx_duration"),
        Family(
            "gauge",
            "connections",
            "",
            "pg_settings_max_connections pg_settings_superuser_reserved_connections",
        ),
        Family("gauge", "locks", "", "pg_settings_max_locks_per_transaction"),
        Family("gauge", "connections", _DATABASE, "pg_stat_database_numbackends"),
        Family(
            "counter",
            "transactions",
            _DATABASE,
            "pg_stat_database_xact_commit pg_stat_database_xact_rollback",
        ),
        Family("counter", "blocks", _DATABASE, "pg_stat_database_blks_hit pg_stat_database_blks_read"),
        Family(
            "counter",
            "rows",
            _DATABASE,
            """
            pg_stat_database_tup_deleted pg_stat_database_tup_fetched pg_stat_database_tup_inserted
            pg_stat_database_tup_returned pg_stat_database_tup_updated
            """,
        ),
        Family("counter", "", _DATABASE, "pg_stat_database_conflicts pg_stat_database_deadlocks"),
        Family("counter", "bytes", _DATABASE, "pg_stat_database_temp_bytes"),
        Family("counter", "files", _DATABASE, "pg_stat_database_temp_files"),
        Family("counter", "seconds", _DATABASE, "pg_stat_database_active_time_seconds_total", since="0.16"),
        Family("gauge", "bytes", "datname", "pg_database_size_bytes"),
        Family("gauge", "locks", "datname mode", "pg_locks_count"),
        Family("gauge", "seconds", "", "pg_replication_lag_seconds"),
        Family("gauge", "seconds", "", "pg_replication_last_replay_seconds", since="0.17"),
        Family(
            "gauge",
            "bytes",
            _STANDBY,
            "pg_stat_replication_pg_current_wal_lsn_bytes pg_stat_replication_pg_wal_lsn_diff",
        ),
        Family("gauge", "bool", "slot_name database?", "pg_replication_slots_active"),
        Family("gauge", "bytes", "slot_name database?", "pg_replication_slots_pg_wal_lsn_diff"),
        Family("gauge", "bool", "slot_name slot_type", "pg_replication_slots_slot_is_active", since="0.20"),
        Family(
            "gauge", "bytes", "slot_name slot_type", "pg_replication_slots_safe_wal_size_bytes", since="0.20"
        ),
        Family(
            "gauge", "", "slot_name slot_type wal_status", "pg_replication_slots_wal_status", since="0.20"
        ),
        Family(
            "gauge",
            "rows",
            "datname schemaname relname",
            "pg_stat_user_tables_n_dead_tup pg_stat_user_tables_n_live_tup",
        ),
        Family(
            "gauge",
            "timestamp",
            "datname schemaname relname",
            "pg_stat_user_tables_last_autovacuum",
            zero="it never ran",
        ),
        Family("gauge", "bytes", "", "pg_wal_size_bytes"),
        Family("gauge", "segments", "", "pg_wal_segments"),
        Family("counter", "", "", "pg_stat_archiver_archived_count pg_stat_archiver_failed_count"),
        Family("gauge", "seconds", "", "pg_stat_archiver_last_archive_age"),
        Family(
            "counter",
            "",
            "",
            "pg_stat_bgwriter_checkpoints_req_total pg_stat_bgwriter_checkpoints_timed_total",
            since="0.11",
        ),
        # Since PostgreSQL 17, by a collector that is off unless it is asked for; so are those that follow.
        Family(
            "counter",
            "",
            "",
            "pg_stat_checkpointer_num_requested_total pg_stat_checkpointer_num_timed_total",
        ),
        Family("gauge", "transactions", "datname", "pg_database_wraparound_age_datfrozenxid_seconds"),
        Family("gauge", "timestamp", "", "pg_postmaster_start_time_seconds"),
        Family("counter", "", "user datname queryid", "pg_stat_statements_calls_total"),
        Family("counter", "seconds", "user datname queryid", "pg_stat_statements_seconds_total"),
    ),
)

TIMESCALEDB: Final = Exporter(
    "sql_exporter",
    "0.24.6",
    9399,
    # TimescaleDB has no exporter: names are those of the collector that we write.
    (
        Family("gauge", "chunks", "hypertable", "timescaledb_chunks timescaledb_compressed_chunks"),
        Family("counter", "runs", "job_id proc_name hypertable?", "timescaledb_job_failures_total"),
        Family(
            "gauge",
            "timestamp",
            "job_id proc_name hypertable?",
            "timescaledb_job_last_success_timestamp_seconds",
            zero="it never ended well",
        ),
    ),
)

REDIS: Final = Exporter(
    "redis_exporter",
    "1.88.0",
    9121,
    (
        Family("gauge", "bool", "", "redis_up"),
        Family(
            "gauge",
            "info",
            """
            role redis_version redis_mode os maxmemory_policy tcp_port run_id process_id master_replid
            redis_build_id?
            """,
            "redis_instance_info",
            values=_ROLES,
        ),
        Family(
            "gauge",
            "bytes",
            "",
            "redis_memory_used_bytes redis_memory_used_peak_bytes redis_memory_used_rss_bytes",
        ),
        Family("gauge", "bytes", "", "redis_memory_max_bytes redis_config_maxmemory", zero="no limit"),
        Family("gauge", "ratio", "", "redis_mem_fragmentation_ratio"),
        Family("gauge", "bytes", "", "redis_total_system_memory_bytes"),
        Family("counter", "keys", "", "redis_evicted_keys_total redis_expired_keys_total"),
        Family("counter", "", "", "redis_keyspace_hits_total redis_keyspace_misses_total"),
        Family(
            "gauge", "clients", "", "redis_blocked_clients redis_config_maxclients redis_connected_clients"
        ),
        Family("counter", "", "", "redis_connections_received_total redis_rejected_connections_total"),
        Family("counter", "commands", "", "redis_commands_processed_total"),
        Family(
            "counter",
            "commands",
            "cmd",
            """
            redis_commands_failed_calls_total redis_commands_rejected_calls_total redis_commands_total
            """,
        ),
        Family("counter", "seconds", "cmd", "redis_commands_duration_seconds_total"),
        Family("counter", "", "err", "redis_errors_total"),
        Family("gauge", "keys", "db", "redis_db_keys redis_db_keys_expiring"),
        Family("gauge", "replicas", "", "redis_connected_slaves"),
        Family("gauge", "seconds", "slave_ip slave_port slave_state", "redis_connected_slave_lag_seconds"),
        Family("gauge", "bytes", "slave_ip slave_port slave_state", "redis_connected_slave_offset_bytes"),
        Family("gauge", "bool", "master_host master_port", "redis_master_link_up"),
        Family("gauge", "seconds", "master_host master_port", "redis_master_last_io_seconds_ago"),
        Family("gauge", "bytes", "master_host master_port", "redis_slave_repl_offset"),
        Family("gauge", "bytes", "", "redis_master_repl_offset"),
        Family("gauge", "timestamp", "", "redis_rdb_last_save_timestamp_seconds redis_start_time_seconds"),
        Family("gauge", "bool", "", "redis_rdb_last_bgsave_status redis_aof_last_write_status"),
        Family("gauge", "", "", "redis_slowlog_length redis_slowlog_last_id"),
        Family("gauge", "seconds", "", "redis_uptime_in_seconds"),
        Family("counter", "seconds", "", "redis_cpu_sys_seconds_total redis_cpu_user_seconds_total"),
        Family("gauge", "bool", "err?", "redis_exporter_last_scrape_error"),
    ),
)

SENTINEL: Final = Exporter(
    "redis_exporter, sentinels",
    "1.88.0",
    9121,
    (
        Family("gauge", "", "", "redis_sentinel_masters"),
        Family("gauge", "bool", "", "redis_sentinel_tilt redis_up"),
        Family("gauge", "bool", "master_name master_address master_status", "redis_sentinel_master_status"),
        Family(
            "gauge",
            "",
            _SENTINEL,
            """
            redis_sentinel_master_config_epoch redis_sentinel_master_ok_sentinels
            redis_sentinel_master_ok_slaves redis_sentinel_master_sentinels redis_sentinel_master_slaves
            """,
        ),
        Family("gauge", "bool", "master_name message", "redis_sentinel_master_ckquorum_status"),
        Family("gauge", "seconds", _SENTINEL, "redis_sentinel_master_last_ok_ping_reply_seconds"),
        Family(
            "gauge",
            "info",
            "redis_version redis_mode os? tcp_port? run_id? process_id?",
            "redis_instance_info",
        ),
    ),
    path="/scrape",
)

MINIO_CLUSTER: Final = Exporter(
    "minio, cluster v2",
    "2026-02",
    9000,
    (
        Family(
            "gauge",
            "",
            "server?",
            """
            minio_cluster_bucket_total minio_cluster_drive_offline_total minio_cluster_drive_online_total
            minio_cluster_drive_total minio_cluster_nodes_offline_total minio_cluster_nodes_online_total
            minio_cluster_usage_object_total
            """,
        ),
        Family(
            "gauge",
            "bytes",
            "server?",
            """
            minio_cluster_capacity_raw_free_bytes minio_cluster_capacity_raw_total_bytes
            minio_cluster_capacity_usable_free_bytes minio_cluster_capacity_usable_total_bytes
            minio_cluster_usage_total_bytes
            """,
        ),
        Family("gauge", "bool", "server?", "minio_cluster_health_status"),
        Family("gauge", "bool", "pool set server?", "minio_cluster_health_erasure_set_status"),
        Family("gauge", "drives", "server?", "minio_cluster_write_quorum"),
        Family(
            "counter",
            "requests",
            "api? server?",
            """
            minio_s3_requests_4xx_errors_total minio_s3_requests_5xx_errors_total
            minio_s3_requests_errors_total minio_s3_requests_total
            """,
        ),
        Family(
            "gauge",
            "requests",
            "api? server?",
            "minio_s3_requests_inflight_total minio_s3_requests_waiting_total",
        ),
        # Buckets with `le`, but without `_bucket`, `_sum` and `_count`.
        Family("untyped", "seconds", "api? server? le", "minio_s3_requests_ttfb_seconds_distribution"),
        Family("counter", "bytes", "server?", "minio_s3_traffic_received_bytes minio_s3_traffic_sent_bytes"),
    ),
    path="/minio/v2/metrics/cluster",
)

MINIO_NODES: Final = Exporter(
    "minio, nodes v2",
    "2026-02",
    9000,
    (
        Family(
            "gauge",
            "bytes",
            f"{_DRIVE.replace(' ', '? ')}?",
            "minio_node_drive_free_bytes minio_node_drive_total_bytes",
        ),
        Family(
            "untyped",
            "",
            f"{_DRIVE.replace(' ', '? ')}?",
            "minio_node_drive_errors_availability minio_node_drive_errors_timeout",
        ),
        Family("gauge", "microseconds", f"api? {_DRIVE.replace(' ', '? ')}?", "minio_node_drive_latency_us"),
        Family("gauge", "seconds", "server", "minio_node_process_uptime_seconds"),
        Family("gauge", "bytes", "server", "minio_node_process_resident_memory_bytes"),
        Family(
            "gauge",
            "",
            "server",
            "minio_node_file_descriptor_limit_total minio_node_file_descriptor_open_total",
        ),
    ),
    path="/minio/v2/metrics/node",
)

MINIO_V3: Final = Exporter(
    "minio v3",
    "2026-02",
    9000,
    (
        Family(
            "gauge",
            "",
            "",
            """
            minio_cluster_health_drives_count minio_cluster_health_drives_offline_count
            minio_cluster_health_drives_online_count minio_cluster_health_nodes_offline_count
            minio_cluster_health_nodes_online_count minio_cluster_usage_objects_buckets_count
            minio_cluster_usage_objects_count
            """,
        ),
        Family(
            "gauge",
            "bytes",
            "",
            """
            minio_cluster_health_capacity_usable_free_bytes minio_cluster_health_capacity_usable_total_bytes
            minio_cluster_usage_objects_total_bytes
            """,
        ),
        Family("gauge", "bool", "", "minio_cluster_erasure_set_overall_health"),
        Family(
            "gauge",
            "",
            "pool_id set_id",
            "minio_cluster_erasure_set_health minio_cluster_erasure_set_online_drives_count",
        ),
        Family(
            "counter",
            "requests",
            "name type server",
            """
            minio_api_requests_4xx_errors_total minio_api_requests_5xx_errors_total
            minio_api_requests_errors_total minio_api_requests_total
            """,
        ),
        Family(
            "gauge",
            "requests",
            "name? type? server",
            "minio_api_requests_inflight_total minio_api_requests_waiting_total",
        ),
        Family("untyped", "seconds", "name type? server le", "minio_api_requests_ttfb_seconds_distribution"),
        Family(
            "counter",
            "bytes",
            "type? server",
            "minio_api_requests_traffic_received_bytes minio_api_requests_traffic_sent_bytes",
        ),
        Family("gauge", "bytes", _DRIVE, "minio_system_drive_free_bytes minio_system_drive_total_bytes"),
        Family(
            "counter",
            "",
            _DRIVE,
            """
            minio_system_drive_availability_errors_total minio_system_drive_timeout_errors_total
            """,
        ),
        Family("gauge", "microseconds", f"api? {_DRIVE}", "minio_system_drive_api_latency_micros"),
        Family("gauge", "state", _DRIVE, "minio_system_drive_health"),
        Family("gauge", "seconds", "server", "minio_system_process_uptime_seconds"),
        Family("gauge", "bytes", "server", "minio_system_process_resident_memory_bytes"),
        Family(
            "gauge",
            "",
            "server",
            """
            minio_system_process_file_descriptor_limit_total minio_system_process_file_descriptor_open_total
            """,
        ),
    ),
    path="/minio/metrics/v3",
)

BACKUPS: Final = Exporter(
    "backup-database.sh",
    "1",
    9091,
    (
        Family(
            "gauge",
            "timestamp",
            _BACKUP,
            """
            database_backup_last_success_timestamp_seconds database_backup_last_failure_timestamp_seconds
            """,
        ),
        Family("gauge", "seconds", _BACKUP, "database_backup_last_duration_seconds"),
        Family("gauge", "bytes", _BACKUP, "database_backup_last_size_bytes"),
    ),
)

DATASTORES: Final = (
    POSTGRES,
    TIMESCALEDB,
    BACKUPS,
    REDIS,
    SENTINEL,
    MINIO_CLUSTER,
    MINIO_NODES,
    MINIO_V3,
)
