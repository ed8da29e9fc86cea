"""Names that alerts are copied with and that nothing exports, and what to use instead.

Sources: the history of each exporter, and rules that are shipped or widely copied although they are dead.
"""

from __future__ import annotations

from typing import Final

from manifestgen.facts.metrics.exporter import Gone

_RENAMED: Final = "the exporter renamed it in 0.20"
_PER_UNIT: Final = "since kube-state-metrics 2 the unit is a label"

GONE: Final = (
    Gone(
        "pg_replication_lag",
        "postgres_exporter",
        "pg_replication_lag_seconds",
        "it came from a query of one's own, which is a collector of the exporter now",
    ),
    Gone(
        "pg_replication_slot_slot_is_active",
        "postgres_exporter",
        "pg_replication_slots_slot_is_active",
        _RENAMED,
        until="0.20",
    ),
    Gone(
        "pg_replication_slot_safe_wal_size_bytes",
        "postgres_exporter",
        "pg_replication_slots_safe_wal_size_bytes",
        _RENAMED,
        until="0.20",
    ),
    Gone(
        "pg_replication_slot_wal_status",
        "postgres_exporter",
        "pg_replication_slots_wal_status",
        _RENAMED,
        until="0.20",
    ),
    Gone(
        "pg_stat_bgwriter_checkpoints_timed",
        "postgres_exporter",
        "pg_stat_bgwriter_checkpoints_timed_total",
        "counters end in _total since 0.11",
        until="0.11",
    ),
    Gone(
        "pg_stat_bgwriter_checkpoints_req",
        "postgres_exporter",
        "pg_stat_bgwriter_checkpoints_req_total",
        "counters end in _total since 0.11",
        until="0.11",
    ),
    Gone(
        "certmanager_acme_client_request_count",
        "cert-manager",
        "certmanager_http_acme_client_request_count",
        "no version ever had it: the name has _http_ in it",
    ),
    Gone("kube_hpa_*", "kube-state-metrics", "kube_horizontalpodautoscaler_*", "version 2 renamed it"),
    Gone(
        "kube_pod_container_resource_limits_*",
        "kube-state-metrics",
        "kube_pod_container_resource_limits",
        _PER_UNIT,
    ),
    Gone(
        "kube_pod_container_resource_requests_*",
        "kube-state-metrics",
        "kube_pod_container_resource_requests",
        _PER_UNIT,
    ),
    Gone("kube_node_status_capacity_*", "kube-state-metrics", "kube_node_status_capacity", _PER_UNIT),
    Gone("kube_node_status_allocatable_*", "kube-state-metrics", "kube_node_status_allocatable", _PER_UNIT),
    Gone(
        "minio_disks_offline",
        "minio, cluster v2",
        "minio_cluster_drive_offline_total",
        "it is of the first version of the metrics",
    ),
    Gone(
        "minio_disks_total",
        "minio, cluster v2",
        "minio_cluster_drive_total",
        "it is of the first version of the metrics",
    ),
    Gone(
        "rabbitmq_running",
        "rabbitmq_prometheus",
        "rabbitmq_identity_info",
        "it is of an older exporter; RabbitMQ gives its metrics itself",
    ),
)
