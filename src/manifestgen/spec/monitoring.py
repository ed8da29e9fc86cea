"""Monitoring: what Prometheus scrapes and keeps, which alerts there are, what Grafana reads."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import (
    Duration,
    Form,
    HttpPath,
    LabelKey,
    Model,
    Name,
    Text,
    defaults_of,
    problem,
    refuse,
)
from manifestgen.spec.base import LabelValue as ObjectLabel
from manifestgen.spec.datasources import Datasource, PrometheusSource, wrong_links
from manifestgen.spec.late import AlertTest, Cardinality, Dashboards
from manifestgen.spec.prometheus import (
    AlertName,
    Category,
    ExporterName,
    HostPort,
    LabelName,
    LabelValue,
    MetricName,
    PageUrl,
    Severity,
    Version,
)
from manifestgen.spec.stack import Stack
from manifestgen.spec.thresholds import Thresholds


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
    def _bounds_leave_room(self) -> Self:
        if self.lowest is not None and self.highest is not None and self.lowest >= self.highest:
            raise problem(
                "business-bounds",
                f"the lowest figure ({self.lowest:g}) is not below the highest ({self.highest:g})",
                "let lowest be below highest",
                ("lowest",),
                ("highest",),
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
    """How long it must be over before it counts as resolved; calms an alert that comes and goes. Left out,
    72h for one of severity `info`, so that it is still there at the next review."""
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
    """Details; `{{ $labels.instance }}` and `{{ $value | humanize }}` are filled in, all else is text."""
    steps: list[Text] = []
    """What to do about it, step by step, for its runbook; before what is known about one of the presets."""
    test: AlertTest | None = None
    """Input for its test; left out, it is worked out from the expression, which few are too odd for."""


class PrometheusOperator(Model):
    """The Prometheus operator of the cluster, and how its Prometheus finds what is meant for it."""

    labels: dict[LabelKey, ObjectLabel] = {}
    """Labels that it selects monitors and rules by: `{release: kube-prometheus-stack}`."""


PrometheusVersion = Annotated[
    str,
    StringConstraints(pattern=r"^(2\.[3-9][0-9]|[3-9]\.[0-9]{1,2})$"),
    Form('write two numbers, e.g. "2.53"; from 2.30 on'),
]
"""A version of Prometheus."""


class Monitoring(Model):
    """Prometheus with its alerts, and the data sources of Grafana."""

    version: PrometheusVersion = "2.42"
    """Version of Prometheus that reads the files; quote it: `"2.53"`. It decides what may be used."""
    delivery: Literal["files", "operator", "both"] = "files"
    """How Prometheus is told: by its own files, or by objects of the Prometheus operator (ServiceMonitor,
    PodMonitor, Probe, ScrapeConfig, PrometheusRule) among those of the platform. What `stack` lists is
    scraped in both ways; switch off there what the cluster's Prometheus watches already. Dashboards go the
    same way: as ConfigMaps with the label `grafana_dashboard`, which Grafana's sidecar looks for."""
    operator: PrometheusOperator = defaults_of(PrometheusOperator)
    """The Prometheus operator, when there is one."""
    scrape_interval: Duration = "15s"
    """Time between two scrapes of a target."""
    scrape_timeout: Duration = "10s"
    """How long one scrape may take; not more than the interval."""
    evaluation_interval: Duration = "15s"
    """Time between two evaluations of the rules."""
    retention: Duration = "30d"
    """How long Prometheus keeps its data; an argument of the server, named at the head of prometheus.yml."""
    cardinality: Cardinality | None = None
    """How many series Prometheus may hold; with it, each job has a `sample_limit`."""
    external_labels: dict[LabelName, LabelValue] = {}
    """Labels on everything that leaves Prometheus; `platform` and `environment` are always there."""
    alertmanagers: list[HostPort] = []
    """Addresses of Alertmanager; left out, the pods of `stack.alertmanager`."""
    stack: Stack = defaults_of(Stack)
    """What runs beside the platform and is scraped with it."""
    exporters: dict[ExporterName, Version] = {}
    """Versions of exporters, where other ones run than those that docs/metrics.md lists: expressions may use
    what these have."""
    targets: dict[Name, ScrapeTarget] = {}
    """What else is scraped, at fixed addresses."""
    thresholds: Thresholds = defaults_of(Thresholds)
    """When the alerts of the presets fire."""
    business: dict[MetricName, BusinessMetric] = {}
    """Figures of the business that workloads export."""
    alerts: dict[AlertName, Alert] = {}
    """Changes to alerts of the presets by their name, and alerts of one's own."""
    runbooks_url: PageUrl | None = None
    """Address at which people see the folder `docs/runbooks` of what is rendered, e.g. its place in the web
    interface of git. With it each alert has a page there, and a link to it: `runbook_url`."""
    grafana_url: PageUrl | None = None
    """Address of Grafana. With it each alert has a link to the dashboard to look at: `dashboard_url`."""
    tests: bool | None = None
    """Write tests of the alerts for `promtool test rules`; left out, where `alerting` says who is told."""
    datasources: dict[Name, Datasource] = {
        "prometheus": defaults_of(PrometheusSource, type="prometheus", default=True)
    }
    """Data sources of Grafana by their uid."""
    dashboards: Dashboards | None = None
    """Dashboards of Grafana."""

    @model_validator(mode="after")
    def _rates_see_enough_scrapes(self) -> Self:
        if parse_duration(self.scrape_interval) > 75:
            raise problem(
                "scrape-interval",
                f"every {self.scrape_interval} is too seldom: rates over 5 minutes need four scrapes",
                "use at most 1m",
                ("scrapeInterval",),
            )
        return self

    @property
    def prometheus_url(self) -> str | None:
        """Address of Prometheus: the data source that is the default, else the first one of that type."""
        sources = [one for one in self.datasources.values() if isinstance(one, PrometheusSource)]
        return min(sources, key=lambda one: not one.default).url if sources else None

    @model_validator(mode="after")
    def _a_scrape_ends_before_the_next(self) -> Self:
        if parse_duration(self.scrape_timeout) > parse_duration(self.scrape_interval):
            raise problem(
                "scrape-timeout",
                f"a scrape may take {self.scrape_timeout}, but the next begins after {self.scrape_interval}",
                "lower scrapeTimeout or raise scrapeInterval",
                ("scrapeTimeout",),
                ("scrapeInterval",),
            )
        return self

    @model_validator(mode="after")
    def _datasources_know_each_other(self) -> Self:
        refuse(wrong_links(self.datasources))
        return self
