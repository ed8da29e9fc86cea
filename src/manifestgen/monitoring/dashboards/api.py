"""Panels of what answers and works for people: web services, tasks of Celery, routes.

Their places are filled with the values that fill the rules of the same preset.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.dashboards.shapes import lines, number, state

_ERRORS: Final = ("WebErrorRateHigh", "WebErrorRateCritical")

WEB: Final = (
    number(
        "Requests",
        "reqps",
        "Requests a second, without those for probes and metrics.",
        "job:http_requests:rate5m{@of}",
    ),
    number(
        "Errors",
        "percentunit",
        "Share of the requests within 5 minutes that ended with a 5xx status.",
        "job:http_requests_errors:ratio_rate5m{@of}",
        watch=_ERRORS,
    ),
    number(
        "95 of 100 within",
        "s",
        "95 of 100 requests within 5 minutes were answered faster. Probes count, too.",
        "job:http_request_duration_seconds:p95_5m{@of}",
        watch=("WebLatencyP95High",),
    ),
    number(
        "99 of 100 within",
        "s",
        "99 of 100 requests within 5 minutes were answered faster. Probes count, too.",
        "job:http_request_duration_seconds:p99_5m{@of}",
        watch=("WebLatencyP99High",),
    ),
    number(
        "Pods that answer",
        "none",
        "Pods that Prometheus reaches.",
        "sum(up{@of})",
        whole=True,
    ),
    number(
        "Sent",
        "Bps",
        "Bytes of answers a second.",
        "sum(rate(http_response_size_bytes_sum{@of}[$__rate_interval]))",
    ),
    lines(
        "Requests by endpoint",
        "reqps",
        "Requests a second to each endpoint, without those for probes and metrics.",
        ('job_handler:http_requests:rate5m{@of, handler=~"$handler"}', "{{handler}}"),
        stacked=True,
    ),
    lines(
        "Share of errors",
        "percentunit",
        "Share of all requests that ended with a 5xx status. With next to no requests nobody is told.",
        ("job:http_requests_errors:ratio_rate5m{@of}", "5xx"),
        watch=_ERRORS,
    ),
    lines(
        "Share of errors by endpoint",
        "percentunit",
        "Share of the requests to each endpoint that ended with a 5xx status; endpoints without any are "
        "left out.",
        ('job_handler:http_requests_errors:ratio_rate5m{@of, handler=~"$handler"}', "{{handler}}"),
        watch=("WebEndpointErrorRateHigh",),
    ),
    lines(
        "Duration of most requests",
        "s",
        "Half of the requests, and 95 of 100, were answered faster than that. Probes count, too.",
        ("job:http_request_duration_seconds:p95_5m{@of}", "95 of 100"),
        (
            "histogram_quantile(0.5, sum by (le) (rate(http_request_duration_highr_seconds_bucket{@of}"
            "[$__rate_interval])))",
            "50 of 100",
        ),
        watch=("WebLatencyP95High",),
    ),
    lines(
        "Duration of the slowest requests",
        "s",
        "99 of 100 requests were answered faster than that. Probes count, too.",
        ("job:http_request_duration_seconds:p99_5m{@of}", "99 of 100"),
        watch=("WebLatencyP99High",),
    ),
    lines(
        "Mean duration by endpoint",
        "s",
        "How long an answer of each endpoint took on average.",
        (
            'sum by (handler) (rate(http_request_duration_seconds_sum{@of, handler=~"$handler"}'
            "[$__rate_interval]))\n  /\n"
            'sum by (handler) (rate(http_request_duration_seconds_count{@of, handler=~"$handler"}'
            "[$__rate_interval]))",
            "{{handler}}",
        ),
    ),
    lines(
        "Answers by status",
        "reqps",
        "Answers a second by their status, those to probes and to Prometheus among them.",
        ("sum by (status) (rate(http_requests_total{@of}[$__rate_interval]))", "{{status}}"),
        stacked=True,
        width=12,
    ),
    lines(
        "Size of answers",
        "bytes",
        "How large an answer is on average.",
        (
            "sum(rate(http_response_size_bytes_sum{@of}[$__rate_interval]))\n  /\n"
            "sum(rate(http_response_size_bytes_count{@of}[$__rate_interval]))",
            "mean",
        ),
        width=12,
    ),
)

CELERY: Final = (
    number(
        "Workers",
        "none",
        "Workers that have sent a heartbeat within the last five minutes.",
        "sum(celery_worker_up{@of}) or vector(0)",
        watch=("CeleryWorkersGone",),
        whole=True,
        width=6,
    ),
    number(
        "Tasks",
        "ops",
        "Tasks a second that workers received.",
        "job:celery_tasks_received:rate5m{@of}",
        width=6,
    ),
    number(
        "Failed",
        "percentunit",
        "Share of the tasks within 5 minutes that ended with an exception.",
        "job:celery_tasks_failed:ratio_rate5m{@of}",
        watch=("CeleryTaskFailureRateHigh",),
        width=6,
    ),
    number(
        "Waiting",
        "short",
        "Tasks that wait in all queues together.",
        "sum(job_queue_name:celery_queue_length:max{@of})",
        whole=True,
        width=6,
    ),
    lines(
        "Tasks and what became of them",
        "ops",
        "Tasks a second that were received, that succeeded and that failed.",
        ("job:celery_tasks_received:rate5m{@of}", "received"),
        ("job:celery_tasks_succeeded:rate5m{@of}", "succeeded"),
        ("job:celery_tasks_failed:rate5m{@of}", "failed"),
    ),
    lines(
        "Share of failures",
        "percentunit",
        "Share of the tasks that ended with an exception.",
        ("job:celery_tasks_failed:ratio_rate5m{@of}", "failed"),
        watch=("CeleryTaskFailureRateHigh",),
    ),
    lines(
        "Share of retries",
        "percentunit",
        "Share of the tasks that were tried again: something they need is gone or slow.",
        ("job:celery_tasks_retried:ratio_rate5m{@of}", "retried"),
        watch=("CeleryTaskRetryRateHigh",),
    ),
    lines(
        "Tasks that wait",
        "short",
        "Tasks in each queue.",
        ("job_queue_name:celery_queue_length:max{@of}", "{{queue_name}}"),
        watch=("CeleryQueueBacklog",),
        whole=True,
    ),
    lines(
        "Consumers by queue",
        "none",
        "Workers that take from each queue; a queue that has tasks needs one.",
        ("max by (queue_name) (celery_active_consumer_count{@of})", "{{queue_name}}"),
        whole=True,
    ),
    lines(
        "Duration by kind of task",
        "s",
        "95 of 100 tasks of each kind ended faster than that.",
        ("job_name:celery_task_runtime:p95_5m{@of}", "{{name}}"),
        watch=("CeleryTaskSlow",),
    ),
    lines(
        "Failures by kind and exception",
        "ops",
        "The ten most frequent failures a second.",
        (
            "topk(10, sum by (name, exception) (rate(celery_task_failed_total{@of}[$__rate_interval])))",
            "{{name}}: {{exception}}",
        ),
        width=12,
    ),
    lines(
        "Tasks at work",
        "none",
        "Tasks that each worker is at.",
        ("celery_worker_tasks_active{@of}", "{{hostname}}"),
        whole=True,
        stacked=True,
        width=12,
    ),
)

PROBES: Final = (
    state(
        "Reachable",
        "Whether a probe from inside the cluster reached each route by its public address.",
        "probe_success{@of}",
        "{{instance}}",
        watch=("RouteUnreachable",),
    ),
    lines(
        "Duration of a probe",
        "s",
        "How long each route took to answer a probe.",
        ("probe_duration_seconds{@of}", "{{instance}}"),
        watch=("RouteSlow",),
    ),
    lines(
        "Life left of the certificate",
        "s",
        "Time until the certificate that each route shows ends.",
        ("probe_ssl_earliest_cert_expiry{@of} - time()", "{{instance}}"),
        watch=("RouteCertificateExpires",),
    ),
)
