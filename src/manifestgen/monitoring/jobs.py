"""What Prometheus scrapes, and how it finds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from manifestgen.facts import services
from manifestgen.monitoring.gateways import GATEWAY_JOB, IMPLEMENTATIONS, discovered, gateway_of, pods_of
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Datastore, ExternalStore, Gateway, PostgreSQLCluster, VaultStore
from manifestgen.spec.routes import Route
from manifestgen.spec.stack import NamedPort, StackService, VaultMetrics
from manifestgen.spec.workloads import Workload

_NAME_LABEL: Final = "__meta_kubernetes_pod_label_app_kubernetes_io_name"
_CLUSTER_LABEL: Final = "__meta_kubernetes_pod_label_cnpg_io_cluster"
_PART_OF_LABEL: Final = "__meta_kubernetes_pod_label_app_kubernetes_io_part_of"
_PORT_NAME: Final = "__meta_kubernetes_pod_container_port_name"
_PORT_NUMBER: Final = "__meta_kubernetes_pod_container_port_number"
_SENTINEL_IN_THE_SAME_POD: Final = "redis://127.0.0.1:26379"
_CLUSTER_CA: Final = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
_CERT_MANAGER_PORTS: Final = "(http-metrics|tcp-prometheus-servicemonitor)"
_QUEUE_FAMILIES: Final = ["queue_coarse_metrics", "queue_consumer_count", "queue_metrics"]


CELERY_JOB: Final = "celery"


class ScrapeJob(NamedTuple):
    """One scrape job. ``find`` says which of the other fields matter.

    ``pods`` and ``service`` keep what has ``values``, regular expressions, in ``labels``; ``nodes``
    takes every node, on ``port`` where that is not the kubelet's; ``static`` takes ``addresses``;
    ``probe`` has ``addresses`` probed by the exporter at ``prober``.
    """

    name: str
    comment: str
    find: Literal["pods", "service", "nodes", "static", "probe"]
    namespace: str = ""
    labels: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    port: int | None = None
    prober: str = ""
    path: str = "/metrics"
    scheme: str = "http"
    params: Mapping[str, list[str]] = MappingProxyType({})
    honor_labels: bool = False
    honor_timestamps: bool = True
    tls: Mapping[str, str | bool] = MappingProxyType({})
    token: bool = False
    target_labels: Mapping[str, str] = MappingProxyType({})
    drop_metrics: str = ""


def jobs_of(platform: ResolvedPlatform) -> tuple[ScrapeJob, ...]:
    """All scrape jobs of the platform: its workloads, its data services, the cluster, other targets."""
    jobs = [*_workload_jobs(platform)]
    for name, datastore in platform.spec.datastores.items():
        jobs += _datastore_jobs(name, datastore, namespace_of(platform))
    jobs += _application_jobs(platform)
    jobs += _cluster_jobs(platform)
    jobs += _observer_jobs(platform)
    for name, target in platform.spec.monitoring.targets.items():
        jobs.append(
            ScrapeJob(
                name,
                f"Target {name}",
                "static",
                addresses=tuple(target.addresses),
                path=target.path,
                scheme=target.scheme,
            )
        )
    return tuple(jobs)


def namespace_of(platform: ResolvedPlatform) -> str:
    """The namespace that is watched; a platform without one is looked for where its name says."""
    return platform.namespace or platform.name


def scraped_workloads(platform: ResolvedPlatform) -> dict[str, Workload]:
    """The workloads that have metrics."""
    return {name: workload for name, workload in platform.spec.workloads.items() if workload.metrics}


def celery_job(platform: ResolvedPlatform) -> str:
    """The job of celery-exporter, if there is one."""
    return platform.spec.monitoring.stack.celery_exporter.workload or CELERY_JOB


def _workload_jobs(platform: ResolvedPlatform) -> Iterator[ScrapeJob]:
    for name, workload in scraped_workloads(platform).items():
        if workload.metrics:
            yield ScrapeJob(
                name,
                f"Workload {name}",
                "pods",
                namespace=namespace_of(platform),
                labels=(_NAME_LABEL, _PART_OF_LABEL, _PORT_NAME),
                values=(name, platform.name, workload.metrics.port),
                path=workload.metrics.path,
                # The Python client doubles every counter and histogram with the time it was made.
                drop_metrics=".+_created",
            )


def _datastore_jobs(name: str, datastore: Datastore, namespace: str) -> Iterator[ScrapeJob]:
    if not datastore.exports_metrics:
        return
    if isinstance(datastore, ExternalStore):
        comment = f"Data service {name} ({_TITLES[datastore.type]}), which runs elsewhere: its exporter"
        yield ScrapeJob(name, comment, "static", addresses=(str(datastore.exporter),))
        return
    port = datastore.ports.metrics
    name_label = _CLUSTER_LABEL if isinstance(datastore, PostgreSQLCluster) else _NAME_LABEL

    def pods(job: str, comment: str, **more: Any) -> ScrapeJob:
        labels, values = (name_label, _PORT_NUMBER), (name, str(port))
        return ScrapeJob(job, comment, "pods", namespace=namespace, labels=labels, values=values, **more)

    if datastore.type == "minio":
        yield ScrapeJob(
            name,
            f"Data service {name} (MinIO): the cluster as a whole, from any one node",
            "static",
            addresses=(f"{services.host(name, datastore.type)}.{namespace}.svc:{port}",),
            path="/minio/v2/metrics/cluster",
            target_labels={"namespace": namespace},
        )
        yield pods(nodes_job(name), f"Data service {name} (MinIO): each node", path="/minio/v2/metrics/node")
        return
    yield pods(name, f"Data service {name} ({_TITLES[datastore.type]})")
    if datastore.type == "redis":
        yield pods(
            sentinel_job(name),
            f"Sentinels of {name}: the exporter in each pod asks the sentinel beside it",
            path="/scrape",
            params={"target": [_SENTINEL_IN_THE_SAME_POD]},
        )
    if datastore.type == "rabbitmq":
        yield pods(
            queues_job(name),
            f"Queues of {name}: the totals above do not tell them apart",
            path="/metrics/detailed",
            params={"family": list(_QUEUE_FAMILIES)},
        )


_TITLES: Final = {"postgresql": "PostgreSQL", "redis": "Redis", "rabbitmq": "RabbitMQ", "minio": "MinIO"}


def sentinel_job(datastore: str) -> str:
    """The job that reads the sentinels of a Redis."""
    return f"{datastore}-sentinel"


def queues_job(datastore: str) -> str:
    """The job that reads the queues of a RabbitMQ."""
    return f"{datastore}-queues"


def nodes_job(datastore: str) -> str:
    """The job that reads the nodes of a MinIO."""
    return f"{datastore}-nodes"


PUSHGATEWAY: Final = "pushgateway"
"""The job of the Pushgateway; what is pushed has its own label `job`."""

TIMESCALEDB_JOB: Final = "timescaledb"
"""The job of the sql_exporter that asks TimescaleDB."""


def timescaledb_stores(platform: ResolvedPlatform) -> list[str]:
    """The data services that have TimescaleDB, by name."""
    return [name for name, store in platform.spec.datastores.items() if getattr(store, "timescaledb", False)]


def _application_jobs(platform: ResolvedPlatform) -> Iterator[ScrapeJob]:
    celery = platform.spec.monitoring.stack.celery_exporter
    if celery.enabled and celery.workload is None:
        comment = "Tasks and workers of Celery"
        yield _service(CELERY_JOB, comment, celery, namespace_of(platform), celery.port)
    exporter = platform.spec.monitoring.stack.sql_exporter
    if exporter.enabled and timescaledb_stores(platform):
        namespace = platform.spec.cluster.monitoring_namespace
        comment = "Jobs and chunks of TimescaleDB, asked by sql_exporter"
        yield _service(TIMESCALEDB_JOB, comment, exporter, namespace, exporter.port)
    gateway = platform.spec.monitoring.stack.pushgateway
    if gateway.enabled and any(b.metrics and b.metrics.pushgateway for b in platform.spec.backups.values()):
        namespace = platform.spec.cluster.monitoring_namespace
        comment = "What jobs pushed before they ended: backups; their own labels win"
        yield _service(PUSHGATEWAY, comment, gateway, namespace, gateway.port, honor_labels=True)
    blackbox = platform.spec.monitoring.stack.blackbox
    urls = tuple(_route_urls(platform)) if blackbox.enabled else ()
    if urls:
        yield ScrapeJob(
            "routes",
            "Routes by their public addresses, asked from inside the cluster",
            "probe",
            addresses=urls,
            prober=blackbox.address,
            path="/probe",
            params={"module": [blackbox.module]},
        )


def _route_urls(platform: ResolvedPlatform) -> Iterator[str]:
    wanted = platform.spec.monitoring.stack.blackbox.path
    for route in platform.spec.routes.values():
        scheme = "https" if route.tls else "http"
        for host in route.hosts:
            path = _probed_path(route, host)
            if path is not None and not host.startswith("*"):  # a wildcard is no host that could be asked
                yield f"{scheme}://{host}{wanted or path}"


def _probed_path(route: Route, host: str) -> str | None:
    """A path that a plain GET is answered at; none where one is refused or sent elsewhere."""
    if route.protocol == "GRPC" or route.auth is not None:
        return None
    rules = (rule for _, rule in route.all_rules() if host in route.hosts_of(rule))
    return next((rule.paths[0] for rule in rules if rule.destinations and rule.match is None), None)


def _cluster_jobs(platform: ResolvedPlatform) -> Iterator[ScrapeJob]:
    spec, stack = platform.spec, platform.spec.monitoring.stack
    monitoring = spec.cluster.monitoring_namespace
    if spec.routes and spec.cluster.has_ingress_nginx and stack.ingress_nginx.enabled:
        nginx, namespace = stack.ingress_nginx, spec.cluster.ingress_namespace
        yield _service("ingress-nginx", "Ingress controller", nginx, namespace, nginx.port, honor_labels=True)
    gateway = gateway_of(platform)
    if gateway is not None:
        yield _gateway(platform, gateway)
    if stack.cert_manager.enabled and any(route.tls and route.tls.issuer for route in spec.routes.values()):
        port = stack.cert_manager.port or _CERT_MANAGER_PORTS
        yield _service(
            "cert-manager", "Certificates", stack.cert_manager, monitoring, port, honor_labels=True
        )
    vaults = [store for store in spec.stores.values() if isinstance(store, VaultStore)]
    if vaults and stack.vault.enabled:
        yield _vault(vaults[0].server, stack.vault, monitoring)
    if stack.kube_state_metrics.enabled:
        objects, comment = (
            stack.kube_state_metrics,
            "Objects of Kubernetes; their own labels namespace and pod win",
        )
        yield _service("kube-state-metrics", comment, objects, monitoring, objects.port, honor_labels=True)
    if stack.kubelet.enabled:
        yield _kubelet("kubelet", "Volumes, by the kubelet of each node", "/metrics", platform)
        yield _kubelet("cadvisor", "Containers, by the kubelet of each node", "/metrics/cadvisor", platform)
    if stack.node_exporter.enabled:
        yield ScrapeJob("node", "Nodes", "nodes", port=stack.node_exporter.port)


def _gateway(platform: ResolvedPlatform, gateway: Gateway) -> ScrapeJob:
    """The proxies of the Gateway, which its implementation starts and labels."""
    namespace, labels = pods_of(platform, gateway, namespace_of(platform))
    implementation = str(gateway.implementation)
    return ScrapeJob(
        GATEWAY_JOB,
        f"Proxies of the Gateway ({_IMPLEMENTATIONS[implementation]})",
        "pods",
        namespace=namespace,
        labels=(*map(discovered, labels), _PORT_NAME),
        values=(*labels.values(), IMPLEMENTATIONS[implementation].port),
        path="/stats/prometheus",
    )


_IMPLEMENTATIONS: Final = {"envoy-gateway": "Envoy Gateway", "istio": "Istio"}


def _vault(server: str, service: VaultMetrics, namespace: str) -> ScrapeJob:
    """Vault as ``server``, its address for clients, says: the scheme, and the host of the certificate.

    Targets are pods by their IP addresses, which no certificate names.
    """
    address = urlsplit(server)
    scheme = service.scheme or address.scheme
    return _service(
        "vault",
        "Vault; only its active node answers",
        service,
        namespace,
        service.port or scheme,
        params={"format": ["prometheus"]},
        scheme=scheme,
        tls={"server_name": address.hostname or ""} if scheme == "https" else {},
    )


def _observer_jobs(platform: ResolvedPlatform) -> Iterator[ScrapeJob]:
    stack, namespace = platform.spec.monitoring.stack, platform.spec.cluster.monitoring_namespace
    yield ScrapeJob("prometheus", "Prometheus itself", "static", addresses=("localhost:9090",))
    services: dict[str, NamedPort] = {
        "alertmanager": stack.alertmanager,
        "grafana": stack.grafana,
        "loki": stack.loki,
        "tempo": stack.tempo,
        "jaeger": stack.jaeger,
    }
    for name, service in services.items():
        if service.enabled:
            yield _service(name, name.capitalize(), service, namespace, service.port)


def _kubelet(name: str, comment: str, path: str, platform: ResolvedPlatform) -> ScrapeJob:
    verify = platform.spec.monitoring.stack.kubelet.verify_certificate
    return ScrapeJob(
        name,
        comment,
        "nodes",
        path=path,
        scheme="https",
        honor_labels=True,
        honor_timestamps=name != "cadvisor",  # its own lag, so that a gone container seems to run on
        tls={"ca_file": _CLUSTER_CA} if verify else {"insecure_skip_verify": True},
        token=True,
    )


def _service(
    name: str, comment: str, service: StackService, namespace: str, port: str, **more: Any
) -> ScrapeJob:
    return ScrapeJob(
        name,
        comment,
        "service",
        namespace=service.namespace or namespace,
        labels=("__meta_kubernetes_service_name", "__meta_kubernetes_endpointslice_port_name"),
        values=(service.service, port),
        path=service.path,
        **more,
    )
