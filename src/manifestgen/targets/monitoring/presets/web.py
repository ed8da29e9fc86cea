"""Workloads of type web, by the figures of prometheus-fastapi-instrumentator.

Its label is `status`, grouped by default (`5xx`): `5..` matches that and full codes alike.
"""

from __future__ import annotations

from typing import Final

from manifestgen.targets.monitoring.rules import Alert, Preset, Record

RECORDS: Final = (
    Record("job:http_requests:rate5m", "sum by (job) (rate(http_requests_total{@all}[5m]))"),
    # Without errors there is no series to divide: `or` makes it a zero while there are requests.
    Record(
        "job:http_requests_errors:rate5m",
        """
        sum by (job) (rate(http_requests_total{@all, status=~"5.."}[5m]))
          or
        job:http_requests:rate5m{@all} * 0
        """,
    ),
    Record(
        "job:http_requests_errors:ratio_rate5m",
        "job:http_requests_errors:rate5m{@all} / (job:http_requests:rate5m{@all} > 0)",
    ),
    Record(
        "job_handler:http_requests:rate5m",
        "sum by (job, handler) (rate(http_requests_total{@all}[5m]))",
    ),
    Record(
        "job_handler:http_requests_errors:ratio_rate5m",
        """
        sum by (job, handler) (rate(http_requests_total{@all, status=~"5.."}[5m]))
          /
        (job_handler:http_requests:rate5m{@all} > 0)
        """,
    ),
    Record(
        "job:http_request_duration_seconds:p95_5m",
        """
        histogram_quantile(
          0.95,
          sum by (job, le) (rate(http_request_duration_highr_seconds_bucket{@all}[5m]))
        )
        """,
    ),
    Record(
        "job:http_request_duration_seconds:p99_5m",
        """
        histogram_quantile(
          0.99,
          sum by (job, le) (rate(http_request_duration_highr_seconds_bucket{@all}[5m]))
        )
        """,
    ),
)

ALERTS: Final = (
    Alert(
        "WebDown",
        severity="critical",
        for_="1m",
        expr="absent(up{@of} == 1)",
        summary="No pod of the service answers",
        description="Prometheus reaches no pod of @component: none runs, or none answers.",
    ),
    Alert(
        "WebErrorRateCritical",
        severity="critical",
        for_="5m",
        expr="""
        job:http_requests_errors:ratio_rate5m{@of} > @errors_critical
          and
        job:http_requests:rate5m{@of} > @quiet
        """,
        summary="The service fails many of its requests",
        description="{{ $value | humanizePercentage }} of the requests to {{ $labels.job }} end with "
        "a 5xx status.",
    ),
    Alert(
        "WebErrorRateHigh",
        severity="warning",
        for_="5m",
        expr="""
        job:http_requests_errors:ratio_rate5m{@of} > @errors_warning
          and
        job:http_requests:rate5m{@of} > @quiet
        """,
        summary="The service fails more requests than usual",
        description="{{ $value | humanizePercentage }} of the requests to {{ $labels.job }} end with "
        "a 5xx status.",
    ),
    Alert(
        "WebEndpointErrorRateHigh",
        severity="warning",
        for_="10m",
        expr="""
        job_handler:http_requests_errors:ratio_rate5m{@of} > @errors_critical
          and
        job_handler:http_requests:rate5m{@of} > @quiet
        """,
        summary="One endpoint of the service fails many of its requests",
        description="{{ $value | humanizePercentage }} of the requests to {{ $labels.handler }} of "
        "{{ $labels.job }} end with a 5xx status.",
    ),
    Alert(
        "WebLatencyP95High",
        severity="warning",
        for_="10m",
        expr="job:http_request_duration_seconds:p95_5m{@of} > @latency_p95",
        summary="The service is slow for 5 of 100 requests",
        description="5 of 100 requests to {{ $labels.job }} take longer than "
        "{{ $value | humanizeDuration }}.",
    ),
    Alert(
        "WebLatencyP99High",
        severity="warning",
        for_="10m",
        expr="job:http_request_duration_seconds:p99_5m{@of} > @latency_p99",
        summary="The service is slow for 1 of 100 requests",
        description="1 of 100 requests to {{ $labels.job }} takes longer than "
        "{{ $value | humanizeDuration }}.",
    ),
    Alert(
        "WebTrafficStopped",
        severity="warning",
        for_="10m",
        expr="""
        job:http_requests:rate5m{@of} == 0
          and
        job:http_requests:rate5m{@of} offset 1h > @quiet
        """,
        summary="The service gets no requests any more",
        description="{{ $labels.job }} gets {{ $value | humanize }} requests a second; an hour ago "
        "it had some.",
    ),
)

WEB: Final = Preset("web", "Web services", "api", RECORDS, ALERTS)
