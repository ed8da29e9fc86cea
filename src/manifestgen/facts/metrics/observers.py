"""Metrics of probes, of Vault, and of what observes the platform.

Sources: the source code and shipped rule files of each project, at the version named beside it.
"""

from __future__ import annotations

from typing import Final

from manifestgen.facts.metrics.exporter import Exporter, Family

TARGETS: Final = Exporter(
    "prometheus, of every target",
    "3.14.0",
    9090,
    (
        Family("gauge", "bool", "", "up"),
        Family("gauge", "seconds", "", "scrape_duration_seconds"),
        Family(
            "gauge",
            "samples",
            "",
            "scrape_samples_post_metric_relabeling scrape_samples_scraped scrape_series_added",
        ),
    ),
)
"""What Prometheus says of each target that it scrapes."""

ALERTS: Final = Exporter(
    "prometheus, of every alert",
    "3.14.0",
    9090,
    (
        Family("gauge", "bool", "alertname alertstate", "ALERTS", values={"alertstate": "pending firing"}),
        Family("gauge", "timestamp", "alertname", "ALERTS_FOR_STATE"),
    ),
)
"""What Prometheus says of its alerts; each has the labels of the alert, too."""

BLACKBOX: Final = Exporter(
    "blackbox_exporter",
    "0.28.0",
    9115,
    (
        Family("gauge", "bool", "", "probe_success probe_http_ssl"),
        Family("gauge", "seconds", "", "probe_duration_seconds probe_dns_lookup_time_seconds"),
        Family("gauge", "", "", "probe_http_status_code"),
        Family("gauge", "seconds", "phase", "probe_http_duration_seconds probe_icmp_duration_seconds"),
        Family("gauge", "timestamp", "", "probe_ssl_earliest_cert_expiry"),
        Family(
            "gauge",
            "timestamp",
            "fingerprint_sha256? subject? issuer? subjectalternative? serialnumber?",
            "probe_ssl_last_chain_expiry_timestamp_seconds",
        ),
    ),
    path="/probe",
)

VAULT: Final = Exporter(
    "vault",
    "1.21",
    8200,
    (
        Family("gauge", "bool", "cluster?", "vault_core_active vault_core_unsealed"),
        Family("gauge", "requests", "cluster?", "vault_core_in_flight_requests"),
        Family(
            "summary",
            "milliseconds",
            "cluster?",
            """
            vault_barrier_get vault_barrier_put vault_core_handle_login_request vault_core_handle_request
            vault_core_leadership_lost vault_core_leadership_setup_failed
            """,
        ),
        Family(
            "counter",
            "",
            "cluster?",
            "vault_audit_log_request_failure vault_audit_log_response_failure",
        ),
        Family(
            "gauge",
            "leases",
            "cluster?",
            "vault_expire_num_irrevocable_leases vault_expire_num_leases",
        ),
        Family("gauge", "tokens", "cluster? namespace?", "vault_token_count"),
        Family("untyped", "", "cluster?", "vault_token_create_count"),
        Family("gauge", "bool", "cluster?", "vault_autopilot_healthy"),
        Family("gauge", "bool", "cluster? node_id?", "vault_autopilot_node_healthy"),
        Family("gauge", "nodes", "cluster?", "vault_autopilot_failure_tolerance"),
        Family("gauge", "bytes", "cluster?", "vault_runtime_alloc_bytes"),
        Family("gauge", "", "cluster?", "vault_runtime_num_goroutines"),
    ),
    path="/v1/sys/metrics",
)

PROMETHEUS: Final = Exporter(
    "prometheus",
    "3.14.0",
    9090,
    (
        Family("gauge", "bool", "", "prometheus_config_last_reload_successful"),
        Family("gauge", "", "", "prometheus_notifications_alertmanagers_discovered"),
        Family(
            "counter",
            "alerts",
            "alertmanager",
            "prometheus_notifications_errors_total prometheus_notifications_sent_total",
        ),
        Family(
            "gauge",
            "alerts",
            "alertmanager?",
            "prometheus_notifications_queue_capacity prometheus_notifications_queue_length",
        ),
        Family(
            "counter",
            "",
            "rule_group",
            "prometheus_rule_evaluation_failures_total prometheus_rule_group_iterations_missed_total",
        ),
        Family(
            "gauge",
            "seconds",
            "rule_group",
            "prometheus_rule_group_interval_seconds prometheus_rule_group_last_duration_seconds",
        ),
        Family(
            "counter",
            "",
            "scrape_job?",
            "prometheus_target_scrapes_exceeded_sample_limit_total prometheus_target_sync_failed_total",
        ),
        Family("gauge", "series", "", "prometheus_tsdb_head_series"),
        Family("counter", "samples", "type?", "prometheus_tsdb_head_samples_appended_total"),
        Family(
            "counter",
            "",
            "",
            "prometheus_tsdb_compactions_failed_total prometheus_tsdb_reloads_failures_total",
        ),
        Family("gauge", "bytes", "", "prometheus_tsdb_storage_blocks_bytes"),
        Family("gauge", "seconds", "", "prometheus_tsdb_retention_limit_seconds", since="2.49"),
    ),
)

ALERTMANAGER: Final = Exporter(
    "alertmanager",
    "0.34.0",
    9093,
    (
        Family("gauge", "bool", "", "alertmanager_config_last_reload_successful"),
        Family("gauge", "", "", "alertmanager_config_hash"),
        Family("gauge", "", "", "alertmanager_cluster_failed_peers alertmanager_cluster_members"),
        Family("counter", "", "integration receiver_name?", "alertmanager_notifications_total"),
        # `reason` came with 0.26, so a ratio of the two has to say which labels it matches by.
        Family(
            "counter",
            "",
            "integration reason? receiver_name?",
            "alertmanager_notifications_failed_total",
        ),
        Family("counter", "", "reason", "alertmanager_notifications_suppressed_total", since="0.27"),
        Family(
            "histogram", "seconds", "integration receiver_name?", "alertmanager_notification_latency_seconds"
        ),
        Family("gauge", "alerts", "state", "alertmanager_alerts"),
        Family("gauge", "silences", "state", "alertmanager_silences"),
        Family("counter", "alerts", "status? version?", "alertmanager_alerts_received_total"),
        Family("counter", "alerts", "version?", "alertmanager_alerts_invalid_total"),
    ),
)

LOKI: Final = Exporter(
    "loki",
    "3.7.6",
    3100,
    (
        Family("histogram", "seconds", "route status_code method ws?", "loki_request_duration_seconds"),
        Family("counter", "", "", "loki_panic_total"),
        Family("counter", "samples", "reason tenant? policy?", "loki_discarded_samples_total"),
        Family("gauge", "streams", "tenant?", "loki_ingester_memory_streams"),
    ),
)

TEMPO: Final = Exporter(
    "tempo",
    "3.0.3",
    3200,
    (
        Family("histogram", "seconds", "route status_code method? ws?", "tempo_request_duration_seconds"),
        Family("counter", "spans", "reason? tenant?", "tempo_discarded_spans_total"),
        Family(
            "counter",
            "",
            "tenant?",
            "tempodb_blocklist_poll_errors_total tempodb_compaction_errors_total",
        ),
    ),
)

JAEGER: Final = Exporter(
    "jaeger",
    "2.20.0",
    8888,
    (
        Family(
            "counter",
            "spans",
            "receiver transport? service_instance_id? service_name? service_version?",
            "otelcol_receiver_accepted_spans_total otelcol_receiver_refused_spans_total",
        ),
        Family(
            "counter",
            "spans",
            "exporter service_instance_id? service_name? service_version?",
            "otelcol_exporter_send_failed_spans_total otelcol_exporter_sent_spans_total",
        ),
        Family(
            "counter",
            "requests",
            "kind? name? operation? result? role? service_instance_id? service_name? service_version?",
            "jaeger_storage_requests_total",
        ),
        Family(
            "histogram",
            "seconds",
            "kind? name? operation? result? role? service_instance_id? service_name? service_version?",
            "jaeger_storage_latency_seconds",
        ),
    ),
)

GRAFANA: Final = Exporter(
    "grafana",
    "11.6",
    3000,
    (
        Family(
            "histogram",
            "seconds",
            "handler method status_code status_source? slo_group?",
            "grafana_http_request_duration_seconds",
        ),
    ),
)

OBSERVERS: Final = (
    TARGETS,
    ALERTS,
    BLACKBOX,
    VAULT,
    PROMETHEUS,
    ALERTMANAGER,
    LOKI,
    TEMPO,
    JAEGER,
    GRAFANA,
)
