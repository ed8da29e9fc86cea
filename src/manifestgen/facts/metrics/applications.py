"""Metrics that applications and what carries their tasks really export.

Sources: the source code and shipped rule files of each project, at the version named beside it.
"""

from __future__ import annotations

from typing import Final

from manifestgen.facts.metrics.exporter import Exporter, Family

_STATUS: Final = {"status": "1xx 2xx 3xx 4xx 5xx"}
"""Grouped by default; whole codes only with ``should_group_status_codes=False``."""
_TASK: Final = "name hostname queue_name"
_QUEUE: Final = "vhost queue"

APPLICATIONS: Final = (
    Exporter(
        "prometheus-fastapi-instrumentator",
        "8.0.2",
        8000,
        (
            Family("counter", "requests", "method status handler", "http_requests_total", values=_STATUS),
            Family("histogram", "seconds", "", "http_request_duration_highr_seconds"),
            Family("histogram", "seconds", "method handler", "http_request_duration_seconds"),
            Family("summary", "bytes", "handler", "http_request_size_bytes http_response_size_bytes"),
            Family("gauge", "requests", "method? handler?", "http_requests_inprogress"),
            Family("counter", "seconds", "", "process_cpu_seconds_total"),
            Family("gauge", "bytes", "", "process_resident_memory_bytes"),
            Family("gauge", "", "", "process_open_fds process_max_fds"),
            Family("gauge", "timestamp", "", "process_start_time_seconds"),
        ),
        is_library=True,
    ),
    Exporter(
        "celery-exporter",
        "0.12.2",
        9808,
        (
            Family(
                "counter",
                "tasks",
                _TASK,
                """
                celery_task_received_total celery_task_rejected_total celery_task_retried_total
                celery_task_revoked_total celery_task_sent_total celery_task_started_total
                celery_task_succeeded_total
                """,
            ),
            Family("counter", "tasks", f"{_TASK} exception", "celery_task_failed_total"),
            Family("histogram", "seconds", _TASK, "celery_task_runtime"),
            Family("histogram", "seconds", _TASK, "celery_task_queue_wait_time", since="0.13"),
            Family("gauge", "messages", "queue_name", "celery_queue_length"),
            Family(
                "gauge",
                "",
                "queue_name",
                "celery_active_consumer_count celery_active_process_count celery_active_worker_count",
            ),
            # Five minutes without a heartbeat make it 0, five more and it is forgotten.
            Family("gauge", "bool", "hostname", "celery_worker_up", zero_lasts="5m"),
            Family("gauge", "tasks", "hostname", "celery_worker_tasks_active"),
        ),
    ),
    Exporter(
        "rabbitmq_prometheus",
        "4.3.5",
        15692,
        (
            Family("untyped", "info", "rabbitmq_version erlang_version", "rabbitmq_build_info"),
            Family(
                "untyped",
                "info",
                "rabbitmq_node rabbitmq_cluster rabbitmq_cluster_permanent_id rabbitmq_endpoint",
                "rabbitmq_identity_info",
            ),
            Family(
                "gauge",
                "messages",
                "",
                "rabbitmq_queue_messages rabbitmq_queue_messages_ready rabbitmq_queue_messages_unacked",
            ),
            Family(
                "counter",
                "messages",
                "",
                """
                rabbitmq_queue_messages_acked_total rabbitmq_queue_messages_delivered_ack_total
                rabbitmq_queue_messages_delivered_total rabbitmq_queue_messages_published_total
                rabbitmq_queue_messages_redelivered_total
                """,
            ),
            Family(
                "counter",
                "messages",
                "protocol queue_type?",
                """
                rabbitmq_global_messages_acknowledged_total rabbitmq_global_messages_delivered_total
                rabbitmq_global_messages_received_total rabbitmq_global_messages_redelivered_total
                rabbitmq_global_messages_routed_total rabbitmq_global_messages_unroutable_dropped_total
                rabbitmq_global_messages_unroutable_returned_total
                """,
            ),
            Family(
                "counter",
                "messages",
                "queue_type dead_letter_strategy",
                """
                rabbitmq_global_messages_dead_lettered_delivery_limit_total
                rabbitmq_global_messages_dead_lettered_expired_total
                rabbitmq_global_messages_dead_lettered_maxlen_total
                rabbitmq_global_messages_dead_lettered_rejected_total
                """,
            ),
            Family(
                "gauge", "", "", "rabbitmq_channels rabbitmq_connections rabbitmq_consumers rabbitmq_queues"
            ),
            Family("counter", "", "", "rabbitmq_connections_closed_total rabbitmq_connections_opened_total"),
            Family(
                "gauge",
                "bytes",
                "",
                """
                rabbitmq_disk_space_available_bytes rabbitmq_disk_space_available_limit_bytes
                rabbitmq_process_resident_memory_bytes rabbitmq_resident_memory_limit_bytes
                """,
            ),
            Family(
                "gauge",
                "",
                "",
                """
                rabbitmq_erlang_processes_limit rabbitmq_erlang_processes_used rabbitmq_process_max_fds
                rabbitmq_process_open_fds rabbitmq_unreachable_cluster_peers_count
                """,
            ),
            Family("gauge", "seconds", "", "rabbitmq_erlang_uptime_seconds"),
            Family(
                "untyped",
                "bool",
                "",
                "rabbitmq_alarms_free_disk_space_watermark rabbitmq_alarms_memory_used_watermark",
            ),
            Family("gauge", "state", "peer", "erlang_vm_dist_node_state"),
            Family("gauge", "segments", "ra_system", "rabbitmq_raft_max_num_segments"),
            Family("gauge", "seconds", "vhost? queue?", "rabbitmq_raft_commit_latency_seconds"),
        ),
    ),
    Exporter(
        "rabbitmq_prometheus, queues",
        "4.3.5",
        15692,
        (
            Family(
                "gauge",
                "messages",
                _QUEUE,
                """
                rabbitmq_detailed_queue_messages rabbitmq_detailed_queue_messages_ready
                rabbitmq_detailed_queue_messages_unacked rabbitmq_detailed_stream_consumer_max_offset_lag
                """,
            ),
            Family("gauge", "", _QUEUE, "rabbitmq_detailed_queue_consumers"),
            Family("gauge", "ratio", _QUEUE, "rabbitmq_detailed_queue_consumer_capacity"),
            Family("gauge", "timestamp", _QUEUE, "rabbitmq_detailed_queue_head_message_timestamp"),
        ),
        path="/metrics/detailed",
    ),
)
