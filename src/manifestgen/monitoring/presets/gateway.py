"""The proxies of a Gateway by their own metrics.

The figures have the names of the implementation: ``monitoring.gateways`` fills them in. What an
implementation calls a backend is a rule of a route to one, and a Service to another.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.rules import Alert, Preset, Record

RECORDS: Final = (
    Record(
        "backend:gateway_requests:rate5m",
        "sum by (@same) (rate(@requests{@all, @served}[5m]))",
    ),
    Record(
        "backend:gateway_requests_errors:ratio_rate5m",
        """
        sum by (@same) (rate(@requests{@all, @served, @failed}[5m]))
          /
        (backend:gateway_requests:rate5m{@served} > 0)
        """,
    ),
    # The proxies measure in milliseconds.
    Record(
        "backend:gateway_request_duration_seconds:p95_5m",
        """
        histogram_quantile(
          0.95,
          sum by (@same, le) (rate(@{durations}_bucket{@all, @served}[5m]))
        ) / 1000
        """,
    ),
)

ALERTS: Final = (
    Alert(
        "GatewayDown",
        severity="critical",
        for_="2m",
        expr="absent(up{@of} == 1)",
        summary="The Gateway does not answer",
        description="Prometheus reaches no proxy of the Gateway; no request comes in from outside.",
    ),
    Alert(
        "GatewayErrorRateHigh",
        severity="warning",
        for_="5m",
        expr="""
        backend:gateway_requests_errors:ratio_rate5m{@served} > @errors
          and
        backend:gateway_requests:rate5m{@served} > @quiet
        """,
        summary="The Gateway answers many requests with errors",
        description="{{ $value | humanizePercentage }} of the requests to {{ $labels.@backend }} "
        "end with 5xx.",
    ),
    Alert(
        "GatewayLatencyHigh",
        severity="warning",
        for_="10m",
        expr="backend:gateway_request_duration_seconds:p95_5m{@served} > @latency_p95",
        summary="Requests through the Gateway are slow",
        description="5 of 100 requests to {{ $labels.@backend }} take longer than "
        "{{ $value | humanizeDuration }}.",
    ),
    Alert(
        "GatewayConfigurationRejected",
        severity="warning",
        for_="1m",
        expr="@rejected",
        summary="The Gateway refuses its configuration",
        description="{{ $labels.instance }} refused what its controller sent within the last hour, and keeps "
        "what it had.",
    ),
    Alert(
        "GatewayControlPlaneLost",
        severity="warning",
        for_="10m",
        expr="envoy_control_plane_connected_state{@of} == 0",
        summary="A proxy of the Gateway hears nothing from its controller",
        description="{{ $labels.instance }} is not connected to the controller: changes of routes and new "
        "pods do not reach it.",
    ),
)

GATEWAY: Final = Preset("gateway", "Gateway", "infrastructure", RECORDS, ALERTS)
