"""Panels of what everything stands on: ingress, certificates, Vault, pods, volumes, nodes, and who watches.

Their places are filled with the values that fill the rules of the same preset.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.dashboards.shapes import lines, state

_EACH: Final = "{{instance}}"
_CONTAINER: Final = "{{pod}} {{container}}"
_RUNNING: Final = '@cadvisor, @namespace, container!="", image!=""'

INGRESS: Final = (
    lines(
        "Requests by route",
        "reqps",
        "Requests a second that the ingress controller passed on, by Ingress.",
        ("ingress:nginx_requests:rate5m{@namespace}", "{{ingress}}"),
        stacked=True,
    ),
    lines(
        "Share of errors",
        "percentunit",
        "Share of the requests to each Ingress that ended with a 5xx status.",
        ("ingress:nginx_requests_errors:ratio_rate5m{@namespace}", "{{ingress}}"),
        watch=("IngressErrorRateHigh",),
    ),
    lines(
        "Duration",
        "s",
        "95 of 100 requests to each Ingress were answered faster than that.",
        ("ingress:nginx_request_duration_seconds:p95_5m{@namespace}", "{{ingress}}"),
        watch=("IngressLatencyHigh",),
    ),
    state(
        "Configuration",
        "Whether each controller took its last configuration.",
        "nginx_ingress_controller_config_last_reload_successful{@of}",
        _EACH,
        watch=("IngressReloadFailed",),
        width=12,
        height=5,
    ),
    lines(
        "Connections",
        "short",
        "Open connections of each controller.",
        (
            'sum by (instance) (nginx_ingress_controller_nginx_process_connections{@of, state="active"})',
            _EACH,
        ),
        whole=True,
        width=12,
        height=5,
    ),
)

GATEWAY: Final = (
    lines(
        "Requests by backend",
        "reqps",
        "Requests a second that the Gateway passed on, by what they were for.",
        ("backend:gateway_requests:rate5m{@served}", "{{@backend}}"),
        stacked=True,
    ),
    lines(
        "Share of errors",
        "percentunit",
        "Share of the requests to each backend that ended with a 5xx status.",
        ("backend:gateway_requests_errors:ratio_rate5m{@served}", "{{@backend}}"),
        watch=("GatewayErrorRateHigh",),
    ),
    lines(
        "Duration",
        "s",
        "95 of 100 requests to each backend were answered faster than that.",
        ("backend:gateway_request_duration_seconds:p95_5m{@served}", "{{@backend}}"),
        watch=("GatewayLatencyHigh",),
    ),
    lines(
        "Configurations that were refused",
        "short",
        "How often each proxy refused listeners or backends that its controller sent, within an hour.",
        (
            "sum by (instance) (increase(envoy_listener_manager_lds_update_rejected{@of}[1h]))",
            f"{_EACH} listeners",
        ),
        (
            "sum by (instance) (increase(envoy_cluster_manager_cds_update_rejected{@of}[1h]))",
            f"{_EACH} backends",
        ),
        watch=("GatewayConfigurationRejected",),
        width=24,
        height=5,
    ),
)

CERTIFICATES: Final = (
    lines(
        "Life left",
        "s",
        "Time until each certificate ends; one that was never issued is left out.",
        ("certificate:certmanager_time_left_seconds:min{@namespace}", "{{name}}"),
        watch=("CertificateExpiresSoon", "CertificateExpires"),
        width=12,
    ),
    state(
        "Ready",
        "Whether each certificate is issued and valid.",
        'certmanager_certificate_ready_status{@of, @namespace, condition="True"}',
        "{{name}}",
        watch=("CertificateNotReady",),
        width=12,
    ),
)

VAULT: Final = (
    state(
        "Unsealed",
        "Whether each node that answers can give out secrets.",
        "vault_core_unsealed{@of}",
        _EACH,
        watch=("VaultSealed",),
    ),
    lines(
        "Requests in flight",
        "none",
        "Requests that Vault is at.",
        ("vault_core_in_flight_requests{@of}", _EACH),
        whole=True,
    ),
    lines(
        "Leases",
        "short",
        "Secrets that are given out and must be renewed or revoked.",
        ("vault_expire_num_leases{@of}", _EACH),
        whole=True,
    ),
)

PODS: Final = (
    lines(
        "Pods by phase",
        "none",
        "Pods of the namespace by their phase.",
        ("sum by (phase) (kube_pod_status_phase{@namespace})", "{{phase}}"),
        stacked=True,
        whole=True,
    ),
    lines(
        "Pods that are ready",
        "none",
        "Pods of the namespace that are ready, and that are not.",
        ('sum(kube_pod_status_ready{@namespace, condition="true"})', "ready"),
        ('sum(kube_pod_status_ready{@namespace, condition="false"})', "not ready"),
        stacked=True,
        whole=True,
    ),
    lines(
        "Restarts",
        "short",
        "Restarts of each container within 15 minutes.",
        (
            "sum by (namespace, pod, container) "
            "(increase(kube_pod_container_status_restarts_total{@namespace}[15m]))",
            _CONTAINER,
        ),
        watch=("PodRestarting",),
    ),
)

CONTAINERS: Final = (
    lines(
        "CPU",
        "short",
        "CPUs in use: the ten pods that use most.",
        (
            "topk(10, sum by (pod) (rate(container_cpu_usage_seconds_total{"
            + _RUNNING
            + "}[$__rate_interval])))",
            "{{pod}}",
        ),
    ),
    lines(
        "Memory, of the limit",
        "percentunit",
        "Share of its memory limit that a container uses: the ten nearest to it. At the limit it is killed.",
        ("topk(10, container:memory_working_set:ratio{@namespace})", _CONTAINER),
        watch=("ContainerMemoryHigh",),
        top=1,
    ),
    lines(
        "Waiting for CPU",
        "percentunit",
        "Share of the scheduling periods in which a container had to wait for CPU: the ten worst.",
        ("topk(10, container:cpu_throttled:ratio_rate5m{@namespace})", _CONTAINER),
        watch=("ContainerThrottled",),
        top=1,
    ),
    lines(
        "Volumes",
        "percentunit",
        "Share of each volume that is taken.",
        ("persistentvolumeclaim:volume_used:ratio{@namespace}", "{{persistentvolumeclaim}}"),
        watch=("VolumeFillingUp", "VolumeNearlyFull"),
        top=1,
    ),
    lines(
        "Inodes of volumes",
        "percentunit",
        "Share of the inodes of each volume that are taken: how many files it can still hold.",
        ("persistentvolumeclaim:volume_inodes_used:ratio{@namespace}", "{{persistentvolumeclaim}}"),
        watch=("VolumeInodesNearlyUsed",),
        top=1,
    ),
    lines(
        "Network",
        "Bps",
        "Bytes a second that all pods of the namespace receive and send.",
        ("sum(rate(container_network_receive_bytes_total{@cadvisor, @namespace}[$__rate_interval]))", "in"),
        ("sum(rate(container_network_transmit_bytes_total{@cadvisor, @namespace}[$__rate_interval]))", "out"),
    ),
)

NODES: Final = (
    lines(
        "CPU",
        "percentunit",
        "Share of the CPU of each node that is in use.",
        ("instance:node_cpu_used:ratio_rate5m{@of}", _EACH),
        watch=("NodeCpuHigh",),
        top=1,
    ),
    lines(
        "Memory",
        "percentunit",
        "Share of the memory of each node that is in use.",
        ("instance:node_memory_used:ratio{@of}", _EACH),
        watch=("NodeMemoryHigh",),
        top=1,
    ),
    lines(
        "Disks",
        "percentunit",
        "Share of each file system that is taken.",
        ("mountpoint:node_filesystem_used:ratio{@of}", "{{instance}} {{mountpoint}}"),
        watch=("NodeDiskFillingUp", "NodeDiskNearlyFull"),
        top=1,
    ),
    lines(
        "Load",
        "short",
        "Processes that run or wait to run, over five minutes.",
        ("node_load5{@of}", _EACH),
        width=6,
    ),
    lines(
        "Network",
        "Bps",
        "Bytes a second that each node receives and sends.",
        (
            'sum by (instance) (rate(node_network_receive_bytes_total{@of, device!="lo"}[$__rate_interval]))',
            "{{instance}} in",
        ),
        (
            "sum by (instance) "
            '(rate(node_network_transmit_bytes_total{@of, device!="lo"}[$__rate_interval]))',
            "{{instance}} out",
        ),
        width=6,
    ),
    lines(
        "Disks at work",
        "percentunit",
        "Share of the time in which the busiest disk of each node had something to do.",
        (
            "max by (instance) (rate(node_disk_io_time_seconds_total{@of}[$__rate_interval]))",
            _EACH,
        ),
        top=1,
        width=6,
    ),
    lines(
        "Clock",
        "s",
        "How far the clock of each node is off.",
        ("abs(node_timex_offset_seconds{@of})", _EACH),
        watch=("NodeClockWrong",),
        width=6,
    ),
)

CLUSTER_NODES: Final = (
    state(
        "Nodes that are ready",
        "Whether Kubernetes can use each node.",
        'kube_node_status_condition{@of, condition="Ready", status="true"}',
        "{{node}}",
        watch=("NodeNotReady",),
        width=24,
        height=6,
    ),
)

PROMETHEUS: Final = (
    lines(
        "Targets that answer",
        "percentunit",
        "Share of the targets of each job that Prometheus reaches.",
        ("job:up:ratio", "{{job}}"),
        watch=("TargetsDown",),
        top=1,
    ),
    lines(
        "Series",
        "short",
        "Series that Prometheus holds in memory.",
        ("prometheus_tsdb_head_series{@of}", _EACH),
        whole=True,
    ),
    lines(
        "Samples",
        "ops",
        "Samples a second that Prometheus takes in.",
        ("rate(prometheus_tsdb_head_samples_appended_total{@of}[$__rate_interval])", _EACH),
    ),
    lines(
        "Duration of rules",
        "s",
        "How long the last evaluation of each group took: the ten slowest.",
        ("topk(10, prometheus_rule_group_last_duration_seconds{@of})", "{{rule_group}}"),
        width=12,
    ),
    lines(
        "Disk space",
        "bytes",
        "What Prometheus' blocks take.",
        ("prometheus_tsdb_storage_blocks_bytes{@of}", _EACH),
        width=12,
    ),
)

ALERTMANAGER: Final = (
    lines(
        "Alerts",
        "none",
        "Alerts that Alertmanager knows, by what it does about them.",
        ("sum by (state) (alertmanager_alerts{@of})", "{{state}}"),
        whole=True,
    ),
    lines(
        "Messages",
        "ops",
        "Messages a second to each kind of receiver.",
        (
            "sum by (integration) (rate(alertmanager_notifications_total{@of}[$__rate_interval]))",
            "{{integration}}",
        ),
    ),
    lines(
        "Messages that fail",
        "percentunit",
        "Share of the messages to each kind of receiver that fail.",
        (
            "sum by (job, integration) (rate(alertmanager_notifications_failed_total{@of}[5m]))\n  /\n"
            "(sum by (job, integration) (rate(alertmanager_notifications_total{@of}[5m])) > 0)",
            "{{integration}}",
        ),
        watch=("AlertmanagerNotificationsFailing",),
    ),
)

OBSERVERS: Final = (
    state(
        "@component",
        "Whether Prometheus reaches each pod of @component.",
        "up{@of}",
        _EACH,
        width=6,
        height=5,
    ),
)
