"""Panels of one workload: its pods, as kube-state-metrics and cAdvisor see them.

``@pods`` is a regular expression for their names, ``@set`` the series that counts them; the other places
are filled with the values that fill the rules of workloads.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.dashboards.shapes import lines, number, state

_MINE: Final = '@namespace, pod=~"$pod"'
_RUNNING: Final = f'@cadvisor, {_MINE}, container!="", image!=""'

SUMS: Final = (
    number(
        "Pods ready",
        "none",
        "Pods that are ready.",
        'sum(kube_pod_status_ready{@namespace, pod=~"@pods", condition="true"}) or vector(0)',
        whole=True,
        width=8,
    ),
    number(
        "Restarts",
        "short",
        "Restarts of all its containers within a day.",
        'sum(increase(kube_pod_container_status_restarts_total{@namespace, pod=~"@pods"}[1d]))',
        width=8,
    ),
    number(
        "Nodes",
        "none",
        "Nodes that its pods run on.",
        'count(count by (node) (kube_pod_info{@namespace, pod=~"@pods"}))',
        whole=True,
        width=8,
    ),
)

AVAILABLE: Final = (
    lines(
        "Pods available",
        "none",
        "Pods that are available, and how many there should be.",
        ("@available", "available"),
        ("@wanted", "wanted"),
        watch=("WorkloadDown", "WorkloadReplicasLow"),
        whole=True,
    ),
)
"""Of a Deployment."""

READY: Final = (
    lines(
        "Ready pods",
        "none",
        "Pods that are ready.",
        ('sum(kube_pod_status_ready{@namespace, pod=~"@pods", condition="true"})', "ready"),
        whole=True,
    ),
)
"""Of anything else."""

SCALING: Final = (
    lines(
        "Autoscaler",
        "none",
        "Pods that the autoscaler has, and between which bounds it may choose.",
        ("kube_horizontalpodautoscaler_status_current_replicas{@autoscaler}", "now"),
        ("kube_horizontalpodautoscaler_spec_min_replicas{@autoscaler}", "at least"),
        ("kube_horizontalpodautoscaler_spec_max_replicas{@autoscaler}", "at most"),
        watch=("WorkloadAtMaximum", "StatefulAtMaximum"),
        whole=True,
    ),
)

LIFE: Final = (
    lines(
        "Restarts by container",
        "short",
        "Restarts of each container within 15 minutes.",
        (
            "sum by (namespace, pod, container) "
            f"(increase(kube_pod_container_status_restarts_total{{{_MINE}}}[15m]))",
            "{{pod}} {{container}}",
        ),
        watch=("PodRestarting",),
    ),
    state(
        "Pods that are ready",
        "Whether each pod is ready.",
        f'max by (pod) (kube_pod_status_ready{{{_MINE}, condition="true"}})',
        "{{pod}}",
        width=24,
        height=6,
    ),
)

USAGE: Final = (
    lines(
        "CPU by pod",
        "short",
        "CPUs that each pod uses.",
        (
            f"sum by (pod) (rate(container_cpu_usage_seconds_total{{{_RUNNING}}}[$__rate_interval]))",
            "{{pod}}",
        ),
    ),
    lines(
        "Memory by pod",
        "bytes",
        "Memory that each pod uses and cannot give back.",
        (f"sum by (pod) (container_memory_working_set_bytes{{{_RUNNING}}})", "{{pod}}"),
    ),
    lines(
        "Memory, of the limit",
        "percentunit",
        "Share of its memory limit that each container uses; at the limit it is killed.",
        (f"container:memory_working_set:ratio{{{_MINE}}}", "{{pod}} {{container}}"),
        watch=("ContainerMemoryHigh",),
        top=1,
    ),
    lines(
        "Waiting for CPU",
        "percentunit",
        "Share of the scheduling periods in which each container had to wait for CPU.",
        (f"container:cpu_throttled:ratio_rate5m{{{_MINE}}}", "{{pod}} {{container}}"),
        watch=("ContainerThrottled",),
        top=1,
    ),
    lines(
        "Network in",
        "Bps",
        "Bytes a second that each pod receives.",
        (
            "sum by (pod) "
            f"(rate(container_network_receive_bytes_total{{@cadvisor, {_MINE}}}[$__rate_interval]))",
            "{{pod}}",
        ),
    ),
    lines(
        "Network out",
        "Bps",
        "Bytes a second that each pod sends.",
        (
            "sum by (pod) "
            f"(rate(container_network_transmit_bytes_total{{@cadvisor, {_MINE}}}[$__rate_interval]))",
            "{{pod}}",
        ),
    ),
)
"""What the kubelet of each node tells."""
