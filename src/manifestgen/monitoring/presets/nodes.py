"""Nodes, by node-exporter and kube-state-metrics."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

_REAL: Final = 'fstype!~"tmpfs|overlay|squashfs|ramfs|nsfs|fuse.*"'
_DISK: Final = (
    "{{ $value | humanizePercentage }} of {{ $labels.mountpoint }} on {{ $labels.instance }} is taken."
)

NODES: Final = Preset(
    "nodes",
    "Nodes",
    "infrastructure",
    (
        Record(
            "instance:node_cpu_used:ratio_rate5m",
            '1 - avg by (job, instance) (rate(node_cpu_seconds_total{@all, mode="idle"}[5m]))',
        ),
        Record(
            "instance:node_memory_used:ratio",
            """
            1
              -
            max by (job, instance) (node_memory_MemAvailable_bytes{@all})
              /
            max by (job, instance) (node_memory_MemTotal_bytes{@all} > 0)
            """,
        ),
        Record(
            "mountpoint:node_filesystem_used:ratio",
            f"""
            1
              -
            max by (job, instance, mountpoint) (node_filesystem_avail_bytes{{@all, {_REAL}}})
              /
            max by (job, instance, mountpoint) (node_filesystem_size_bytes{{@all, {_REAL}}} > 0)
            """,
        ),
    ),
    (
        Alert(
            "NodeExporterDown",
            severity="warning",
            for_="5m",
            expr="up{@of} == 0",
            summary="A node tells nothing about itself",
            description="Prometheus cannot reach node-exporter on {{ $labels.instance }}.",
        ),
        Alert(
            "NodeExporterAbsent",
            severity="warning",
            for_="10m",
            expr="absent(up{@of})",
            summary="Nothing is known about the nodes",
            description="Prometheus finds no node to scrape; often it lacks the right to list nodes.",
        ),
        Alert(
            "NodeCpuHigh",
            severity="warning",
            for_="15m",
            expr="instance:node_cpu_used:ratio_rate5m{@of} > @cpu",
            summary="A node has hardly any CPU left",
            description="{{ $value | humanizePercentage }} of the CPU of {{ $labels.instance }} is in use.",
        ),
        Alert(
            "NodeMemoryHigh",
            severity="warning",
            for_="10m",
            expr="instance:node_memory_used:ratio{@of} > @memory",
            summary="A node has hardly any memory left",
            description="{{ $value | humanizePercentage }} of the memory of {{ $labels.instance }} "
            "is in use.",
        ),
        Alert(
            "NodeDiskFillingUp",
            severity="warning",
            for_="15m",
            expr="mountpoint:node_filesystem_used:ratio{@of} > @disk_warning",
            summary="A disk of a node is filling up",
            description=_DISK,
        ),
        Alert(
            "NodeDiskNearlyFull",
            severity="critical",
            for_="5m",
            expr="mountpoint:node_filesystem_used:ratio{@of} > @disk_critical",
            summary="A disk of a node is nearly full",
            description=_DISK + " Soon it evicts pods.",
        ),
        Alert(
            "NodeDiskReadOnly",
            severity="critical",
            for_="5m",
            expr=f"max by (job, instance, mountpoint) (node_filesystem_readonly{{@of, {_REAL}}}) == 1",
            summary="A disk of a node cannot be written to",
            description="{{ $labels.mountpoint }} on {{ $labels.instance }} is mounted read-only; "
            "often a disk failed.",
        ),
        Alert(
            "NodeClockWrong",
            severity="warning",
            for_="10m",
            expr="abs(node_timex_offset_seconds{@of}) > 0.05",
            summary="The clock of a node is wrong",
            description="The clock of {{ $labels.instance }} is off by {{ $value | humanizeDuration }}.",
        ),
    ),
)

CLUSTER_NODES: Final = Preset(
    "cluster",
    "Nodes as Kubernetes sees them",
    "infrastructure",
    (),
    (
        Alert(
            "NodeNotReady",
            severity="critical",
            for_="5m",
            expr='kube_node_status_condition{@of, condition="Ready", status="true"} == 0',
            summary="A node of the cluster is not ready",
            description="Kubernetes has lost node {{ $labels.node }}; its pods are moved.",
        ),
        Alert(
            "NodeUnderPressure",
            severity="warning",
            for_="5m",
            expr="""
            kube_node_status_condition{
              @of, condition=~"MemoryPressure|DiskPressure|PIDPressure", status="true"
            } == 1
            """,
            summary="A node of the cluster is short of something",
            description="Node {{ $labels.node }} reports {{ $labels.condition }} and may evict pods.",
        ),
    ),
)
