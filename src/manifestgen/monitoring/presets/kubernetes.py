"""Workloads and data services as Kubernetes sees them: kube-state-metrics, cAdvisor and kubelet."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

AT_MAXIMUM: Final = Alert(
    "WorkloadAtMaximum",
    severity="warning",
    for_="15m",
    expr="""
    kube_horizontalpodautoscaler_status_current_replicas{
      @namespace, horizontalpodautoscaler=~"(keda-hpa-)?@component"
    } >= @most
    """,
    summary="A workload cannot grow any more",
    description="{{ $labels.horizontalpodautoscaler }} runs {{ $value }} pods, as many as it may.",
)

WORKLOADS: Final = Preset(
    "workloads",
    "Workloads",
    "api",
    (),
    (
        Alert(
            "WorkloadDown",
            severity="critical",
            for_="2m",
            expr="""
            @available == 0@sure
            """,
            summary="No pod of a workload is available",
            description="{{ $value }} pods of @whose are available.",
        ),
        Alert(
            "WorkloadReplicasLow",
            severity="warning",
            for_="10m",
            expr="""
            @available < @fewest@sure
            """,
            summary="A workload has fewer pods than it should",
            description="{{ $value }} pods of @whose are available, at least @fewest should be.",
        ),
        AT_MAXIMUM,
        Alert(
            "WorkloadRolloutStuck",
            severity="warning",
            for_="5m",
            expr="""
            kube_deployment_status_condition{
              @namespace, deployment="@component", condition="Progressing", status="false"
            } == 1
            """,
            summary="A new version of a workload does not start",
            description="The rollout of {{ $labels.deployment }} makes no progress.",
        ),
    ),
)
"""Made for each workload; of an autoscaler only when it has one.

``@available`` is the number of its pods that are ready, ``@sure`` what must be so for that to be believed,
``@whose`` the workload.
"""

PODS: Final = Preset(
    "pods",
    "Pods",
    "infrastructure",
    (),
    (
        Alert(
            "KubeStateMetricsDown",
            severity="warning",
            for_="5m",
            expr="absent(up{@of} == 1)",
            summary="Nothing is known about the objects of Kubernetes",
            description="Prometheus cannot reach kube-state-metrics; the alerts on pods and rollouts "
            "are blind.",
        ),
        Alert(
            "PodRestarting",
            severity="warning",
            keep_firing_for="10m",
            expr="""
            sum by (namespace, pod, container) (
              increase(kube_pod_container_status_restarts_total{@namespace}[15m])
            ) > @restarts
            """,
            summary="A container restarts again and again",
            description="{{ $labels.container }} in {{ $labels.pod }} restarted "
            "{{ $value | humanize }} times "
            "within 15 minutes.",
        ),
        Alert(
            "PodCrashLooping",
            severity="warning",
            for_="5m",
            expr="""
            kube_pod_container_status_waiting_reason{
              @namespace, reason="CrashLoopBackOff"
            } == 1
            """,
            summary="A container crashes as soon as it starts",
            description="{{ $labels.container }} in {{ $labels.pod }} is held back after crashing.",
        ),
        Alert(
            "PodImagePullFailing",
            severity="warning",
            for_="5m",
            expr="""
            kube_pod_container_status_waiting_reason{
              @namespace, reason=~"ErrImagePull|ImagePullBackOff"
            } == 1
            """,
            summary="An image cannot be pulled",
            description="{{ $labels.container }} in {{ $labels.pod }} waits for its image: "
            "{{ $labels.reason }}.",
        ),
        Alert(
            "PodNotRunning",
            severity="warning",
            for_="15m",
            expr="""
            sum by (namespace, pod) (
              kube_pod_status_phase{@namespace, phase=~"Pending|Unknown|Failed"}
            ) > 0
            """,
            summary="A pod does not run",
            description="{{ $labels.pod }} is pending, unknown or failed.",
        ),
        Alert(
            "ContainerOutOfMemory",
            severity="warning",
            keep_firing_for="10m",
            expr="""
            increase(kube_pod_container_status_restarts_total{@namespace}[10m]) > 0
              and on (namespace, pod, container)
            kube_pod_container_status_last_terminated_reason{@namespace, reason="OOMKilled"} == 1
            """,
            summary="A container was killed for using too much memory",
            description="{{ $labels.container }} in {{ $labels.pod }} reached its memory limit.",
        ),
        Alert(
            "StatefulSetReplicasMissing",
            severity="warning",
            for_="10m",
            expr="""
            kube_statefulset_status_replicas_ready{@namespace@other_sets}
              <
            kube_statefulset_replicas{@namespace@other_sets}
            """,
            summary="A data service has fewer pods than it should",
            description="{{ $value }} pods of {{ $labels.statefulset }} are ready.",
        ),
        Alert(
            "JobFailed",
            severity="warning",
            for_="1m",
            expr='kube_job_failed{@namespace@other_jobs, condition="true"} == 1',
            summary="A job failed",
            description="Job {{ $labels.job_name }} failed for good.",
        ),
    ),
)

CONTAINERS: Final = Preset(
    "containers",
    "Containers and volumes",
    "infrastructure",
    (
        # The pod's own cgroup has neither container nor image: counting it would count everything twice.
        Record(
            "container:memory_working_set:ratio",
            """
            max by (namespace, pod, container) (
              container_memory_working_set_bytes{@cadvisor, @namespace, container!="", image!=""}
            )
              /
            max by (namespace, pod, container) (
              container_spec_memory_limit_bytes{@cadvisor, @namespace, container!="", image!=""} > 0
            )
            """,
        ),
        Record(
            "container:cpu_throttled:ratio_rate5m",
            """
            sum by (namespace, pod, container) (
              rate(container_cpu_cfs_throttled_periods_total{@cadvisor, @namespace, container!=""}[5m])
            )
              /
            (
              sum by (namespace, pod, container) (
                rate(container_cpu_cfs_periods_total{@cadvisor, @namespace, container!=""}[5m])
              ) > 0
            )
            """,
        ),
        Record(
            "persistentvolumeclaim:volume_used:ratio",
            """
            1
              -
            max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{@all, @namespace})
              /
            max by (namespace, persistentvolumeclaim) (
              kubelet_volume_stats_capacity_bytes{@all, @namespace} > 0
            )
            """,
        ),
        Record(
            "persistentvolumeclaim:volume_inodes_used:ratio",
            """
            1
              -
            max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_inodes_free{@all, @namespace})
              /
            max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_inodes{@all, @namespace} > 0)
            """,
        ),
    ),
    (
        Alert(
            "KubeletDown",
            severity="warning",
            for_="10m",
            expr="up{@of} == 0",
            summary="A node tells nothing about its containers and volumes",
            description="Prometheus cannot reach the kubelet of {{ $labels.instance }}.",
        ),
        Alert(
            "ContainerMemoryHigh",
            severity="warning",
            for_="15m",
            expr="container:memory_working_set:ratio{@namespace} > @memory",
            summary="A container is about to reach its memory limit",
            description="{{ $labels.container }} in {{ $labels.pod }} uses "
            "{{ $value | humanizePercentage }} of it.",
        ),
        Alert(
            "ContainerThrottled",
            severity="info",
            for_="30m",
            expr="container:cpu_throttled:ratio_rate5m{@namespace} > @throttling",
            summary="A container has to wait for CPU",
            description="{{ $labels.container }} in {{ $labels.pod }} waited in "
            "{{ $value | humanizePercentage }} "
            "of its periods.",
        ),
        Alert(
            "VolumeFillingUp",
            severity="warning",
            for_="15m",
            expr="persistentvolumeclaim:volume_used:ratio{@namespace} > @volume_warning",
            summary="A volume is filling up",
            description="{{ $value | humanizePercentage }} of {{ $labels.persistentvolumeclaim }} is taken.",
        ),
        Alert(
            "VolumeNearlyFull",
            severity="critical",
            for_="5m",
            expr="persistentvolumeclaim:volume_used:ratio{@namespace} > @volume_critical",
            summary="A volume is nearly full",
            description="{{ $value | humanizePercentage }} of {{ $labels.persistentvolumeclaim }} is taken.",
        ),
        Alert(
            "VolumeFullSoon",
            severity="warning",
            for_="1h",
            expr="""
            predict_linear(kubelet_volume_stats_available_bytes{@of, @namespace}[6h], 4 * 24 * 3600) < 0
              and on (namespace, persistentvolumeclaim)
            persistentvolumeclaim:volume_used:ratio{@namespace} > 0.5
            """,
            summary="A volume will be full within four days",
            description="{{ $labels.persistentvolumeclaim }} fills up at the pace of the last six hours.",
        ),
        Alert(
            "VolumeInodesNearlyUsed",
            severity="warning",
            for_="15m",
            expr="persistentvolumeclaim:volume_inodes_used:ratio{@namespace} > @volume_critical",
            summary="A volume can hardly take any more files",
            description="{{ $value | humanizePercentage }} of the inodes of "
            "{{ $labels.persistentvolumeclaim }} "
            "are taken.",
        ),
    ),
)
