"""Pages on expressions of Prometheus: alerts of one's own, and what silences what."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_ALERT: Final = """\
monitoring:%s
  alerts:
    TooMany:
      expr: %s
      severity: warning
      component: api
      category: infrastructure
      summary: There are too many
      description: %s
"""


_CELERY: Final = "\n  stack: {celeryExporter: {enabled: true}}"
_TARGET: Final = "\n  targets: {redis: {addresses: ['redis-exporter.shop.svc:9121']}}"
_ORDERS: Final = """
  business:
    app_orders_failed: {workload: api, type: gauge, description: Orders that failed, labels: [shop]}"""


def _alert(expr: str, description: str = "See the dashboard.", *, monitoring: str = "") -> str:
    return _ALERT % (monitoring, expr, f'"{description}"')


_INHIBITION: Final = """\
alerting:
  receivers: {team: {slack: {urlFile: /etc/alertmanager/slack, channel: "#alerts"}}}
  default: team
  inhibitions:
    down-silences-slow:
      source: {alert: WorkloadDown}
      target: {alert: ContainerThrottled}
      equal: [%s]
"""

PAGES: Final[dict[str, Page]] = {
    "alert-never-fires": Page(
        why="""\
celery-exporter sets `celery_worker_up` to 0 five minutes after the last heartbeat of a worker and forgets
the worker five minutes later. An alert that waits longer than the 0 lasts sees the series go, starts to
wait anew, and never fires; the alert that the exporter itself ships waits 15 minutes. The rule knows how
long the series of each metric last.""",
        bad=_alert("celery_worker_up == 0", monitoring=_CELERY) + "      for: 15m\n",
        good=_alert("celery_worker_up == 0", monitoring=_CELERY) + "      for: 2m\n",
        fix="""\
Wait less long than the series lasts, or count what is left: `(sum(celery_worker_up) or vector(0)) < 3`.""",
    ),
    "alert-template-label": Page(
        why="""\
`{{ $labels.NAME }}` is filled in from the labels of the series that the expression returns, and with
nothing where these lack it. An aggregation keeps the labels in `by (…)` alone, `absent()` those that its
selector names with `=`; the labels that the alert itself gets (severity, component …) are not among them.
Who reads the message at night reads `Pod  restarts`.""",
        bad=_alert(
            "sum by (namespace) (increase(kube_pod_container_status_restarts_total[10m])) > 5",
            "Pod {{ $labels.pod }} restarts.",
        ),
        good=_alert(
            "sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total[10m])) > 5",
            "Pod {{ $labels.pod }} restarts.",
        ),
        fix="Keep the label in the aggregation, or leave it out of the text.",
    ),
    "cardinality-budget": Page(
        why="""\
Every series costs Prometheus memory, whether somebody asks for it or not, and when there is none left it is
killed, reads its log for minutes, and is killed again: all alerts are blind. How many there will be follows
from the labels of the metrics (docs/metrics.md), times the pods and nodes that have them. It is an
estimate: rules of thumb for what the spec does not know, which `monitoring.cardinality.counts` corrects.
With a budget, each job also gets a `sample_limit` of many times its estimate.""",
        bad="monitoring: {cardinality: {budget: 10000, nodes: 50, pods: 2000}}\n",
        good="monitoring: {cardinality: {budget: 500000, nodes: 50, pods: 2000}}\n",
        fix="""\
Give Prometheus more memory and raise the budget, do without what brings the most, or say how many values
its labels really have.""",
    ),
    "inhibition-label": Page(
        why="""\
An inhibition holds between alerts that agree in the labels of `equal`. Where only one of them has such a
label, they never agree, and nothing is silenced; where neither has it, Alertmanager takes that as
agreement, so that the label restricts nothing and more is silenced than was meant. Alerts have severity,
component, category and team, the labels of Prometheus (platform, environment), and those that their
expressions return.""",
        bad=_INHIBITION % "namespace, container",
        good=_INHIBITION % "namespace",
        fix="Name labels that alerts of both sides have; mostly `component` and `environment`.",
    ),
    "promql-always-true": Page(
        why="""\
What is a bool is 0 or 1, and a counter is never negative: `>= 0` holds for every series that is there, so
that the alert fires for all of them, all the time.""",
        bad=_alert("kube_node_spec_unschedulable >= 0"),
        good=_alert("kube_node_spec_unschedulable > 0"),
        fix="""\
Compare it so that it can come out both ways; whether a series is there, `count()` and `absent()` say.""",
    ),
    "promql-counter": Page(
        why="""\
A counter says what happened since its process started. Held against a threshold as it stands, it depends on
how long that was ago: it fires at some time and then until the next restart, and says nothing of now.""",
        bad=_alert("kube_pod_container_status_restarts_total > 5"),
        good=_alert("increase(kube_pod_container_status_restarts_total[1h]) > 5"),
        fix="Compare `increase(…[1h])`, or `rate(…[5m])` for what happens in a second.",
    ),
    "promql-label": Page(
        why="""\
A selector that asks for a label which the metric does not have selects nothing, without an error: the alert
sleeps for ever. What labels there are, docs/metrics.md says; those of the target (job, instance, for pods
also namespace, pod and node) come on top. The libraries of other languages give `http_requests_total` other
labels than that of FastAPI; then silence the rule.""",
        bad=_alert('kube_pod_status_phase{state="Pending"} == 1'),
        good=_alert('kube_pod_status_phase{phase="Pending"} == 1'),
        fix="Use a label that the metric has; the finding lists them.",
    ),
    "promql-never-matches": Page(
        why="""\
The two sides of an operation are joined by their labels: all of them, unless `on (…)` or `ignoring (…)`
says otherwise. Where one side has a label that the other never has, or both have one with different values
(`job`, for example), nothing is ever joined, the result is empty, and an alert on it never fires.""",
        bad=_alert("container_memory_working_set_bytes / kube_pod_container_resource_limits > 0.9"),
        good=_alert(
            "max by (namespace, pod, container) (container_memory_working_set_bytes)"
            "\n        / max by (namespace, pod, container) "
            '(kube_pod_container_resource_limits{resource="memory"}) > 0.9'
        ),
        fix="""\
Say by which labels the sides match, `on (namespace, pod)`, or aggregate both to the same labels. If one
side has several series for one of the other, add `group_left ()` or `group_right ()`.""",
    ),
    "promql-never-true": Page(
        why="""\
What is a bool is 0 or 1, and a counter is never negative: a comparison with anything beyond never holds,
and the alert never fires.""",
        bad=_alert("up > 1"),
        good=_alert("up < 1"),
        fix="Compare it with a value that it can have.",
    ),
    "promql-range": Page(
        why="""\
A rate is made of two samples at least. A range that is shorter than two scrape intervals mostly holds one,
so that there is no result. And what is older than the retention is gone, so that a longer range, or an
offset beyond it, sees a part or nothing.""",
        bad=_alert("increase(kube_pod_container_status_restarts_total[20s]) > 1"),
        good=_alert("increase(kube_pod_container_status_restarts_total[10m]) > 1"),
        fix="""\
Use a range of four scrape intervals or more; raise `monitoring.retention` for what looks far back.""",
    ),
    "promql-range-short": Page(
        why="""\
A range of two or three scrapes is left with one when a scrape is late or fails, and then there is no rate:
the line has a gap, and an alert that had almost waited long enough starts anew.""",
        bad=_alert("increase(kube_pod_container_status_restarts_total[45s]) > 1"),
        good=_alert("increase(kube_pod_container_status_restarts_total[1m]) > 1"),
        fix="Let the range hold four scrapes: at 15 seconds, `[1m]`.",
    ),
    "promql-syntax": Page(
        why="""\
Prometheus refuses to start, or to read its rules again, when a single expression cannot be read: then no
alert of the whole platform is evaluated.""",
        bad=_alert("sum by (namespace (kube_pod_info) > 5"),
        good=_alert("sum by (namespace) (kube_pod_info) > 5"),
        fix="Correct it; the parser says where it gave up.",
    ),
    "promql-type": Page(
        why="""\
`rate()` and `increase()` take every fall of a value for the restart of a counter, so that of a gauge they
give nonsense; `delta()` and `deriv()` take a restart for a fall. Of a sum of counters nobody can tell which
one started again: take the rate first and add up then. `histogram_quantile()` needs the buckets
(`…_bucket`) with their label `le`. Quantiles of a summary cannot be added up or averaged.""",
        bad=_alert("rate(kube_deployment_status_replicas_available[10m]) > 1"),
        good=_alert("delta(kube_deployment_status_replicas_available[10m]) > 1"),
        fix="Use the function for the type of the metric; docs/metrics.md has the types.",
    ),
    "promql-value": Page(
        why="""\
Some labels have a few values that are known, and a selector for another one selects nothing, without an
error: `condition="True"` is how cert-manager writes it and `"true"` how kube-state-metrics does; the status
of requests to FastAPI is `5xx` unless the application says otherwise.""",
        bad=_alert('kube_node_status_condition{condition="Ready", status="False"} == 1'),
        good=_alert('kube_node_status_condition{condition="Ready", status="false"} == 1'),
        fix="Use a value that the label has; the finding lists them.",
    ),
    "promql-zero-divisor": Page(
        why="""\
Without requests there is no share of failed ones: 0 / 0 is NaN, which no comparison holds for, and anything
else divided by 0 is infinite, which is above every threshold. Some metrics say with a 0 that there is no
limit: `redis_memory_max_bytes`, `container_spec_memory_limit_bytes`.""",
        bad=_alert(
            "sum(rate(container_cpu_cfs_throttled_periods_total[5m]))"
            " / sum(rate(container_cpu_cfs_periods_total[5m])) > 0.5"
        ),
        good=_alert(
            "sum(rate(container_cpu_cfs_throttled_periods_total[5m]))"
            " / (sum(rate(container_cpu_cfs_periods_total[5m])) > 0) > 0.5"
        ),
        fix="""\
Put `> 0` behind the divisor, in parentheses: then there is no result when there is nothing to divide by.""",
    ),
    "series-dead": Page(
        why="""\
Exporters rename their metrics, and alerts that are copied from place to place keep the old names for years.
An expression with a dead name selects nothing, without an error: the alert never fires. The same is true of
a name that only a later version has; `monitoring.exporters` says which version runs.""",
        bad=_alert("kube_hpa_status_current_replicas >= 10"),
        good=_alert("kube_horizontalpodautoscaler_status_current_replicas >= 10"),
        fix="Use the new name; the finding says it.",
    ),
    "series-unknown": Page(
        why="""\
Nobody that we know exports a metric of this name: it may be mistyped, and then the alert never fires. What
an application exports is declared in the spec, so that its use can be checked against it; the lists of what
exporters give (docs/metrics.md) are not whole, either.""",
        bad=_alert("app_orders_failed_total > bool 5"),
        good="workloads: {api: {metrics: {port: http}}}\n"
        + _alert("sum by (shop) (app_orders_failed) > 5", monitoring=_ORDERS),
        fix="""\
Correct the name, or declare what a workload exports, `monitoring.business.NAME`. Silence the rule for a
metric that an exporter really has.""",
    ),
    "series-unscraped": Page(
        why="""\
The metric exists, but no job of this platform scrapes its exporter, or the matcher of `job` takes none that
does: the expression selects nothing, and the alert never fires. Jobs are those of workloads and data
services with metrics, of `monitoring.stack` and of `monitoring.targets`. Of the Prometheus of a cluster
(`delivery: operator`) it is not known what it scrapes besides, so there the rule is silent.""",
        bad=_alert("redis_up == 0"),
        good=_alert("redis_up == 0", monitoring=_TARGET),
        fix="Let the exporter be scraped, or correct the matcher.",
    ),
}
