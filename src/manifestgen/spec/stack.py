"""What runs beside the platform in the cluster and is scraped with it."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from manifestgen.spec.base import Form, HttpPath, Model, Name, PortNumber, defaults_of
from manifestgen.spec.prometheus import HostPort


class StackService(Model):
    """A service of the cluster that Prometheus finds by its Service and scrapes at each of its pods."""

    enabled: bool = True
    """Scrape it and have its alerts."""
    namespace: Name | None = None
    """Namespace of the Service; left out, `cluster.monitoringNamespace`."""
    service: Name
    """Name of the Service."""
    path: HttpPath = "/metrics"
    """Path of the request."""


class NamedPort(StackService):
    """A service whose port has one name, whatever its version and settings."""

    port: Name
    """Name of the Service's port."""


class AlertmanagerService(NamedPort):
    """Alertmanager; unless `alertmanagers` names addresses, alerts are sent to each of its pods, too."""

    service: Name = "alertmanager"
    """Name of the Service."""
    port: Name = "http"
    """Name of the Service's port (9093)."""


class KubeStateMetrics(NamedPort):
    """kube-state-metrics: Deployments, pods, volumes and jobs as the API server knows them."""

    service: Name = "kube-state-metrics"
    """Name of the Service."""
    port: Name = "http"
    """Name of the Service's port (8080)."""


class Kubelet(Model):
    """The kubelet on each node: volumes (`/metrics`) and containers (`/metrics/cadvisor`)."""

    enabled: bool = True
    """Scrape it and have its alerts."""
    verify_certificate: bool = False
    """Check its certificate against the cluster's CA; most clusters let kubelets sign their own."""


class NodeExporter(Model):
    """node-exporter on each node, in the network of the host."""

    enabled: bool = True
    """Scrape it and have its alerts."""
    port: PortNumber = 9100
    """Port on the node."""


class IngressNginx(NamedPort):
    """ingress-nginx, when it answers the routes; for a Gateway see `cluster.gateway.implementation`."""

    namespace: Name | None = None
    """Namespace of the Service; left out, `cluster.ingressNamespace`."""
    service: Name = "ingress-nginx-controller-metrics"
    """Name of the Service (the chart makes it with `controller.metrics.enabled`)."""
    port: Name = "metrics"
    """Name of the Service's port (10254)."""


class CertManager(StackService):
    """cert-manager; scraped when a route has `tls` by an issuer."""

    namespace: Name | None = "cert-manager"
    """Namespace of the Service."""
    service: Name = "cert-manager"
    """Name of the Service."""
    port: Name | None = None
    """Name of the Service's port (9402); left out, the one before cert-manager 1.21 and the one since."""


class VaultMetrics(StackService):
    """Vault; scraped when secrets come from one, the first of several.

    Its listener needs `unauthenticated_metrics_access`. With TLS its certificate is checked as External
    Secrets does: for the host of the store's `server`, against the authorities that everybody knows.
    """

    namespace: Name | None = "vault"
    """Namespace of the Service."""
    service: Name = "vault-internal"
    """Name of the Service: the headless one, which reaches sealed pods, too."""
    port: Name | None = None
    """Name of the Service's port (8200); left out, the scheme, as Vault's chart names it."""
    path: HttpPath = "/v1/sys/metrics"
    """Path of the request; `format=prometheus` is added."""
    scheme: Literal["http", "https"] | None = None
    """`https` when the listener has TLS; left out, the scheme of the store's `server`."""


class Blackbox(Model):
    """blackbox-exporter, which asks each route by its public address, but from inside the cluster."""

    enabled: bool = False
    """Probe every route; not those with `auth`, of gRPC, or that only redirect."""
    address: HostPort = "prometheus-blackbox-exporter.monitoring.svc:9115"
    """Address of the exporter."""
    module: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$"), Form("use letters, digits, _ and -")
    ] = "http_2xx"
    """Module of its configuration."""
    path: HttpPath | None = None
    """Path that is asked for on each host; left out, the first path of the route."""


class CeleryExporter(NamedPort):
    """celery-exporter, one for the broker. Celery's workers must run with `worker_send_task_events`.

    Workloads of type `worker` are taken for Celery's workers: one in each of their pods.
    """

    enabled: bool = False
    """Scrape it and have the alerts on tasks."""
    workload: Name | None = None
    """Workload of the platform that is the exporter, with `metrics`; then the keys below do not matter."""
    namespace: Name | None = None
    """Namespace of the Service; left out, the platform's own."""
    service: Name = "celery-exporter"
    """Name of the Service."""
    port: Name = "http-metrics"
    """Name of the Service's port (9808)."""


class SqlExporter(NamedPort):
    """sql_exporter (burningalchemist), which asks TimescaleDB, for that has no metrics of its own.

    It is given the collector that is written beside the files of Prometheus, `sql-exporter/`, and is scraped
    when a PostgreSQL has `timescaledb`.
    """

    enabled: bool = False
    """Scrape it and have the alerts on jobs and chunks of TimescaleDB."""
    service: Name = "sql-exporter"
    """Name of the Service."""
    port: Name = "http"
    """Name of the Service's port (9399)."""


class Pushgateway(NamedPort):
    """Pushgateway; scraped when a backup pushes its figures there."""

    service: Name = "prometheus-pushgateway"
    """Name of the Service."""
    port: Name = "http"
    """Name of the Service's port (9091)."""


class Grafana(NamedPort):
    """Grafana."""

    enabled: bool = False
    """Scrape it."""
    service: Name = "grafana"
    """Name of the Service."""
    port: Name = "service"
    """Name of the Service's port (80 or 3000)."""


class Loki(NamedPort):
    """Loki."""

    enabled: bool = False
    """Scrape it."""
    service: Name = "loki"
    """Name of the Service."""
    port: Name = "http-metrics"
    """Name of the Service's port (3100)."""


class Tempo(NamedPort):
    """Tempo."""

    enabled: bool = False
    """Scrape it."""
    service: Name = "tempo"
    """Name of the Service."""
    port: Name = "tempo-prom-metrics"
    """Name of the Service's port (3200)."""


class Jaeger(NamedPort):
    """Jaeger 2, which tells its own figures as an OpenTelemetry collector."""

    enabled: bool = False
    """Scrape it."""
    service: Name = "jaeger"
    """Name of the Service."""
    port: Name = "internal-metrics"
    """Name of the Service's port (8888)."""


class Stack(Model):
    """What runs beside the platform and is scraped with it."""

    alertmanager: AlertmanagerService = defaults_of(AlertmanagerService)
    """Alertmanager."""
    kube_state_metrics: KubeStateMetrics = defaults_of(KubeStateMetrics)
    """Objects of Kubernetes."""
    kubelet: Kubelet = defaults_of(Kubelet)
    """Volumes and containers."""
    node_exporter: NodeExporter = defaults_of(NodeExporter)
    """Nodes."""
    ingress_nginx: IngressNginx = defaults_of(IngressNginx)
    """Requests from outside."""
    cert_manager: CertManager = defaults_of(CertManager)
    """Certificates."""
    vault: VaultMetrics = defaults_of(VaultMetrics)
    """Vault."""
    blackbox: Blackbox = defaults_of(Blackbox)
    """Probes of the routes."""
    celery_exporter: CeleryExporter = defaults_of(CeleryExporter)
    """Tasks and workers of Celery."""
    sql_exporter: SqlExporter = defaults_of(SqlExporter)
    """Jobs and chunks of TimescaleDB."""
    pushgateway: Pushgateway = defaults_of(Pushgateway)
    """Figures of backups."""
    grafana: Grafana = defaults_of(Grafana)
    """Dashboards."""
    loki: Loki = defaults_of(Loki)
    """Logs."""
    tempo: Tempo = defaults_of(Tempo)
    """Traces."""
    jaeger: Jaeger = defaults_of(Jaeger)
    """Traces, older."""
