"""The ingress controller by its own metrics, and the routes by probes.

The label `namespace` is that of the Ingress: the job keeps it with `honor_labels`.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

_BY: Final = "namespace, ingress"

RECORDS: Final = (
    Record(
        "ingress:nginx_requests:rate5m",
        f"sum by ({_BY}) (rate(nginx_ingress_controller_requests{{@all, @namespace}}[5m]))",
    ),
    Record(
        "ingress:nginx_requests_errors:ratio_rate5m",
        f"""
        sum by ({_BY}) (rate(nginx_ingress_controller_requests{{@all, @namespace, status=~"5.."}}[5m]))
          /
        (ingress:nginx_requests:rate5m{{@namespace}} > 0)
        """,
    ),
    Record(
        "ingress:nginx_request_duration_seconds:p95_5m",
        f"""
        histogram_quantile(
          0.95,
          sum by ({_BY}, le) (
            rate(nginx_ingress_controller_request_duration_seconds_bucket{{@all, @namespace}}[5m])
          )
        )
        """,
    ),
)

ALERTS: Final = (
    Alert(
        "IngressDown",
        severity="critical",
        for_="2m",
        expr="absent(up{@of} == 1)",
        summary="The ingress controller does not answer",
        description="Prometheus reaches no pod of the ingress controller; no request comes in from outside.",
    ),
    Alert(
        "IngressErrorRateHigh",
        severity="warning",
        for_="5m",
        expr="""
        ingress:nginx_requests_errors:ratio_rate5m{@namespace} > @errors
          and
        ingress:nginx_requests:rate5m{@namespace} > @quiet
        """,
        summary="A route answers many requests with errors",
        description="{{ $value | humanizePercentage }} of the requests to route "
        "{{ $labels.ingress }} end with 5xx.",
    ),
    Alert(
        "IngressLatencyHigh",
        severity="warning",
        for_="10m",
        expr="ingress:nginx_request_duration_seconds:p95_5m{@namespace} > @latency_p95",
        summary="A route is slow",
        description="5 of 100 requests to route {{ $labels.ingress }} take longer than "
        "{{ $value | humanizeDuration }}.",
    ),
    Alert(
        "IngressReloadFailed",
        severity="warning",
        for_="5m",
        expr="nginx_ingress_controller_config_last_reload_successful{@of} == 0",
        summary="The ingress controller refuses its configuration",
        description="{{ $labels.instance }} keeps an old configuration; often an annotation is wrong.",
    ),
)

INGRESS: Final = Preset("ingress", "Ingress controller", "infrastructure", RECORDS, ALERTS)

PROBES: Final = Preset(
    "probes",
    "Probes of the routes",
    "api",
    (),
    (
        Alert(
            "RouteProbeAbsent",
            severity="warning",
            for_="10m",
            expr="absent(probe_success{@of})",
            summary="No route is probed",
            description="Prometheus gets no results from blackbox-exporter.",
        ),
        # A failed probe is a successful scrape: `up` says nothing about it.
        Alert(
            "RouteUnreachable",
            severity="critical",
            for_="2m",
            expr="probe_success{@of} == 0",
            summary="A route cannot be reached by its public address",
            description="Probes of {{ $labels.instance }} from inside the cluster fail.",
        ),
        Alert(
            "RouteSlow",
            severity="warning",
            for_="10m",
            expr="probe_duration_seconds{@of} > @probe",
            summary="A route answers slowly to probes",
            description="A probe of {{ $labels.instance }} takes {{ $value | humanizeDuration }}.",
        ),
        Alert(
            "RouteCertificateExpires",
            severity="critical",
            for_="1h",
            expr="probe_ssl_earliest_cert_expiry{@of} - time() < @expiry_critical",
            summary="The certificate that a route shows is about to expire",
            description="The certificate of {{ $labels.instance }} ends in {{ $value | humanizeDuration }}.",
        ),
    ),
)
