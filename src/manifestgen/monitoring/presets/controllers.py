"""What runs pods in other ways than a Deployment, as kube-state-metrics sees it."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.presets.kubernetes import AT_MAXIMUM
from manifestgen.monitoring.rules import Alert, Preset

STATEFUL: Final = Preset(
    "stateful",
    "Stateful workloads",
    "infrastructure",
    (),
    (
        Alert(
            "StatefulDown",
            severity="critical",
            for_="2m",
            expr='kube_statefulset_status_replicas_ready{@namespace, statefulset="@component"} == 0',
            summary="No pod of a stateful workload is ready",
            description="{{ $value }} pods of {{ $labels.statefulset }} are ready.",
        ),
        Alert(
            "StatefulReplicasLow",
            severity="warning",
            for_="10m",
            expr="""
            kube_statefulset_status_replicas_ready{@namespace, statefulset="@component"}
              <
            kube_statefulset_replicas{@namespace, statefulset="@component"}
            """,
            summary="A stateful workload has fewer pods than it should",
            description="{{ $value }} pods of {{ $labels.statefulset }} are ready.",
        ),
        Alert(
            "StatefulUpdateStuck",
            severity="warning",
            for_="1h",
            expr="""
            kube_statefulset_status_replicas_updated{@namespace, statefulset="@component"}
              <
            kube_statefulset_replicas{@namespace, statefulset="@component"}
            """,
            summary="A new version of a stateful workload does not reach all pods",
            description="{{ $value }} pods of {{ $labels.statefulset }} have the new version.",
        ),
        AT_MAXIMUM._replace(name="StatefulAtMaximum", summary="A stateful workload cannot grow any more"),
    ),
)
"""Made for each workload of type stateful."""

DAEMONS: Final = Preset(
    "daemons",
    "Daemons",
    "infrastructure",
    (),
    (
        Alert(
            "DaemonDown",
            severity="critical",
            for_="5m",
            expr="""
            kube_daemonset_status_number_available{@namespace, daemonset="@component"} == 0
              and on (namespace, daemonset)
            kube_daemonset_status_desired_number_scheduled{@namespace, daemonset="@component"} > 0
            """,
            summary="A daemon runs on no node",
            description="{{ $value }} pods of {{ $labels.daemonset }} are available.",
        ),
        Alert(
            "DaemonPodsMissing",
            severity="warning",
            for_="15m",
            expr="""
            kube_daemonset_status_number_available{@namespace, daemonset="@component"}
              <
            kube_daemonset_status_desired_number_scheduled{@namespace, daemonset="@component"}
            """,
            summary="A daemon does not run on every node that it should",
            description="{{ $labels.daemonset }} is available on {{ $value }} nodes.",
        ),
    ),
)
"""Made for each workload of type daemon."""

JOBS: Final = Preset(
    "jobs",
    "Jobs",
    "infrastructure",
    (),
    (
        Alert(
            "WorkloadJobFailed",
            severity="warning",
            for_="1m",
            expr='kube_job_failed{@namespace, job_name="@component", condition="true"} == 1',
            summary="A job of the platform failed",
            description="Job {{ $labels.job_name }} failed for good.",
        ),
    ),
)
"""Made for each workload of type job."""

CRON_JOBS: Final = Preset(
    "cronjobs",
    "Jobs by the clock",
    "infrastructure",
    (),
    (
        Alert(
            "CronJobFailed",
            severity="warning",
            for_="1m",
            expr='kube_job_failed{@namespace, job_name=~"@component-[0-9]+", condition="true"} == 1',
            summary="A job by the clock failed",
            description="Job {{ $labels.job_name }} failed for good.",
        ),
        Alert(
            "CronJobNotStarted",
            severity="warning",
            for_="5m",
            expr='time() - kube_cronjob_next_schedule_time{@namespace, cronjob="@component"} > 3600',
            summary="A job by the clock did not start",
            description="{{ $labels.cronjob }} should have started {{ $value | humanizeDuration }} ago.",
        ),
        Alert(
            "CronJobNotSucceeded",
            severity="warning",
            for_="5m",
            expr="""
            time() - kube_cronjob_status_last_successful_time{@namespace, cronjob="@component"} > @patience
              and on (namespace, cronjob)
            kube_cronjob_spec_suspend{@namespace, cronjob="@component"} == 0
            """,
            summary="A job by the clock has not succeeded twice in a row",
            description="{{ $labels.cronjob }} last succeeded {{ $value | humanizeDuration }} ago.",
        ),
    ),
)
"""Made for each workload of type cronjob."""
