"""Monitoring: what Prometheus scrapes and keeps, which alerts there are, what Grafana reads."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import Duration, EnvVarName, HttpPath, Model, Name, PortNumber, Text, problem
from manifestgen.spec.thresholds import Thresholds

HostPort = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+:[0-9]{1,5}$")]
"""`host:port`, as Prometheus writes a target."""

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\x00-\x1f\x7f$]+$")]
"""An address with scheme: `http://loki.monitoring.svc:3100`."""

LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=128)]
"""Name of a label of Prometheus."""

MetricName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=200)]
"""Name of a metric of Prometheus."""

LabelValue = Annotated[str, StringConstraints(pattern=r"^[^$\x00-\x1f\x7f]*$")]
"""Value of a label; without `$`, which Prometheus would replace."""

AlertName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$", max_length=100)]
"""Name of an alert: `ApiErrorRateHigh`."""

SecretFile = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._/-]+$")]
"""Absolute path of a file that holds a secret, as the program that reads it sees it."""

Severity = Literal["critical", "warning", "info"]
"""`critical`: somebody acts within 5 minutes; `warning`: within 30 minutes; `info`: reviewed daily."""

Category = Literal["api", "database", "redis", "rabbitmq", "business", "infrastructure"]
"""What an alert is about, coarsely: `api` is the application with its workers, `infrastructure` the rest."""


class StackService(Model):
    """A service of the cluster that Prometheus finds by its Service and scrapes at each of its pods."""

    enabled: bool = True
    """Scrape it and have its alerts."""
    namespace: Name | None = None
    """Namespace of the Service; left out, `cluster.monitoringNamespace`."""
    service: Name
    """Name of the Service."""
    port: Name
    """Name of the Service's port."""
    path: HttpPath = "/metrics"
    """Path of the request."""


class AlertmanagerService(StackService):
    """Alertmanager; unless `alertmanagers` names addresses, alerts are sent to each of its pods, too."""

    service: Name = "alertmanager"
    """Name of the Service."""
    port: Name = "http"
    """Name of the Service's port (9093)."""


class KubeStateMetrics(StackService):
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


class IngressNginx(StackService):
    """The ingress controller; scraped when there are routes."""

    namespace: Name | None = None
    """Namespace of the Service; left out, `cluster.ingressNamespace`."""
    service: Name = "ingress-nginx-controller-metrics"
    """Name of the Service (the chart makes it with `controller.metrics.enabled`)."""
    port: Name = "metrics"
    """Name of the Service's port (10254)."""


class CertManager(StackService):
    """cert-manager; scraped when a route has `tls`."""

    namespace: Name | None = "cert-manager"
    """Namespace of the Service."""
    service: Name = "cert-manager"
    """Name of the Service."""
    port: Name = "http-metrics"
    """Name of the Service's port (9402); `tcp-prometheus-servicemonitor` before cert-manager 1.21."""


class VaultMetrics(StackService):
    """Vault; scraped when there is a `vault` section. Needs `unauthenticated_metrics_access` in its listener."""

    namespace: Name | None = "vault"
    """Namespace of the Service."""
    service: Name = "vault-internal"
    """Name of the Service: the headless one, which reaches sealed pods, too."""
    port: Name = "http"
    """Name of the Service's port (8200)."""
    path: HttpPath = "/v1/sys/metrics"
    """Path of the request; `format=prometheus` is added."""
    scheme: Literal["http", "https"] = "http"
    """`https` when the listener has TLS; the certificate is checked against the cluster's CA."""


class Blackbox(Model):
    """blackbox-exporter, which asks each route from outside as a client would."""

    enabled: bool = False
    """Probe every route."""
    address: HostPort = "blackbox-exporter.monitoring.svc:9115"
    """Address of the exporter."""
    module: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")] = "http_2xx"
    """Module of its configuration."""
    path: HttpPath = "/"
    """Path that is asked for on each host."""


class CeleryExporter(StackService):
    """celery-exporter; scraped when there are workers. Workers must run with `worker_send_task_events`."""

    enabled: bool = False
    """Scrape it and have the alerts on tasks."""
    namespace: Name | None = None
    """Namespace of the Service; left out, the platform's own."""
    service: Name = "celery-exporter"
    """Name of the Service."""
    port: Name = "http-metrics"
    """Name of the Service's port (9808)."""


class Grafana(StackService):
    """Grafana."""

    enabled: bool = False
    """Scrape it."""
    service: Name = "grafana"
    """Name of the Service."""
    port: Name = "http"
    """Name of the Service's port (3000)."""


class Loki(StackService):
    """Loki."""

    enabled: bool = False
    """Scrape it."""
    service: Name = "loki"
    """Name of the Service."""
    port: Name = "http-metrics"
    """Name of the Service's port (3100)."""


class Tempo(StackService):
    """Tempo."""

    enabled: bool = False
    """Scrape it."""
    service: Name = "tempo"
    """Name of the Service."""
    port: Name = "http-metrics"
    """Name of the Service's port (3200)."""


class Jaeger(StackService):
    """Jaeger 2, which tells its own figures as an OpenTelemetry collector."""

    enabled: bool = False
    """Scrape it."""
    service: Name = "jaeger"
    """Name of the Service."""
    port: Name = "metrics"
    """Name of the Service's port (8888)."""


class Stack(Model):
    """What runs beside the platform and is scraped with it."""

    alertmanager: AlertmanagerService = AlertmanagerService()
    """Alertmanager."""
    kube_state_metrics: KubeStateMetrics = KubeStateMetrics()
    """Objects of Kubernetes."""
    kubelet: Kubelet = Kubelet()
    """Volumes and containers."""
    node_exporter: NodeExporter = NodeExporter()
    """Nodes."""
    ingress_nginx: IngressNginx = IngressNginx()
    """Requests from outside."""
    cert_manager: CertManager = CertManager()
    """Certificates."""
    vault: VaultMetrics = VaultMetrics()
    """Vault."""
    blackbox: Blackbox = Blackbox()
    """Probes of the routes."""
    celery_exporter: CeleryExporter = CeleryExporter()
    """Tasks and workers of Celery."""
    grafana: Grafana = Grafana()
    """Dashboards."""
    loki: Loki = Loki()
    """Logs."""
    tempo: Tempo = Tempo()
    """Traces."""
    jaeger: Jaeger = Jaeger()
    """Traces, older."""


class ScrapeTarget(Model):
    """Something at fixed addresses that Prometheus scrapes, too."""

    addresses: Annotated[list[HostPort], Field(min_length=1)]
    """Addresses, `host:port`."""
    path: HttpPath = "/metrics"
    """Path of the request."""
    scheme: Literal["http", "https"] = "http"
    """Scheme of the request."""


class BusinessMetric(Model):
    """A figure of the business that a workload exports, and between which bounds it should stay.

    A gauge is compared by its average over the window, a counter by its growth within it.
    """

    workload: Name
    """Workload that exports it."""
    type: Literal["gauge", "counter"]
    """Type of the metric."""
    description: Text
    """What it counts: one sentence for the people who are told."""
    labels: list[LabelName] = []
    """Labels it has beside those of the target."""
    lowest: Annotated[float, Field(ge=0)] | None = None
    """Less than this raises an alert."""
    highest: Annotated[float, Field(ge=0)] | None = None
    """More than this raises an alert."""
    window: Duration = "1h"
    """Time that is looked back."""
    severity: Severity = "info"
    """Severity of the alerts."""

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> BusinessMetric:
        if self.lowest is not None and self.highest is not None and self.lowest >= self.highest:
            raise problem(
                "business-bounds",
                f"lowest {self.lowest:g} is not below highest {self.highest:g}",
                "swap them",
            )
        return self


class Alert(Model):
    """A change to an alert of the presets, or an alert of one's own.

    One of the presets keeps whatever is left out here; an own one needs `expr`, `severity`, `component`,
    `category`, `summary` and `description`.
    """

    enabled: bool = True
    """False: leave the alert out."""
    expr: Text | None = None
    """PromQL that returns the series in trouble."""
    for_: Duration | None = None
    """How long it must hold before somebody is told."""
    keep_firing_for: Duration | None = None
    """How long it must be over before it counts as resolved; calms an alert that comes and goes."""
    severity: Severity | None = None
    """How urgent it is."""
    component: Name | None = None
    """Part of the platform it is about."""
    category: Category | None = None
    """Category it belongs to."""
    team: Name | None = None
    """Team that answers; left out, the one that `alerting.teams` names."""
    summary: Text | None = None
    """What is wrong, in one sentence."""
    description: Text | None = None
    """Details; `{{ $labels.instance }}` and `{{ $value | humanize }}` are filled in, all else stays as it is."""


class FileOrEnv(Model):
    """A secret of Grafana: in a file or in an environment variable, never in the spec."""

    file: SecretFile | None = None
    """File that holds it."""
    env: EnvVarName | None = None
    """Environment variable that holds it."""

    @model_validator(mode="after")
    def _is_in_one_place(self) -> FileOrEnv:
        if (self.file is None) == (self.env is None):
            raise problem("secret-place", "a secret is in one place", "give exactly one of file and env")
        return self


class DatasourceBase(Model):
    """What all data sources of Grafana have in common."""

    title: Text
    """Name that Grafana shows."""
    default: bool = False
    """Use it where a panel names none; at most one."""


class PrometheusSource(DatasourceBase):
    """Prometheus."""

    type: Literal["prometheus"]
    title: Text = "Prometheus"
    """Name that Grafana shows."""
    url: HttpUrl = "http://prometheus.monitoring.svc:9090"
    """Address."""


class LokiSource(DatasourceBase):
    """Loki; trace ids in log lines lead to the traces."""

    type: Literal["loki"]
    url: HttpUrl
    """Address."""
    traces: Name | None = None
    """Data source that a trace id in a log line leads to."""


class TempoSource(DatasourceBase):
    """Tempo."""

    type: Literal["tempo"]
    url: HttpUrl
    """Address."""
    logs: Name | None = None
    """Data source of type loki that a span leads to."""


class JaegerSource(DatasourceBase):
    """Jaeger."""

    type: Literal["jaeger"]
    url: HttpUrl
    """Address."""
    logs: Name | None = None
    """Data source of type loki that a span leads to."""


class PostgresqlSource(DatasourceBase):
    """The database of a PostgreSQL data service, also as TimescaleDB."""

    type: Literal["postgresql"]
    datastore: Name
    """Data service of type postgresql; Grafana asks its primary."""
    username: Text
    """User that may only read."""
    password: FileOrEnv
    """Its password."""
    ssl_mode: Literal["disable", "require", "verify-ca", "verify-full"] = "require"
    """How the connection is protected."""
    timescaledb: bool = False
    """Offer the functions of TimescaleDB in the query editor."""


Datasource = Annotated[
    PrometheusSource | LokiSource | TempoSource | JaegerSource | PostgresqlSource, Field(discriminator="type")
]


class Monitoring(Model):
    """Prometheus with its alerts, and the data sources of Grafana."""

    scrape_interval: Duration = "15s"
    """Time between two scrapes of a target."""
    scrape_timeout: Duration = "10s"
    """How long one scrape may take; not more than the interval."""
    evaluation_interval: Duration = "15s"
    """Time between two evaluations of the rules."""
    retention: Duration = "30d"
    """How long Prometheus keeps its data; an argument of the server, named at the head of prometheus.yml."""
    external_labels: dict[LabelName, LabelValue] = {}
    """Labels on everything that leaves Prometheus; `platform` and `environment` are always there."""
    alertmanagers: list[HostPort] = []
    """Addresses of Alertmanager; left out, the pods of `stack.alertmanager`."""
    stack: Stack = Stack()
    """What runs beside the platform and is scraped with it."""
    targets: dict[Name, ScrapeTarget] = {}
    """What else is scraped, at fixed addresses."""
    thresholds: Thresholds = Thresholds()
    """When the alerts of the presets fire."""
    business: dict[MetricName, BusinessMetric] = {}
    """Figures of the business that workloads export."""
    alerts: dict[AlertName, Alert] = {}
    """Changes to alerts of the presets by their name, and alerts of one's own."""
    datasources: dict[Name, Datasource] = {"prometheus": PrometheusSource(type="prometheus", default=True)}
    """Data sources of Grafana by their uid."""

    @model_validator(mode="after")
    def _rates_see_enough_scrapes(self) -> Monitoring:
        if parse_duration(self.scrape_interval) > 75:
            raise problem(
                "scrape-interval",
                f"with {self.scrape_interval} between two scrapes, rates over 5 minutes see fewer than four of them",
                "use at most 1m",
            )
        return self

    @model_validator(mode="after")
    def _a_scrape_ends_before_the_next(self) -> Monitoring:
        if parse_duration(self.scrape_timeout) > parse_duration(self.scrape_interval):
            raise problem(
                "scrape-timeout",
                f"a scrape may take {self.scrape_timeout}, longer than the interval of {self.scrape_interval}",
                "lower scrapeTimeout or raise scrapeInterval",
            )
        return self

    @model_validator(mode="after")
    def _datasources_know_each_other(self) -> Monitoring:
        defaults = [name for name, source in self.datasources.items() if source.default]
        if len(defaults) > 1:
            raise problem(
                "datasource-default",
                f"{' and '.join(defaults)} are both default",
                "keep `default: true` on one",
            )
        for name, source in self.datasources.items():
            _check_link(name, getattr(source, "logs", None), self.datasources, ("loki",))
            _check_link(name, getattr(source, "traces", None), self.datasources, ("tempo", "jaeger"))
        return self


def _check_link(source: str, link: str | None, known: dict[str, Datasource], types: tuple[str, ...]) -> None:
    if link is not None and (link not in known or known[link].type not in types):
        raise problem(
            "datasource-link",
            f"data source {source} leads to {link}, which is no data source of type {' or '.join(types)}",
            "name a data source of that type, or leave the link out",
        )
