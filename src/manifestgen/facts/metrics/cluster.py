"""Metrics that the cluster and its observers really export, with their types.

Sources: the source code and shipped rule files of each project, at the version named beside it;
the telemetry stack stands under Prometheus.
"""

from __future__ import annotations

from typing import Final

from manifestgen.facts.metrics.exporter import Exporter

CLUSTER: Final = (
    Exporter(
        "kube-state-metrics",
        "2.20.0",
        counters="""
            kube_pod_container_status_restarts_total kube_state_metrics_list_total
            kube_state_metrics_watch_total
        """,
        gauges="""
            kube_cronjob_next_schedule_time kube_cronjob_spec_suspend
            kube_cronjob_status_last_successful_time
            kube_daemonset_status_desired_number_scheduled
            kube_daemonset_status_number_available kube_daemonset_status_number_ready
            kube_deployment_metadata_generation kube_deployment_spec_replicas
            kube_deployment_status_condition kube_deployment_status_observed_generation
            kube_deployment_status_replicas_available kube_deployment_status_replicas_ready
            kube_deployment_status_replicas_updated
            kube_horizontalpodautoscaler_spec_max_replicas
            kube_horizontalpodautoscaler_spec_min_replicas
            kube_horizontalpodautoscaler_status_current_replicas
            kube_horizontalpodautoscaler_status_desired_replicas kube_job_failed
            kube_job_status_active kube_job_status_failed kube_job_status_start_time
            kube_node_spec_unschedulable kube_node_status_allocatable kube_node_status_capacity
            kube_node_status_condition kube_persistentvolume_status_phase
            kube_persistentvolumeclaim_resource_requests_storage_bytes
            kube_persistentvolumeclaim_status_phase kube_pod_container_resource_limits
            kube_pod_container_resource_requests
            kube_pod_container_status_last_terminated_reason
            kube_pod_container_status_waiting_reason kube_pod_info kube_pod_owner
            kube_pod_status_phase kube_pod_status_ready kube_pod_status_reason
            kube_poddisruptionbudget_status_current_healthy
            kube_poddisruptionbudget_status_desired_healthy kube_resourcequota
            kube_statefulset_replicas kube_statefulset_status_replicas_ready
            kube_statefulset_status_replicas_updated
        """,
    ),
    Exporter(
        "cadvisor and kubelet",
        "0.60.5",
        counters="""
            container_cpu_cfs_periods_total container_cpu_cfs_throttled_periods_total
            container_cpu_usage_seconds_total container_fs_reads_bytes_total
            container_fs_writes_bytes_total container_network_receive_bytes_total
            container_network_transmit_bytes_total container_oom_events_total
        """,
        gauges="""
            container_fs_limit_bytes container_fs_usage_bytes container_memory_cache
            container_memory_rss container_memory_working_set_bytes container_spec_cpu_quota
            container_spec_memory_limit_bytes container_start_time_seconds kubelet_node_name
            kubelet_running_pods kubelet_volume_stats_available_bytes
            kubelet_volume_stats_capacity_bytes kubelet_volume_stats_inodes
            kubelet_volume_stats_inodes_free kubelet_volume_stats_used_bytes machine_cpu_cores
            machine_memory_bytes
        """,
    ),
    Exporter(
        "node_exporter",
        "1.12.1",
        counters="""
            node_cpu_seconds_total node_disk_io_time_seconds_total
            node_disk_io_time_weighted_seconds_total node_disk_read_bytes_total
            node_disk_reads_completed_total node_disk_writes_completed_total
            node_disk_written_bytes_total node_network_receive_bytes_total
            node_network_receive_drop_total node_network_receive_errs_total
            node_network_transmit_bytes_total node_network_transmit_drop_total
            node_network_transmit_errs_total node_pressure_cpu_waiting_seconds_total
            node_pressure_io_waiting_seconds_total node_pressure_memory_waiting_seconds_total
        """,
        gauges="""
            node_boot_time_seconds node_filefd_allocated node_filefd_maximum
            node_filesystem_avail_bytes node_filesystem_files node_filesystem_files_free
            node_filesystem_readonly node_filesystem_size_bytes node_load1 node_load15
            node_load5 node_memory_MemAvailable_bytes node_memory_MemTotal_bytes
            node_memory_SwapFree_bytes node_memory_SwapTotal_bytes node_nf_conntrack_entries
            node_nf_conntrack_entries_limit node_systemd_unit_state node_time_seconds
            node_timex_maxerror_seconds node_timex_offset_seconds node_timex_sync_status
        """,
        untyped="""
            node_vmstat_oom_kill node_vmstat_pgmajfault
        """,
    ),
    Exporter(
        "ingress-nginx",
        "1.15.1",
        counters="""
            nginx_ingress_controller_errors nginx_ingress_controller_requests
            nginx_ingress_controller_success
        """,
        gauges="""
            nginx_ingress_controller_config_last_reload_successful
            nginx_ingress_controller_config_last_reload_successful_timestamp_seconds
            nginx_ingress_controller_nginx_process_connections
            nginx_ingress_controller_orphan_ingress
            nginx_ingress_controller_ssl_expire_time_seconds
        """,
        histograms="""
            nginx_ingress_controller_connect_duration_seconds
            nginx_ingress_controller_header_duration_seconds
            nginx_ingress_controller_request_duration_seconds
            nginx_ingress_controller_request_size
            nginx_ingress_controller_response_duration_seconds
            nginx_ingress_controller_response_size
        """,
    ),
    Exporter(
        "cert-manager",
        "1.21.1",
        counters="""
            certmanager_controller_sync_call_count certmanager_controller_sync_error_count
            certmanager_http_acme_client_request_count
        """,
        gauges="""
            certmanager_certificate_challenge_status
            certmanager_certificate_expiration_timestamp_seconds
            certmanager_certificate_not_after_timestamp_seconds
            certmanager_certificate_not_before_timestamp_seconds
            certmanager_certificate_ready_status
            certmanager_certificate_renewal_timestamp_seconds
            certmanager_clusterissuer_ready_status certmanager_issuer_ready_status
        """,
        summaries="""
            certmanager_http_acme_client_request_duration_seconds
        """,
    ),
    Exporter(
        "blackbox_exporter",
        "0.28.0",
        gauges="""
            probe_dns_lookup_time_seconds probe_duration_seconds probe_http_duration_seconds
            probe_http_ssl probe_http_status_code probe_icmp_duration_seconds
            probe_ssl_earliest_cert_expiry probe_ssl_last_chain_expiry_timestamp_seconds
            probe_success
        """,
    ),
    Exporter(
        "vault",
        "1.21",
        counters="""
            vault_audit_log_request_failure vault_audit_log_response_failure
        """,
        gauges="""
            vault_autopilot_failure_tolerance vault_autopilot_healthy
            vault_autopilot_node_healthy vault_core_active vault_core_in_flight_requests
            vault_core_unsealed vault_expire_num_irrevocable_leases vault_expire_num_leases
            vault_runtime_alloc_bytes vault_runtime_num_goroutines vault_token_count
        """,
        summaries="""
            vault_barrier_get vault_barrier_put vault_core_handle_login_request
            vault_core_handle_request vault_core_leadership_lost
            vault_core_leadership_setup_failed
        """,
        untyped="""
            vault_token_create_count
        """,
    ),
    Exporter(
        "prometheus, alertmanager and the telemetry stack",
        "3.14.0",
        counters="""
            alertmanager_alerts_invalid_total alertmanager_alerts_received_total
            alertmanager_notifications_failed_total alertmanager_notifications_suppressed_total
            alertmanager_notifications_total jaeger_storage_requests_total
            loki_discarded_samples_total loki_panic_total
            otelcol_exporter_send_failed_spans_total otelcol_exporter_sent_spans_total
            otelcol_receiver_accepted_spans_total otelcol_receiver_refused_spans_total
            prometheus_notifications_errors_total prometheus_notifications_sent_total
            prometheus_rule_evaluation_failures_total
            prometheus_rule_group_iterations_missed_total
            prometheus_target_scrapes_exceeded_sample_limit_total
            prometheus_target_sync_failed_total prometheus_tsdb_compactions_failed_total
            prometheus_tsdb_head_samples_appended_total prometheus_tsdb_reloads_failures_total
            tempo_discarded_spans_total tempodb_blocklist_poll_errors_total
            tempodb_compaction_errors_total
        """,
        gauges="""
            ALERTS ALERTS_FOR_STATE alertmanager_alerts alertmanager_cluster_failed_peers
            alertmanager_cluster_members alertmanager_config_hash
            alertmanager_config_last_reload_successful alertmanager_silences
            loki_ingester_memory_streams prometheus_config_last_reload_successful
            prometheus_notifications_alertmanagers_discovered
            prometheus_notifications_queue_capacity prometheus_notifications_queue_length
            prometheus_rule_group_interval_seconds prometheus_rule_group_last_duration_seconds
            prometheus_tsdb_head_series prometheus_tsdb_retention_limit_seconds
            prometheus_tsdb_storage_blocks_bytes scrape_duration_seconds
            scrape_samples_post_metric_relabeling scrape_samples_scraped scrape_series_added up
        """,
        histograms="""
            alertmanager_notification_latency_seconds grafana_http_request_duration_seconds
            jaeger_storage_latency_seconds loki_request_duration_seconds
            tempo_request_duration_seconds
        """,
    ),
)
