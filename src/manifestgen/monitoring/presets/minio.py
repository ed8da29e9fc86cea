"""MinIO, by its own metrics of version 2: the cluster from any node, and each node (`@nodes`)."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

RECORDS: Final = (
    Record(
        "job:minio_capacity_used:ratio",
        """
        1
          -
        max by (job) (minio_cluster_capacity_usable_free_bytes{@all})
          /
        max by (job) (minio_cluster_capacity_usable_total_bytes{@all} > 0)
        """,
    ),
    Record("job:minio_requests:rate5m", "sum by (job) (rate(minio_s3_requests_total{@all}[5m]))"),
    Record(
        "job:minio_requests_errors:ratio_rate5m",
        """
        sum by (job) (rate(minio_s3_requests_5xx_errors_total{@all}[5m]))
          /
        (job:minio_requests:rate5m{@all} > 0)
        """,
    ),
    Record(
        "drive:minio_drive_used:ratio",
        """
        1
          -
        max by (job, instance, drive) (minio_node_drive_free_bytes{@all_nodes})
          /
        max by (job, instance, drive) (minio_node_drive_total_bytes{@all_nodes} > 0)
        """,
    ),
)

_CAPACITY = "{{ $value | humanizePercentage }} of the usable space of {{ $labels.job }} is taken."

ALERTS: Final = (
    Alert(
        "MinioDown",
        severity="critical",
        for_="2m",
        expr="absent(up{@of} == 1)",
        summary="The object store does not answer",
        description="Prometheus reaches no node of @component: none runs, or none answers.",
    ),
    Alert(
        "MinioUnhealthy",
        severity="critical",
        for_="2m",
        expr="min by (job) (minio_cluster_health_status{@of}) == 0",
        summary="The object store has lost its write quorum",
        description="{{ $labels.job }} calls itself unhealthy: too many drives or nodes are gone.",
    ),
    Alert(
        "MinioNodesOffline",
        severity="warning",
        for_="5m",
        expr="max by (job) (minio_cluster_nodes_offline_total{@of}) > 0",
        summary="Nodes of the object store are gone",
        description="{{ $value }} of @replicas nodes of {{ $labels.job }} are offline.",
    ),
    Alert(
        "MinioDrivesOffline",
        severity="warning",
        for_="5m",
        expr="max by (job) (minio_cluster_drive_offline_total{@of}) > 0",
        summary="Drives of the object store are gone",
        description="{{ $value }} drives of {{ $labels.job }} are offline.",
    ),
    Alert(
        "MinioCapacityHigh",
        severity="warning",
        for_="15m",
        expr="job:minio_capacity_used:ratio{@of} > @capacity_warning",
        summary="The object store is filling up",
        description=_CAPACITY,
    ),
    Alert(
        "MinioCapacityCritical",
        severity="critical",
        for_="15m",
        expr="job:minio_capacity_used:ratio{@of} > @capacity_critical",
        summary="The object store is nearly full",
        description=_CAPACITY,
    ),
    Alert(
        "MinioDriveFull",
        severity="warning",
        for_="15m",
        expr="drive:minio_drive_used:ratio{@nodes} > @capacity_critical",
        summary="A drive of the object store is nearly full",
        description="{{ $value | humanizePercentage }} of drive {{ $labels.drive }} of "
        "{{ $labels.instance }} is taken.",
    ),
    Alert(
        "MinioErrorRateHigh",
        severity="warning",
        for_="5m",
        expr="job:minio_requests_errors:ratio_rate5m{@of} > @errors",
        summary="The object store fails many requests",
        description="{{ $value | humanizePercentage }} of the requests to {{ $labels.job }} end with "
        "a 5xx status.",
    ),
)

MINIO: Final = Preset("minio", "MinIO", "infrastructure", RECORDS, ALERTS)
