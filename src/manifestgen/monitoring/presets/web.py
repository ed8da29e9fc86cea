"""Workloads of type web, by the figures of prometheus-fastapi-instrumentator.

Its label is `status`, grouped by default (`5xx`): `5..` matches that and full codes alike. What kubelet
and Prometheus ask for is not counted (`requests_of`), or a service that nobody uses would seem busy and
sound. The histogram of durations has no label for the path, so it knows no such difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from manifestgen.monitoring import promql
from manifestgen.monitoring.rules import Alert, Preset, Record
from manifestgen.spec.workloads import Workload, WorkloadBase


def requests_of(workloads: Mapping[str, Workload]) -> dict[str, str]:
    """The rates of requests and of failures of some workloads, without those for probes and metrics."""
    of: dict[str, list[str]] = {}
    for name, workload in workloads.items():
        of.setdefault(promql.matcher("handler", unasked(workload), but=True), []).append(name)
    both = [f"{promql.matcher('job', names)}, {people}" for people, names in of.items()]
    return {
        "requests": " or ".join(f"rate(http_requests_total{{{one}}}[5m])" for one in both),
        "failures": " or ".join(f'rate(http_requests_total{{{one}, status=~"5.."}}[5m])' for one in both),
    }


def unasked(workload: WorkloadBase) -> list[str]:
    """Paths that kubelet and Prometheus ask for, and no person."""
    checks = [probe.http.path for probe in workload.probes.by_kind().values() if probe.http]
    return sorted({*checks, *([workload.metrics.path] if workload.metrics else [])})


RECORDS: Final = (
    # A new pod has no series until somebody asks: as long as one runs, that is a zero, too.
    Record(
        "job:http_requests:rate5m",
        """
        sum by (job) (@requests)
          or
        sum by (job) (up{@all}) * 0
        """,
    ),
    # Without errors there is no series to divide: `or` makes it a zero while there are requests.
    Record(
        "job:http_requests_errors:rate5m",
        """
        sum by (job) (@failures)
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
        "sum by (job, handler) (@requests)",
    ),
    Record(
        "job_handler:http_requests_errors:ratio_rate5m",
        """
        sum by (job, handler) (@failures)
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
