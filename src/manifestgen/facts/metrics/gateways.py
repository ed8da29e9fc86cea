"""Metrics of the proxies that implementations of the Gateway API start for a Gateway.

Sources: the source code and documents of Envoy, Envoy Gateway and Istio, at the version named beside it.
Both are Envoy inside, but Istio shows only some of its own figures and counts requests by names of its own.
"""

from __future__ import annotations

from typing import Final

from manifestgen.facts.metrics.exporter import Exporter, Family

_CLASSES: Final = {"envoy_response_code_class": "1 2 3 4 5"}
_ISTIO: Final = """
reporter source_workload source_workload_namespace source_principal source_app source_version source_cluster
source_canonical_service source_canonical_revision destination_workload destination_workload_namespace
destination_principal destination_app destination_version destination_cluster destination_service
destination_service_name destination_service_namespace destination_canonical_service
destination_canonical_revision request_protocol response_code response_flags grpc_response_status
connection_security_policy
"""
_REPORTERS: Final = {"reporter": "source destination waypoint"}

ENVOY_GATEWAY: Final = Exporter(
    "envoy-gateway",
    "1.9.0",
    19001,
    (
        # A cluster is a rule of a route: httproute/NAMESPACE/NAME/rule/0.
        Family(
            "counter",
            "requests",
            "envoy_cluster_name envoy_response_code_class",
            "envoy_cluster_upstream_rq_xx",
            values=_CLASSES,
        ),
        Family(
            "counter",
            "requests",
            "envoy_cluster_name",
            """
            envoy_cluster_upstream_rq_total envoy_cluster_upstream_rq_timeout envoy_cluster_upstream_rq_retry
            envoy_cluster_upstream_rq_pending_overflow
            """,
        ),
        Family(
            "histogram",
            "milliseconds",
            "envoy_cluster_name",
            "envoy_cluster_upstream_rq_time",
        ),
        Family(
            "counter",
            "connections",
            "envoy_cluster_name",
            "envoy_cluster_upstream_cx_total envoy_cluster_upstream_cx_connect_fail",
        ),
        Family("gauge", "connections", "envoy_cluster_name", "envoy_cluster_upstream_cx_active"),
        Family(
            "gauge",
            "pods",
            "envoy_cluster_name",
            "envoy_cluster_membership_healthy envoy_cluster_membership_total",
        ),
        Family(
            "counter",
            "requests",
            "envoy_http_conn_manager_prefix envoy_response_code_class",
            "envoy_http_downstream_rq_xx",
            values=_CLASSES,
        ),
        Family("gauge", "connections", "envoy_http_conn_manager_prefix", "envoy_http_downstream_cx_active"),
        Family(
            "counter",
            "",
            "envoy_http_conn_manager_prefix envoy_rds_route_config",
            "envoy_http_rds_update_rejected envoy_http_rds_update_success",
        ),
        Family(
            "counter",
            "",
            "",
            """
            envoy_listener_manager_lds_update_rejected envoy_listener_manager_lds_update_success
            envoy_cluster_manager_cds_update_rejected envoy_cluster_manager_cds_update_success
            """,
        ),
        Family("gauge", "bool", "", "envoy_control_plane_connected_state envoy_server_live"),
    ),
    path="/stats/prometheus",
)

ISTIO: Final = Exporter(
    "istio",
    "1.31.0",
    15090,
    (
        Family("counter", "requests", _ISTIO, "istio_requests_total", values=_REPORTERS),
        Family("histogram", "milliseconds", _ISTIO, "istio_request_duration_milliseconds", values=_REPORTERS),
        Family("histogram", "bytes", _ISTIO, "istio_request_bytes istio_response_bytes", values=_REPORTERS),
        Family(
            "counter",
            "",
            "",
            """
            envoy_listener_manager_lds_update_rejected envoy_listener_manager_lds_update_success
            envoy_cluster_manager_cds_update_rejected envoy_cluster_manager_cds_update_success
            """,
        ),
        Family("gauge", "bool", "", "envoy_server_live"),
    ),
    path="/stats/prometheus",
)

GATEWAYS: Final = (ENVOY_GATEWAY, ISTIO)
