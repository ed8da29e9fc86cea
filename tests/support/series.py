"""What the exporters of a platform export, as series for promtool: an hour and a half, once a minute.

The labels are those of ``facts/metrics`` and the exporters' own documents, not those that somebody asks for:
a query with a label that is not here gets no answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import promql_parser

from manifestgen.facts.metrics import series_type
from manifestgen.monitoring.gateways import GATEWAY_JOB
from manifestgen.monitoring.jobs import ScrapeJob, celery_job, jobs_of, namespace_of
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.slos import counters_of
from manifestgen.resolving import ResolvedPlatform

MINUTES: Final = 90
_EDGES: Final = ("0.01", "0.1", "0.5", "1.0", "5.0", "+Inf")

# One metric on each line, with the labels that the exporter itself puts on it, and a value where 1 is not one
# that the metric may have. `$ns` is the namespace of the platform, `$pod` a pod of the job.
WEB: Final = """
http_requests_total{method="GET", status="2xx", handler="/api/v1/companies"}
http_requests_total{method="POST", status="5xx", handler="/api/v1/companies"}
http_requests_total{method="GET", status="2xx", handler="/health/ready"}
http_request_duration_highr_seconds
http_request_duration_seconds{method="GET", handler="/api/v1/companies"}
http_response_size_bytes_sum{handler="/api/v1/companies"}
http_response_size_bytes_count{handler="/api/v1/companies"}
"""
CELERY: Final = """
celery_task_received_total{name="ingest", hostname="celery@w", queue_name="celery"}
celery_task_started_total{name="ingest", hostname="celery@w", queue_name="celery"}
celery_task_succeeded_total{name="ingest", hostname="celery@w", queue_name="celery"}
celery_task_retried_total{name="ingest", hostname="celery@w", queue_name="celery"}
celery_task_failed_total{name="ingest", hostname="celery@w", queue_name="celery", exception="ValueError"}
celery_task_runtime{name="ingest", hostname="celery@w", queue_name="celery"}
celery_queue_length{queue_name="celery"}
celery_active_consumer_count{queue_name="celery"}
celery_worker_up{hostname="celery@w"}
celery_worker_tasks_active{hostname="celery@w"}
"""
POSTGRESQL: Final = """
pg_up
pg_stat_activity_count{datname="app", state="active", usename="u", backend_type="client backend"}
pg_stat_activity_max_tx_duration{datname="app", state="active", usename="u", backend_type="client backend"}
pg_settings_max_connections 100
pg_stat_database_xact_commit{datid="1", datname="app"}
pg_stat_database_xact_rollback{datid="1", datname="app"}
pg_stat_database_blks_hit{datid="1", datname="app"}
pg_stat_database_blks_read{datid="1", datname="app"}
pg_stat_database_tup_fetched{datid="1", datname="app"}
pg_stat_database_tup_inserted{datid="1", datname="app"}
pg_stat_database_tup_updated{datid="1", datname="app"}
pg_stat_database_tup_deleted{datid="1", datname="app"}
pg_stat_database_deadlocks{datid="1", datname="app"}
pg_stat_database_temp_bytes{datid="1", datname="app"}
pg_stat_database_active_time_seconds_total{datid="1", datname="app"}
pg_database_size_bytes{datname="app"}
pg_replication_is_replica
pg_replication_lag_seconds
pg_stat_replication_pg_wal_lsn_diff{application_name="r", client_addr="10.0.0.1", state="streaming"}
pg_stat_user_tables_n_dead_tup{datname="app", schemaname="public", relname="companies"}
pg_wal_size_bytes
"""
REDIS: Final = """
redis_up
redis_memory_used_bytes
redis_memory_max_bytes
redis_connected_clients
redis_config_maxclients
redis_rejected_connections_total
redis_evicted_keys_total
redis_keyspace_hits_total
redis_keyspace_misses_total
redis_commands_processed_total
redis_commands_total{cmd="get"}
redis_commands_duration_seconds_total{cmd="get"}
redis_db_keys{db="db0"}
redis_connected_slave_lag_seconds{slave_ip="10.0.0.1", slave_port="6379", slave_state="online"}
"""
SENTINEL: Final = """
redis_sentinel_master_ok_sentinels{master_name="mymaster", master_address="10.0.0.1:6379"}
redis_sentinel_master_ckquorum_status{master_name="mymaster", message="ok"}
"""
RABBITMQ: Final = """
rabbitmq_build_info{rabbitmq_version="4.3.5"}
rabbitmq_connections
rabbitmq_queues
rabbitmq_consumers
rabbitmq_global_messages_received_total{protocol="amqp091"}
rabbitmq_global_messages_delivered_total{protocol="amqp091", queue_type="rabbit_quorum_queue"}
rabbitmq_global_messages_acknowledged_total{protocol="amqp091", queue_type="rabbit_quorum_queue"}
rabbitmq_global_messages_redelivered_total{protocol="amqp091", queue_type="rabbit_quorum_queue"}
rabbitmq_global_messages_unroutable_dropped_total{protocol="amqp091"}
rabbitmq_global_messages_unroutable_returned_total{protocol="amqp091"}
rabbitmq_global_messages_dead_lettered_rejected_total{queue_type="q", dead_letter_strategy="at"}
rabbitmq_global_messages_dead_lettered_delivery_limit_total{queue_type="q", dead_letter_strategy="at"}
rabbitmq_process_resident_memory_bytes
rabbitmq_resident_memory_limit_bytes
rabbitmq_process_open_fds
rabbitmq_process_max_fds
rabbitmq_disk_space_available_bytes
rabbitmq_alarms_memory_used_watermark 0
rabbitmq_alarms_free_disk_space_watermark 0
"""
QUEUES: Final = """
rabbitmq_detailed_queue_messages_ready{vhost="/", queue="celery"}
rabbitmq_detailed_queue_messages_unacked{vhost="/", queue="celery"}
rabbitmq_detailed_queue_consumers{vhost="/", queue="celery"}
rabbitmq_detailed_queue_head_message_timestamp{vhost="/", queue="celery"}
"""
MINIO: Final = """
minio_cluster_nodes_offline_total{server="s"} 0
minio_cluster_drive_offline_total{server="s"} 0
minio_cluster_health_status{server="s"}
minio_cluster_usage_object_total{server="s"}
minio_cluster_capacity_usable_free_bytes{server="s"}
minio_cluster_capacity_usable_total_bytes{server="s"} 2
minio_s3_requests_total{api="getobject", server="s"}
minio_s3_requests_5xx_errors_total{api="getobject", server="s"}
minio_s3_traffic_received_bytes{server="s"}
minio_s3_traffic_sent_bytes{server="s"}
"""
MINIO_NODES: Final = """
minio_node_drive_free_bytes{drive="/data", server="s"}
minio_node_drive_total_bytes{drive="/data", server="s"} 2
"""
JOBS: Final[Mapping[str, str]] = {
    "routes": """
probe_success
probe_duration_seconds
probe_ssl_earliest_cert_expiry 2000000000
""",
    "ingress-nginx": """
nginx_ingress_controller_requests{namespace="$ns", ingress="public", status="200", method="GET"}
nginx_ingress_controller_requests{namespace="$ns", ingress="public", status="502", method="GET"}
nginx_ingress_controller_request_duration_seconds{namespace="$ns", ingress="public", status="200"}
nginx_ingress_controller_config_last_reload_successful
nginx_ingress_controller_nginx_process_connections{state="active"}
""",
    "cert-manager": """
certmanager_certificate_expiration_timestamp_seconds{name="public-tls", namespace="$ns"} 2000000000
certmanager_certificate_ready_status{name="public-tls", namespace="$ns", condition="True"}
""",
    "vault": """
vault_core_unsealed{cluster="vault"}
vault_core_in_flight_requests
vault_expire_num_leases
""",
    "timescaledb": """
timescaledb_chunks{hypertable="public.metrics"} 9
timescaledb_compressed_chunks{hypertable="public.metrics"} 4
timescaledb_job_failures_total{job_id="1000", proc_name="policy", hypertable="public.metrics"}
timescaledb_job_last_success_timestamp_seconds{job_id="1000", proc_name="policy", hypertable="p.m"} 60
""",
    "kubelet": """
kubelet_volume_stats_available_bytes{namespace="$ns", persistentvolumeclaim="data-0"}
kubelet_volume_stats_capacity_bytes{namespace="$ns", persistentvolumeclaim="data-0"} 2
kubelet_volume_stats_inodes_free{namespace="$ns", persistentvolumeclaim="data-0"}
kubelet_volume_stats_inodes{namespace="$ns", persistentvolumeclaim="data-0"} 2
""",
    "node": """
node_cpu_seconds_total{cpu="0", mode="idle"} 0+30x
node_memory_MemAvailable_bytes
node_memory_MemTotal_bytes 2
node_filesystem_avail_bytes{device="/dev/sda1", fstype="ext4", mountpoint="/"}
node_filesystem_size_bytes{device="/dev/sda1", fstype="ext4", mountpoint="/"} 2
node_load5
node_network_receive_bytes_total{device="eth0"}
node_network_transmit_bytes_total{device="eth0"}
node_disk_io_time_seconds_total{device="sda"}
node_timex_offset_seconds 0.001
""",
    "prometheus": """
prometheus_tsdb_head_series
prometheus_tsdb_head_samples_appended_total{type="float"}
prometheus_rule_group_last_duration_seconds{rule_group="web.records"}
prometheus_tsdb_storage_blocks_bytes
""",
    "alertmanager": """
alertmanager_alerts{state="active"}
alertmanager_notifications_total{integration="slack"}
alertmanager_notifications_failed_total{integration="slack", reason="other"}
""",
}
OF_NAMESPACE: Final = """
kube_pod_status_phase{namespace="$ns", pod="$pod", phase="Running"}
kube_pod_status_ready{namespace="$ns", pod="$pod", condition="true"}
kube_pod_status_ready{namespace="$ns", pod="$pod", condition="false"} 0
kube_pod_info{namespace="$ns", pod="$pod", node="node-1", created_by_kind="ReplicaSet"}
kube_pod_container_status_restarts_total{namespace="$ns", pod="$pod", container="$name"}
kube_pod_owner{namespace="$ns", pod="$pod", owner_kind="ReplicaSet", owner_name="$owner"} _x88 1x
kube_deployment_spec_replicas{namespace="$ns", deployment="$name"}
kube_deployment_status_replicas_available{namespace="$ns", deployment="$name"}
kube_horizontalpodautoscaler_status_current_replicas{namespace="$ns", horizontalpodautoscaler="$scaler"}
kube_horizontalpodautoscaler_spec_min_replicas{namespace="$ns", horizontalpodautoscaler="$scaler"}
kube_horizontalpodautoscaler_spec_max_replicas{namespace="$ns", horizontalpodautoscaler="$scaler"}
kube_node_status_condition{node="node-1", condition="Ready", status="true"}
"""
OF_CONTAINERS: Final = """
container_cpu_usage_seconds_total{namespace="$ns", pod="$pod", container="$name", image="i", cpu="total"}
container_cpu_cfs_periods_total{namespace="$ns", pod="$pod", container="$name", image="i"}
container_cpu_cfs_throttled_periods_total{namespace="$ns", pod="$pod", container="$name", image="i"}
container_memory_working_set_bytes{namespace="$ns", pod="$pod", container="$name", image="i"}
container_spec_memory_limit_bytes{namespace="$ns", pod="$pod", container="$name", image="i"} 2
container_network_receive_bytes_total{namespace="$ns", pod="$pod", interface="eth0"}
container_network_transmit_bytes_total{namespace="$ns", pod="$pod", interface="eth0"}
"""
STORES: Final[Mapping[str, str]] = {
    "postgresql": POSTGRESQL,
    "redis": REDIS,
    "rabbitmq": RABBITMQ,
    "minio": MINIO,
}
STORE_PARTS: Final[Mapping[str, str]] = {"sentinel": SENTINEL, "queues": QUEUES, "nodes": MINIO_NODES}
_REJECTED: Final = """
envoy_listener_manager_lds_update_rejected
envoy_cluster_manager_cds_update_rejected
"""
_SERVICE: Final = 'destination_service_namespace="$ns", destination_service_name="shop"'
PROXIES: Final[Mapping[str, str]] = {
    "envoy-gateway": f"""
envoy_cluster_upstream_rq_xx{{envoy_cluster_name="httproute/$ns/store/rule/0", envoy_response_code_class="2"}}
envoy_cluster_upstream_rq_xx{{envoy_cluster_name="httproute/$ns/store/rule/0", envoy_response_code_class="5"}}
envoy_cluster_upstream_rq_time{{envoy_cluster_name="httproute/$ns/store/rule/0"}}
envoy_http_rds_update_rejected{{envoy_http_conn_manager_prefix="http-10080", envoy_rds_route_config="r"}}
envoy_control_plane_connected_state
{_REJECTED.strip()}
""",
    "istio": f"""
istio_requests_total{{{_SERVICE}, response_code="200"}}
istio_requests_total{{{_SERVICE}, response_code="503"}}
istio_request_duration_milliseconds{{{_SERVICE}}}
{_REJECTED.strip()}
""",
}
POD_NAMES: Final[Mapping[str, str]] = {
    "stateful": "$name-0",
    "daemon": "$name-x7k2p",
    "job": "$name-x7k2p",
    "cronjob": "$name-29123456-x7k2p",
}


def input_series(platform: ResolvedPlatform) -> list[dict[str, str]]:
    """All series of a platform, as ``input_series`` of a test of promtool."""
    return [{"series": series, "values": values} for series, values in dict.fromkeys(_all(platform))]


def _all(platform: ResolvedPlatform) -> Iterator[tuple[str, str]]:
    for job in jobs_of(platform):
        yield _series("up", {"job": job.name, "instance": f"{job.name}-0"}), f"1x{MINUTES}"
        for table, words in _tables(job, platform):
            yield from _of_table(table, job.name, {"ns": namespace_of(platform), **words})
    for name, metric in platform.spec.monitoring.business.items():
        for value in ("failed", "failure"):
            labels = {"job": metric.workload, "instance": "i", **dict.fromkeys(metric.labels, value)}
            yield _series(name, labels), f"0+30x{MINUTES}" if metric.type == "counter" else f"5x{MINUTES}"
    for slo in platform.spec.slos.values():
        counters = counters_of(slo, platform.spec.workloads[slo.workload])
        yield from _declared(counters.part, 1)
        yield from _declared(counters.total, 10)
    for group in groups_of(platform):
        for alert in group.alerts:
            firing = {"alertname": alert.name, "alertstate": "firing", **alert.labels}
            yield _series("ALERTS", firing), f"1x{MINUTES}"


def _declared(selector: str, rate: int) -> Iterator[tuple[str, str]]:
    """The counter that an objective names, unless an exporter is known to have it."""
    parsed = promql_parser.parse(selector)
    assert isinstance(parsed, promql_parser.VectorSelector)
    if series_type(str(parsed.name)) is None:
        labels = {one.name: one.value.split("|")[0].replace("..", "00") for one in parsed.matchers.matchers}
        yield _series(str(parsed.name), labels), f"0+{rate}x{MINUTES}"


def _tables(job: ScrapeJob, platform: ResolvedPlatform) -> Iterator[tuple[str, dict[str, str]]]:
    workloads = platform.spec.workloads
    if job.name in workloads and workloads[job.name].type == "web":
        yield WEB, {}
    if job.name == celery_job(platform):
        yield CELERY, {}
    for name, store in platform.spec.datastores.items():
        if job.name == name:
            yield STORES.get(store.type, ""), {}
        elif job.name.startswith(f"{name}-"):
            yield STORE_PARTS.get(job.name.removeprefix(f"{name}-"), ""), {}
    yield JOBS.get(job.name, ""), {}
    gateway = platform.spec.cluster.gateway
    yield PROXIES[str(gateway.implementation)] if gateway and job.name == GATEWAY_JOB else "", {}
    table = {"kube-state-metrics": OF_NAMESPACE, "cadvisor": OF_CONTAINERS}.get(job.name)
    if table:
        for name, workload in workloads.items():
            pod = POD_NAMES.get(workload.type, "$name-7d9fc6b5d-x7k2p").replace("$name", name)
            words = {"pod": pod, "name": name, "owner": f"{name}-7d9fc6b5d", "scaler": name}
            yield table, words


def _of_table(table: str, job: str, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for line in table.strip().splitlines():
        for word, value in words.items():
            line = line.replace(f"${word}", value)
        head, brace, rest = line.partition("{")
        labels, _, values = rest.partition("}") if brace else ("", "", head.partition(" ")[2])
        name = head.split(" ")[0]
        own = ", ".join([f'job="{job}", instance="{job}-0"', *([labels] if labels else [])])
        yield from _filled(name, own, values.strip())


def _filled(name: str, labels: str, values: str) -> Iterator[tuple[str, str]]:
    kind = series_type(name)
    assert kind is not None, f"{name} is no metric of an exporter"
    if kind == "histogram":
        for count, edge in enumerate(_EDGES, start=1):
            yield f'{name}_bucket{{{labels}, le="{edge}"}}', f"0+{10 * count}x{MINUTES}"
        yield f"{name}_sum{{{labels}}}", f"0+30x{MINUTES}"
        yield f"{name}_count{{{labels}}}", f"0+{10 * len(_EDGES)}x{MINUTES}"
    elif values:
        yield f"{name}{{{labels}}}", f"{values}{MINUTES}" if values.endswith("x") else f"{values}x{MINUTES}"
    else:
        yield f"{name}{{{labels}}}", f"0+30x{MINUTES}" if kind == "counter" else f"1x{MINUTES}"


def _series(name: str, labels: Mapping[str, str]) -> str:
    pairs = ", ".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{pairs}}}"
