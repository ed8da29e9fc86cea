"""Metrics that Kubernetes, its nodes and what stands in front of it really export.

Sources: the source code and shipped rule files of each project, at the version named beside it.
"""

from __future__ import annotations

from typing import Final

from manifestgen.facts.metrics.exporter import Exporter, Family

_BOOLS: Final = "true false unknown"
_POD: Final = "namespace pod uid?"
_CONTAINER: Final = "namespace? pod? container? image? id? name?"
_INGRESS: Final = (
    "status method path namespace ingress service canary host? "
    "controller_class controller_namespace controller_pod"
)
_STATUS_CLASSES: Final = {"status": "[1-5]xx [1-5][0-9][0-9]"}

KUBE_STATE: Final = Exporter(
    "kube-state-metrics",
    "2.20.0",
    8080,
    (
        Family(
            "gauge",
            "pods",
            "namespace deployment",
            """
            kube_deployment_spec_replicas kube_deployment_status_replicas
            kube_deployment_status_replicas_available kube_deployment_status_replicas_ready
            kube_deployment_status_replicas_unavailable kube_deployment_status_replicas_updated
            """,
        ),
        Family(
            "gauge",
            "",
            "namespace deployment",
            "kube_deployment_metadata_generation kube_deployment_status_observed_generation",
        ),
        Family(
            "gauge",
            "bool",
            "namespace deployment condition status reason?",
            "kube_deployment_status_condition",
            values={"status": _BOOLS},
        ),
        Family(
            "gauge",
            "pods",
            "namespace statefulset",
            """
            kube_statefulset_replicas kube_statefulset_status_replicas
            kube_statefulset_status_replicas_available kube_statefulset_status_replicas_ready
            kube_statefulset_status_replicas_updated
            """,
        ),
        Family(
            "gauge",
            "pods",
            "namespace daemonset",
            """
            kube_daemonset_status_desired_number_scheduled kube_daemonset_status_number_available
            kube_daemonset_status_number_ready kube_daemonset_status_number_unavailable
            """,
        ),
        Family(
            "gauge",
            "info",
            f"{_POD} host_ip? pod_ip? node? created_by_kind? created_by_name? priority_class? host_network?",
            "kube_pod_info",
        ),
        Family("gauge", "info", f"{_POD} owner_kind? owner_name? owner_is_controller?", "kube_pod_owner"),
        Family(
            "gauge",
            "bool",
            f"{_POD} phase",
            "kube_pod_status_phase",
            values={"phase": "Pending Running Succeeded Failed Unknown"},
        ),
        Family("gauge", "bool", f"{_POD} condition", "kube_pod_status_ready", values={"condition": _BOOLS}),
        Family("gauge", "bool", f"{_POD} reason", "kube_pod_status_reason"),
        Family("counter", "restarts", f"{_POD} container", "kube_pod_container_status_restarts_total"),
        Family(
            "gauge",
            "bool",
            f"{_POD} container reason",
            "kube_pod_container_status_last_terminated_reason kube_pod_container_status_waiting_reason",
        ),
        Family(
            "gauge",
            "",
            f"{_POD} container node? resource unit",
            "kube_pod_container_resource_limits kube_pod_container_resource_requests",
        ),
        Family(
            "gauge",
            "bool",
            "node condition status",
            "kube_node_status_condition",
            values={"status": _BOOLS},
        ),
        Family("gauge", "", "node resource unit", "kube_node_status_allocatable kube_node_status_capacity"),
        Family("gauge", "bool", "node", "kube_node_spec_unschedulable"),
        Family(
            "gauge",
            "pods",
            "namespace horizontalpodautoscaler",
            """
            kube_horizontalpodautoscaler_spec_max_replicas kube_horizontalpodautoscaler_spec_min_replicas
            kube_horizontalpodautoscaler_status_current_replicas
            kube_horizontalpodautoscaler_status_desired_replicas
            """,
        ),
        Family(
            "gauge",
            "bool",
            "namespace job_name condition",
            "kube_job_failed kube_job_complete",
            values={"condition": _BOOLS},
        ),
        Family("gauge", "pods", "namespace job_name reason?", "kube_job_status_failed"),
        Family("gauge", "pods", "namespace job_name", "kube_job_status_active kube_job_status_succeeded"),
        Family("gauge", "timestamp", "namespace job_name", "kube_job_status_start_time"),
        Family(
            "gauge",
            "info",
            "namespace job_name owner_kind? owner_name? owner_is_controller?",
            "kube_job_owner",
        ),
        Family(
            "gauge",
            "timestamp",
            "namespace cronjob",
            """
            kube_cronjob_next_schedule_time kube_cronjob_status_last_schedule_time
            kube_cronjob_status_last_successful_time
            """,
        ),
        Family("gauge", "bool", "namespace cronjob", "kube_cronjob_spec_suspend"),
        Family(
            "gauge",
            "bool",
            "namespace persistentvolumeclaim phase",
            "kube_persistentvolumeclaim_status_phase",
            values={"phase": "Pending Bound Lost"},
        ),
        Family(
            "gauge",
            "bytes",
            "namespace persistentvolumeclaim",
            "kube_persistentvolumeclaim_resource_requests_storage_bytes",
        ),
        Family(
            "gauge",
            "info",
            "namespace persistentvolumeclaim storageclass? volumename? volumemode?",
            "kube_persistentvolumeclaim_info",
        ),
        Family(
            "gauge",
            "bool",
            "persistentvolume phase",
            "kube_persistentvolume_status_phase",
            values={"phase": "Pending Available Bound Released Failed"},
        ),
        Family(
            "gauge",
            "pods",
            "namespace poddisruptionbudget",
            """
            kube_poddisruptionbudget_status_current_healthy kube_poddisruptionbudget_status_desired_healthy
            kube_poddisruptionbudget_status_pod_disruptions_allowed
            """,
        ),
        Family(
            "gauge",
            "",
            "namespace resourcequota resource type",
            "kube_resourcequota",
            values={"type": "hard used"},
        ),
        Family(
            "counter",
            "",
            "resource? result",
            "kube_state_metrics_list_total kube_state_metrics_watch_total",
        ),
    ),
)

CADVISOR: Final = Exporter(
    "cadvisor",
    "0.60.5",
    10250,
    (
        Family("counter", "seconds", f"{_CONTAINER} cpu?", "container_cpu_usage_seconds_total"),
        Family(
            "counter",
            "periods",
            _CONTAINER,
            "container_cpu_cfs_periods_total container_cpu_cfs_throttled_periods_total",
        ),
        Family(
            "gauge",
            "bytes",
            _CONTAINER,
            "container_memory_cache container_memory_rss container_memory_working_set_bytes",
        ),
        Family("gauge", "bytes", _CONTAINER, "container_spec_memory_limit_bytes", zero="no limit"),
        Family("gauge", "microseconds", _CONTAINER, "container_spec_cpu_quota"),
        Family(
            "counter",
            "bytes",
            f"{_CONTAINER} interface",
            "container_network_receive_bytes_total container_network_transmit_bytes_total",
        ),
        Family(
            "gauge", "bytes", f"{_CONTAINER} device?", "container_fs_limit_bytes container_fs_usage_bytes"
        ),
        Family(
            "counter",
            "bytes",
            f"{_CONTAINER} device?",
            "container_fs_reads_bytes_total container_fs_writes_bytes_total",
        ),
        Family("counter", "events", _CONTAINER, "container_oom_events_total"),
        Family("gauge", "timestamp", _CONTAINER, "container_start_time_seconds"),
        Family("gauge", "cores", "", "machine_cpu_cores"),
        Family("gauge", "bytes", "", "machine_memory_bytes"),
    ),
    path="/metrics/cadvisor",
)

KUBELET: Final = Exporter(
    "kubelet",
    "1.34",
    10250,
    (
        Family(
            "gauge",
            "bytes",
            "namespace persistentvolumeclaim",
            """
            kubelet_volume_stats_available_bytes kubelet_volume_stats_capacity_bytes
            kubelet_volume_stats_used_bytes
            """,
        ),
        Family(
            "gauge",
            "inodes",
            "namespace persistentvolumeclaim",
            """
            kubelet_volume_stats_inodes kubelet_volume_stats_inodes_free kubelet_volume_stats_inodes_used
            """,
        ),
        Family("gauge", "pods", "", "kubelet_running_pods"),
        Family("gauge", "info", "node", "kubelet_node_name"),
    ),
)

NODE: Final = Exporter(
    "node_exporter",
    "1.12.1",
    9100,
    (
        Family(
            "counter",
            "seconds",
            "cpu mode",
            "node_cpu_seconds_total",
            values={"mode": "idle iowait irq nice softirq steal system user"},
        ),
        Family("gauge", "", "", "node_load1 node_load15 node_load5"),
        Family(
            "gauge",
            "bytes",
            "",
            """
            node_memory_MemAvailable_bytes node_memory_MemTotal_bytes node_memory_SwapFree_bytes
            """,
        ),
        Family("gauge", "bytes", "", "node_memory_SwapTotal_bytes", zero="no swap"),
        Family(
            "gauge",
            "bytes",
            "device fstype mountpoint device_error?",
            "node_filesystem_avail_bytes node_filesystem_size_bytes",
        ),
        Family(
            "gauge",
            "inodes",
            "device fstype mountpoint device_error?",
            "node_filesystem_files_free",
        ),
        Family(
            "gauge",
            "inodes",
            "device fstype mountpoint device_error?",
            "node_filesystem_files",
            zero="a file system that makes its inodes as it needs them",
        ),
        Family("gauge", "bool", "device fstype mountpoint device_error?", "node_filesystem_readonly"),
        Family(
            "counter",
            "seconds",
            "device",
            "node_disk_io_time_seconds_total node_disk_io_time_weighted_seconds_total",
        ),
        Family("counter", "bytes", "device", "node_disk_read_bytes_total node_disk_written_bytes_total"),
        Family("counter", "", "device", "node_disk_reads_completed_total node_disk_writes_completed_total"),
        Family(
            "counter",
            "bytes",
            "device",
            "node_network_receive_bytes_total node_network_transmit_bytes_total",
        ),
        Family(
            "counter",
            "packets",
            "device",
            """
            node_network_receive_drop_total node_network_receive_errs_total node_network_transmit_drop_total
            node_network_transmit_errs_total
            """,
        ),
        Family("gauge", "", "", "node_filefd_allocated node_filefd_maximum"),
        Family("gauge", "", "", "node_nf_conntrack_entries node_nf_conntrack_entries_limit"),
        Family("gauge", "seconds", "", "node_timex_maxerror_seconds node_timex_offset_seconds"),
        Family("gauge", "bool", "", "node_timex_sync_status"),
        Family("gauge", "timestamp", "", "node_boot_time_seconds node_time_seconds"),
        Family("untyped", "", "", "node_vmstat_oom_kill node_vmstat_pgmajfault"),
        Family(
            "counter",
            "seconds",
            "",
            """
            node_pressure_cpu_waiting_seconds_total node_pressure_io_waiting_seconds_total
            node_pressure_memory_waiting_seconds_total
            """,
        ),
        Family(
            "gauge",
            "bool",
            "name state type?",
            "node_systemd_unit_state",
            values={"state": "activating active deactivating failed inactive"},
        ),
    ),
)

INGRESS: Final = Exporter(
    "ingress-nginx",
    "1.15.1",
    10254,
    (
        Family("counter", "requests", _INGRESS, "nginx_ingress_controller_requests", values=_STATUS_CLASSES),
        Family(
            "histogram",
            "seconds",
            _INGRESS,
            """
            nginx_ingress_controller_connect_duration_seconds nginx_ingress_controller_header_duration_seconds
            nginx_ingress_controller_request_duration_seconds
            nginx_ingress_controller_response_duration_seconds
            """,
            values=_STATUS_CLASSES,
        ),
        Family(
            "histogram",
            "bytes",
            _INGRESS,
            "nginx_ingress_controller_bytes_sent nginx_ingress_controller_request_size "
            "nginx_ingress_controller_response_size",
            values=_STATUS_CLASSES,
        ),
        Family(
            "gauge",
            "connections",
            "controller_class controller_namespace controller_pod state",
            "nginx_ingress_controller_nginx_process_connections",
        ),
        Family(
            "gauge",
            "bool",
            "controller_class controller_namespace controller_pod",
            "nginx_ingress_controller_config_last_reload_successful",
        ),
        Family(
            "gauge",
            "timestamp",
            "controller_class controller_namespace controller_pod",
            "nginx_ingress_controller_config_last_reload_successful_timestamp_seconds",
        ),
        Family(
            "gauge",
            "timestamp",
            "namespace? class host secret_name identifier controller_class? controller_namespace? "
            "controller_pod?",
            "nginx_ingress_controller_ssl_expire_time_seconds",
        ),
        Family(
            "counter",
            "reloads",
            "controller_class controller_namespace controller_pod",
            "nginx_ingress_controller_errors nginx_ingress_controller_success",
        ),
        Family(
            "gauge",
            "bool",
            "namespace ingress type controller_class? controller_namespace? controller_pod?",
            "nginx_ingress_controller_orphan_ingress",
        ),
    ),
)

CERT_MANAGER: Final = Exporter(
    "cert-manager",
    "1.21.1",
    9402,
    (
        # 0 for a certificate that was never issued.
        Family(
            "gauge",
            "timestamp",
            "name namespace issuer_name issuer_kind issuer_group",
            """
            certmanager_certificate_expiration_timestamp_seconds
            certmanager_certificate_not_after_timestamp_seconds
            certmanager_certificate_not_before_timestamp_seconds
            certmanager_certificate_renewal_timestamp_seconds
            """,
            zero="it was never issued",
        ),
        Family(
            "gauge",
            "bool",
            "name namespace issuer_name issuer_kind issuer_group condition",
            "certmanager_certificate_ready_status",
            values={"condition": "True False Unknown"},
        ),
        Family(
            "gauge",
            "bool",
            "name namespace? condition",
            "certmanager_clusterissuer_ready_status certmanager_issuer_ready_status",
            values={"condition": "True False Unknown"},
        ),
        Family(
            "gauge",
            "bool",
            "status domain reason? processing name namespace type",
            "certmanager_certificate_challenge_status",
        ),
        Family(
            "counter",
            "requests",
            "scheme host action method status path?",
            "certmanager_http_acme_client_request_count",
        ),
        Family(
            "summary",
            "seconds",
            "scheme host action method status path?",
            "certmanager_http_acme_client_request_duration_seconds",
        ),
        Family(
            "counter",
            "",
            "controller",
            "certmanager_controller_sync_call_count certmanager_controller_sync_error_count",
        ),
    ),
)

CLUSTER: Final = (KUBE_STATE, CADVISOR, KUBELET, NODE, INGRESS, CERT_MANAGER)
