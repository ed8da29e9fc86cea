"""Tasks and workers of Celery, by celery-exporter (one for each broker)."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

RECORDS: Final = (
    Record("job:celery_tasks_received:rate5m", "sum by (job) (rate(celery_task_received_total{@all}[5m]))"),
    # Failures carry the exception as a label, which must go before anything is divided.
    Record(
        "job:celery_tasks_failed:rate5m",
        """
        sum by (job) (rate(celery_task_failed_total{@all}[5m]))
          or
        sum by (job) (rate(celery_task_succeeded_total{@all}[5m])) * 0
        """,
    ),
    Record(
        "job:celery_tasks_succeeded:rate5m",
        """
        sum by (job) (rate(celery_task_succeeded_total{@all}[5m]))
          or
        job:celery_tasks_failed:rate5m{@all} * 0
        """,
    ),
    Record(
        "job:celery_tasks_failed:ratio_rate5m",
        """
        job:celery_tasks_failed:rate5m{@all}
          /
        (
          job:celery_tasks_failed:rate5m{@all}
            +
          job:celery_tasks_succeeded:rate5m{@all} > 0
        )
        """,
    ),
    Record(
        "job:celery_tasks_retried:ratio_rate5m",
        """
        sum by (job) (rate(celery_task_retried_total{@all}[5m]))
          /
        (job:celery_tasks_received:rate5m{@all} > 0)
        """,
    ),
    Record(
        "job_name:celery_task_runtime:p95_5m",
        """
        histogram_quantile(
          0.95,
          sum by (job, name, le) (rate(celery_task_runtime_bucket{@all}[5m]))
        )
        """,
    ),
    Record("job_queue_name:celery_queue_length:max", "max by (job, queue_name) (celery_queue_length{@all})"),
)

ALERTS: Final = (
    Alert(
        "CeleryExporterDown",
        severity="warning",
        for_="5m",
        expr="absent(up{@of} == 1)",
        summary="Nobody watches the tasks",
        description="Prometheus cannot reach celery-exporter, so the alerts on tasks and workers are blind.",
    ),
    # The exporter forgets a worker ten minutes after its last heartbeat, so none at all must count, too.
    Alert(
        "CeleryWorkersGone",
        severity="critical",
        for_="2m",
        expr="""
        (sum(celery_worker_up{@of}) or vector(0)) == 0
          and on ()
        up{@of} == 1
        """,
        summary="No worker takes tasks",
        description="{{ $value }} workers of Celery have sent a heartbeat within the last five minutes.",
    ),
    # A worker that left for good, in a rollout or when scaling in, looks like a dead one to the exporter:
    # what counts is a pod that is available and has no living worker. The exporter takes 5 minutes to notice.
    Alert(
        "CeleryWorkerDown",
        severity="warning",
        for_="10m",
        expr="""
        (sum(celery_worker_up{@of}) or vector(0))
          < on ()
        @running
          and on ()
        up{@of} == 1
        """,
        summary="Pods run whose workers send no heartbeats",
        description="Only {{ $value }} workers of Celery send heartbeats; more of their pods are available.",
    ),
    Alert(
        "CeleryTaskFailureRateHigh",
        severity="warning",
        for_="10m",
        expr="job:celery_tasks_failed:ratio_rate5m{@of} > @failures",
        summary="Many tasks fail",
        description="{{ $value | humanizePercentage }} of the tasks end with an exception.",
    ),
    Alert(
        "CeleryTaskRetryRateHigh",
        severity="warning",
        for_="15m",
        expr="job:celery_tasks_retried:ratio_rate5m{@of} > @retries",
        summary="Many tasks are tried again",
        description="{{ $value | humanizePercentage }} of the tasks are retried: something they need "
        "is gone or slow.",
    ),
    Alert(
        "CeleryQueueBacklog",
        severity="warning",
        for_="10m",
        expr="job_queue_name:celery_queue_length:max{@of} > @backlog",
        summary="Tasks pile up in a queue",
        description="{{ $value | humanize }} tasks wait in queue {{ $labels.queue_name }}.",
    ),
    Alert(
        "CeleryQueueUnattended",
        severity="warning",
        for_="10m",
        expr="""
        job_queue_name:celery_queue_length:max{@of} > 0
          and on (job, queue_name)
        celery_active_consumer_count{@of} == 0
        """,
        summary="Tasks wait in a queue that no worker takes from",
        description="{{ $value | humanize }} tasks wait in queue {{ $labels.queue_name }}, which has "
        "no consumer.",
    ),
    Alert(
        "CeleryTaskSlow",
        severity="warning",
        for_="15m",
        expr="job_name:celery_task_runtime:p95_5m{@of} > @runtime_p95",
        summary="A kind of task takes long",
        description="5 of 100 tasks {{ $labels.name }} take longer than {{ $value | humanizeDuration }}.",
    ),
)

CELERY: Final = Preset("celery", "Celery tasks and workers", "api", RECORDS, ALERTS)
