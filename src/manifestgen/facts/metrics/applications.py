"""Metrics that applications and data services really export, with their types.

Sources: the source code and shipped rule files of each project, at the version named beside it.
Names that died are left out, such as ``pg_replication_lag`` (now ``pg_replication_lag_seconds``).
"""

from __future__ import annotations

from typing import Final

from manifestgen.facts.metrics.exporter import Exporter

APPLICATIONS: Final = (
    Exporter(
        "prometheus-fastapi-instrumentator",
        "8.0.2",
        counters="""
            http_requests_total process_cpu_seconds_total
        """,
        gauges="""
            http_requests_inprogress process_open_fds process_resident_memory_bytes
            process_start_time_seconds
        """,
        histograms="""
            http_request_duration_highr_seconds http_request_duration_seconds
        """,
        summaries="""
            http_request_size_bytes http_response_size_bytes
        """,
    ),
    Exporter(
        "celery-exporter",
        "0.12.2",
        counters="""
            celery_task_failed_total celery_task_received_total celery_task_rejected_total
            celery_task_retried_total celery_task_revoked_total celery_task_sent_total
            celery_task_started_total celery_task_succeeded_total
        """,
        gauges="""
            celery_active_consumer_count celery_active_process_count celery_active_worker_count
            celery_queue_length celery_worker_tasks_active celery_worker_up
        """,
        histograms="""
            celery_task_runtime
        """,
    ),
    Exporter(
        "sql_exporter with the collector that we write for TimescaleDB",
        "0.24.6",
        counters="""
            timescaledb_job_failures_total
        """,
        gauges="""
            timescaledb_chunks timescaledb_compressed_chunks
            timescaledb_job_last_success_timestamp_seconds
        """,
    ),
    Exporter(
        "postgres_exporter",
        "0.20.1",
        counters="""
            pg_stat_archiver_archived_count pg_stat_archiver_failed_count
            pg_stat_bgwriter_checkpoints_req_total pg_stat_bgwriter_checkpoints_timed_total
            pg_stat_checkpointer_num_requested_total pg_stat_checkpointer_num_timed_total
            pg_stat_database_active_time_seconds_total pg_stat_database_blks_hit
            pg_stat_database_blks_read pg_stat_database_conflicts pg_stat_database_deadlocks
            pg_stat_database_temp_bytes pg_stat_database_temp_files pg_stat_database_tup_deleted
            pg_stat_database_tup_fetched pg_stat_database_tup_inserted
            pg_stat_database_tup_returned pg_stat_database_tup_updated
            pg_stat_database_xact_commit pg_stat_database_xact_rollback
            pg_stat_statements_calls_total pg_stat_statements_seconds_total
        """,
        gauges="""
            pg_database_size_bytes pg_database_wraparound_age_datfrozenxid_seconds
            pg_exporter_last_scrape_error pg_locks_count pg_postmaster_start_time_seconds
            pg_replication_is_replica pg_replication_lag_seconds
            pg_replication_last_replay_seconds pg_replication_slots_active
            pg_replication_slots_pg_wal_lsn_diff pg_replication_slots_safe_wal_size_bytes
            pg_replication_slots_slot_is_active pg_replication_slots_wal_status
            pg_scrape_collector_success pg_settings_max_connections
            pg_settings_max_locks_per_transaction pg_settings_superuser_reserved_connections
            pg_stat_activity_count pg_stat_activity_max_tx_duration
            pg_stat_archiver_last_archive_age pg_stat_database_numbackends
            pg_stat_replication_pg_current_wal_lsn_bytes pg_stat_replication_pg_wal_lsn_diff
            pg_stat_user_tables_last_autovacuum pg_stat_user_tables_n_dead_tup
            pg_stat_user_tables_n_live_tup pg_up pg_wal_segments pg_wal_size_bytes
        """,
    ),
    Exporter(
        "redis_exporter",
        "1.88.0",
        counters="""
            redis_commands_duration_seconds_total redis_commands_failed_calls_total
            redis_commands_processed_total redis_commands_rejected_calls_total
            redis_commands_total redis_connections_received_total redis_cpu_sys_seconds_total
            redis_cpu_user_seconds_total redis_errors_total redis_evicted_keys_total
            redis_expired_keys_total redis_keyspace_hits_total redis_keyspace_misses_total
            redis_rejected_connections_total
        """,
        gauges="""
            redis_aof_last_write_status redis_blocked_clients redis_config_maxclients
            redis_config_maxmemory redis_connected_clients redis_connected_slave_lag_seconds
            redis_connected_slave_offset_bytes redis_connected_slaves redis_db_keys
            redis_db_keys_expiring redis_exporter_last_scrape_error redis_instance_info
            redis_master_last_io_seconds_ago redis_master_link_up redis_master_repl_offset
            redis_mem_fragmentation_ratio redis_memory_max_bytes redis_memory_used_bytes
            redis_memory_used_peak_bytes redis_memory_used_rss_bytes
            redis_rdb_last_bgsave_status redis_rdb_last_save_timestamp_seconds
            redis_sentinel_master_ckquorum_status redis_sentinel_master_config_epoch
            redis_sentinel_master_last_ok_ping_reply_seconds redis_sentinel_master_ok_sentinels
            redis_sentinel_master_ok_slaves redis_sentinel_master_sentinels
            redis_sentinel_master_slaves redis_sentinel_master_status redis_sentinel_masters
            redis_sentinel_tilt redis_slave_repl_offset redis_slowlog_last_id
            redis_slowlog_length redis_start_time_seconds redis_total_system_memory_bytes
            redis_up redis_uptime_in_seconds
        """,
    ),
    Exporter(
        "rabbitmq_prometheus",
        "4.3.5",
        counters="""
            rabbitmq_connections_closed_total rabbitmq_connections_opened_total
            rabbitmq_global_messages_acknowledged_total
            rabbitmq_global_messages_dead_lettered_delivery_limit_total
            rabbitmq_global_messages_dead_lettered_expired_total
            rabbitmq_global_messages_dead_lettered_maxlen_total
            rabbitmq_global_messages_dead_lettered_rejected_total
            rabbitmq_global_messages_delivered_total rabbitmq_global_messages_received_total
            rabbitmq_global_messages_redelivered_total rabbitmq_global_messages_routed_total
            rabbitmq_global_messages_unroutable_dropped_total
            rabbitmq_global_messages_unroutable_returned_total
            rabbitmq_queue_messages_acked_total rabbitmq_queue_messages_delivered_ack_total
            rabbitmq_queue_messages_delivered_total rabbitmq_queue_messages_published_total
            rabbitmq_queue_messages_redelivered_total
        """,
        gauges="""
            erlang_vm_dist_node_state rabbitmq_channels rabbitmq_connections rabbitmq_consumers
            rabbitmq_detailed_queue_consumer_capacity rabbitmq_detailed_queue_consumers
            rabbitmq_detailed_queue_head_message_timestamp rabbitmq_detailed_queue_messages
            rabbitmq_detailed_queue_messages_ready rabbitmq_detailed_queue_messages_unacked
            rabbitmq_detailed_stream_consumer_max_offset_lag rabbitmq_disk_space_available_bytes
            rabbitmq_disk_space_available_limit_bytes rabbitmq_erlang_processes_limit
            rabbitmq_erlang_processes_used rabbitmq_erlang_uptime_seconds
            rabbitmq_process_max_fds rabbitmq_process_open_fds
            rabbitmq_process_resident_memory_bytes rabbitmq_queue_messages
            rabbitmq_queue_messages_ready rabbitmq_queue_messages_unacked rabbitmq_queues
            rabbitmq_raft_commit_latency_seconds rabbitmq_raft_max_num_segments
            rabbitmq_resident_memory_limit_bytes rabbitmq_unreachable_cluster_peers_count
        """,
        untyped="""
            rabbitmq_alarms_free_disk_space_watermark rabbitmq_alarms_memory_used_watermark
            rabbitmq_build_info rabbitmq_identity_info
        """,
    ),
    Exporter(
        "minio",
        "2026-02",
        counters="""
            minio_api_requests_4xx_errors_total minio_api_requests_5xx_errors_total
            minio_api_requests_errors_total minio_api_requests_total
            minio_api_requests_traffic_received_bytes minio_api_requests_traffic_sent_bytes
            minio_s3_requests_4xx_errors_total minio_s3_requests_5xx_errors_total
            minio_s3_requests_errors_total minio_s3_requests_total
            minio_s3_traffic_received_bytes minio_s3_traffic_sent_bytes
            minio_system_drive_availability_errors_total minio_system_drive_timeout_errors_total
        """,
        gauges="""
            minio_api_requests_inflight_total minio_api_requests_waiting_total
            minio_cluster_bucket_total minio_cluster_capacity_usable_free_bytes
            minio_cluster_capacity_usable_total_bytes minio_cluster_drive_offline_total
            minio_cluster_drive_online_total minio_cluster_drive_total
            minio_cluster_erasure_set_health minio_cluster_erasure_set_online_drives_count
            minio_cluster_erasure_set_overall_health
            minio_cluster_health_capacity_usable_free_bytes
            minio_cluster_health_capacity_usable_total_bytes minio_cluster_health_drives_count
            minio_cluster_health_drives_offline_count minio_cluster_health_erasure_set_status
            minio_cluster_health_nodes_offline_count minio_cluster_health_nodes_online_count
            minio_cluster_health_status minio_cluster_nodes_offline_total
            minio_cluster_nodes_online_total minio_cluster_usage_object_total
            minio_cluster_usage_objects_buckets_count minio_cluster_usage_objects_count
            minio_cluster_usage_objects_total_bytes minio_cluster_usage_total_bytes
            minio_cluster_write_quorum minio_node_drive_free_bytes minio_node_drive_latency_us
            minio_node_drive_total_bytes minio_node_file_descriptor_limit_total
            minio_node_file_descriptor_open_total minio_node_process_resident_memory_bytes
            minio_node_process_uptime_seconds minio_s3_requests_inflight_total
            minio_s3_requests_waiting_total minio_system_drive_api_latency_micros
            minio_system_drive_free_bytes minio_system_drive_health
            minio_system_drive_total_bytes minio_system_process_file_descriptor_limit_total
            minio_system_process_file_descriptor_open_total
            minio_system_process_resident_memory_bytes minio_system_process_uptime_seconds
        """,
        untyped="""
            minio_api_requests_ttfb_seconds_distribution minio_node_drive_errors_availability
            minio_node_drive_errors_timeout minio_s3_requests_ttfb_seconds_distribution
        """,
    ),
)
