"""Alerts and recording rules: sound PromQL about metrics that exist, with labels to route by."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifestgen.errors import ManifestgenError
from manifestgen.facts.metrics import series_type
from manifestgen.monitoring.rulebook import PRESET_ALERTS, groups_of
from manifestgen.monitoring.rules import fill
from manifestgen.monitoring.subjects import PRESETS
from manifestgen.pipeline import load
from manifestgen.spec.prometheus import Category
from support.monitoring import MONITORING, files_of_spec, monitored, rules
from support.promql import metrics_used, nodes
from support.specs import platform_of, spec_of

FILES = files_of_spec(monitored())
ALERTS = rules(FILES, "alerts")
RECORDS = rules(FILES, "records")
RECORDED = {rule["record"] for rule in RECORDS}
DECLARED = {
    "shop_duration_seconds_bucket": "counter",
    "shop_duration_seconds_count": "counter",
    "orders_failed_total": "counter",
    "orders_total": "counter",
}
"""What only the objectives of the spec name."""
BUSINESS = DECLARED | {name: metric["type"] for name, metric in MONITORING["business"].items()}
EXPRESSIONS = [pytest.param(r["expr"], id=r.get("alert") or r["record"]) for r in [*RECORDS, *ALERTS]]

# Functions by what their argument must be.
OF_COUNTERS = {"rate", "increase", "irate", "resets"}
OF_GAUGES = {"predict_linear", "deriv", "delta"}


def selectors(expression: str) -> list[Any]:
    tree = nodes(promql_parser.parse(expression))
    return [node for node in tree if isinstance(node, promql_parser.VectorSelector)]


def named(name: str) -> list[dict[str, Any]]:
    return [rule for rule in ALERTS if rule["alert"] == name]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_names_only_metrics_that_exist(expression: str) -> None:
    found = selectors(expression)
    assert found or expression.startswith("vector(")
    for selector in found:
        assert selector.name in RECORDED | set(BUSINESS) or series_type(selector.name), selector.name


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_says_which_job_or_namespace_it_is_about(expression: str) -> None:
    for selector in selectors(expression):
        labels = {matcher.name for matcher in selector.matchers.matchers}
        own = expression == MONITORING["alerts"]["OrdersFailing"]["expr"]
        assert labels & {"job", "namespace", "slo"} or selector.name in ("up", "job:up:ratio") or own


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_rates_are_of_counters_and_trends_of_gauges(expression: str) -> None:
    for node in nodes(promql_parser.parse(expression)):
        if not isinstance(node, promql_parser.Call) or node.func.name not in OF_COUNTERS | OF_GAUGES:
            continue
        name = node.args[0].vector_selector.name
        kind = BUSINESS.get(name) or series_type(name)
        assert kind == ("counter" if node.func.name in OF_COUNTERS else "gauge"), name


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_no_expression_divides_by_what_may_be_zero(expression: str) -> None:
    for node in nodes(promql_parser.parse(expression)):
        if isinstance(node, promql_parser.BinaryExpr) and str(node.op) == "/":
            assert re.search(r">\s*0\b|^\d", str(node.rhs.prettify())), node.rhs.prettify()


def test_every_record_is_named_by_level_metric_and_operations() -> None:
    assert [name for name in RECORDED if not re.fullmatch(r"[a-z_]+:[a-z0-9_]+:[a-z0-9_]+", name)] == []


def test_every_record_is_used_by_an_alert_or_another_record() -> None:
    of_disabled = {"job:http_request_duration_seconds:p99_5m"}
    told = re.findall(r"query `([^`]+)`", " ".join(rule["annotations"]["description"] for rule in ALERTS))
    used = metrics_used([*(rule["expr"] for rule in [*ALERTS, *RECORDS]), *told])
    assert RECORDED - used == of_disabled


def test_no_record_stands_twice() -> None:
    known = [(rule["record"], rule.get("labels", {}).get("slo")) for rule in RECORDS]
    assert len(set(known)) == len(known)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule["alert"]) for rule in ALERTS])
def test_every_alert_can_be_routed_and_read(rule: dict[str, Any]) -> None:
    assert set(rule["labels"]) - {"slo"} == {"severity", "component", "category", "team"}
    assert all(rule["labels"].values())
    assert set(rule["annotations"]) == {"summary", "description"}
    assert "{{" not in rule["annotations"]["summary"]
    assert len(rule["annotations"]["summary"]) < 80


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule["alert"]) for rule in ALERTS])
def test_a_description_uses_only_labels_that_the_expression_keeps(rule: dict[str, Any]) -> None:
    tree = promql_parser.parse(rule["expr"])
    wanted = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["description"]))
    kept = {
        label
        for node in nodes(tree)
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None
        for label in node.modifier.labels
    }
    is_aggregate = isinstance(tree, promql_parser.AggregateExpr)
    if is_aggregate and kept:
        assert wanted <= kept


def test_the_six_categories_of_the_report_are_all_there() -> None:
    categories = {rule["labels"]["category"] for rule in ALERTS}
    assert categories == {"api", "database", "redis", "rabbitmq", "business", "infrastructure"}
    assert len({rule["alert"] for rule in ALERTS}) > 80


def test_every_component_is_missed_when_it_is_gone_and_the_way_to_people_is_watched() -> None:
    gone = re.compile(r"absent\(|\) != 1|== 0")
    missed = {
        r["labels"]["component"]
        for r in ALERTS
        if gone.search(r["expr"]) or r["alert"] == "WorkloadReplicasLow"
    }
    own = {entry["component"] for entry in MONITORING["alerts"].values() if "expr" in entry}
    may_be_none = {"crew", "import", "once"}  # scaled to zero, or done
    assert {r["labels"]["component"] for r in ALERTS} - own - missed == may_be_none
    assert [rule["expr"] for rule in named("Watchdog")] == ["vector(1)"]


def test_corporate_intel_has_the_alerts_and_records_that_its_report_wants() -> None:
    of_replicas = {"instance:pg_replication_lag_seconds:max"}  # only production has some
    for name, platform in load(Path(__file__).parents[2] / "specs" / "platform.yaml").environments.items():
        groups = groups_of(platform)
        alerts = {alert.name: alert for group in groups for alert in group.alerts}
        records = {record.name for group in groups for record in group.records}
        assert len(alerts) >= 30 and {one.category for one in alerts.values()} == set(get_args(Category))
        assert len(records) >= 50
        told = [query for a in alerts.values() for query in re.findall(r"query `([^`]+)`", a.description)]
        used = metrics_used(
            [*(rule.expr for group in groups for rule in (*group.records, *group.alerts)), *told]
        )
        assert records - used == (set() if name == "production" else of_replicas)


def test_names_of_alerts_differ_between_presets() -> None:
    names = [alert.name for preset in PRESETS for alert in preset.alerts]
    assert len(names) == len(set(names)) == len(PRESET_ALERTS)


def test_every_preset_is_applied_to_a_platform_of_everything() -> None:
    behind_a_gateway = load(Path(__file__).parents[1] / "specs" / "gateway.yaml").environments["live"]
    used = {rule["alert"] for rule in ALERTS}
    used |= {alert.name for group in groups_of(behind_a_gateway) for alert in group.alerts}
    for preset in PRESETS:
        assert used & {alert.name for alert in preset.alerts}, preset.name


def test_a_team_is_found_by_component_then_by_category_then_it_is_the_owner() -> None:
    team = {(r["labels"]["component"], r["labels"]["category"]): r["labels"]["team"] for r in ALERTS}
    assert team["front", "api"] == "team-front"
    assert team["celery", "api"] == "team-api"
    assert team["database", "database"] == "team-data"
    assert team["nodes", "infrastructure"] == "team-all"


def test_figures_of_the_spec_are_in_the_expressions() -> None:
    assert named("PostgresqlMaxConnectionsDiffers")[0]["expr"] == (
        'pg_settings_max_connections{job="database"} != 300'
    )
    assert named("RabbitmqNodesMissing")[0]["expr"] == 'count(rabbitmq_build_info{job="queue"}) < 3'
    assert named("RedisMemoryLimitDiffers")[0]["expr"] == 'redis_memory_max_bytes{job="cache"} != 104857600'
    low = {rule["labels"]["component"]: rule["expr"] for rule in named("WorkloadReplicasLow")}
    assert set(low) == {"front", "shop", "desk", "watcher"} and low["front"].endswith("< 2")
    most = {rule["labels"]["component"]: rule["expr"] for rule in named("WorkloadAtMaximum")}
    assert set(most) == {"front", "crew", "hands", "desk", "packers"} and most["front"].endswith(">= 9")


def test_a_workload_that_may_have_no_pod_is_not_called_down() -> None:
    assert "crew" not in {rule["labels"]["component"] for rule in named("WorkloadDown")}


def test_thresholds_become_ratios_and_seconds() -> None:
    spec = monitored(
        thresholds={
            "web": {"errorsCritical": 0.1, "latencyP95": "250ms"},
            "postgresql": {"connectionsWarning": 70, "replicationLagCritical": "1h30m"},
            "rabbitmq": {"queueWarning": 10_000_000},
        }
    )
    found = {rule["alert"]: rule["expr"] for rule in rules(files_of_spec(spec), "alerts")}
    assert "> 0.001\n" in found["WebErrorRateCritical"]
    assert found["WebLatencyP95High"].endswith("> 0.25")
    assert found["PostgresqlConnectionsHigh"].endswith("> 0.7")
    assert found["PostgresqlReplicationLagCritical"].endswith("> 5400")
    assert found["RabbitmqQueueLong"].endswith("> 10000000")


def test_requests_of_kubelet_and_prometheus_are_not_counted() -> None:
    spec = monitored()
    front = spec["workloads"]["front"]
    spec["workloads"]["side"] = {
        "type": "web",
        "image": front["image"],
        "ports": {"http": 8000},
        "metrics": {"port": "http"},
        "probes": {"liveness": {"http": {"path": "/up(1)", "port": "http"}}},
        "replicas": 1,
        "resources": {},
    }
    found = {rule["record"]: rule["expr"] for rule in rules(files_of_spec(spec), "records")}
    counted = [
        'http_requests_total{job="front", handler!~"/internal/metrics|/started"}',
        'http_requests_total{job="shop", handler!="/metrics"}',
        'http_requests_total{job="side", handler!~"/metrics|/up\\\\(1\\\\)"}',
    ]
    assert found["job_handler:http_requests:rate5m"] == (
        f"sum by (job, handler) ({' or '.join(f'rate({one}[5m])' for one in counted)})"
    )
    for name, expr in found.items():
        assert "http_requests_total" not in expr or expr.count("handler!") == 3, name


def test_nodes_of_vault_that_stand_by_are_no_targets_that_are_down() -> None:
    assert named("TargetsDown")[0]["expr"] == 'job:up:ratio{job!="vault"} < 0.9'


def test_info_lasts_until_it_is_reviewed_over_a_weekend_too() -> None:
    own = MONITORING["alerts"]["OrdersFailing"]
    spec = monitored(
        alerts={
            "RedisMemoryHigh": {"severity": "info", "keepFiringFor": "1h"},
            "Mine": {**own, "severity": "info", "keepFiringFor": None},
        }
    )
    found = {rule["alert"]: rule for rule in rules(files_of_spec(spec), "alerts")}
    assert found["RedisMemoryHigh"].pop("keep_firing_for") == "1h"
    info = {name for name, rule in found.items() if rule["labels"]["severity"] == "info"}
    assert {"ContainerThrottled", "Mine", "AppActiveUsersLow"} <= info
    assert {name for name, rule in found.items() if rule.get("keep_firing_for") == "72h"} == (
        info - {"RedisMemoryHigh", "Watchdog"}
    )


def test_what_people_look_at_is_missed_when_it_is_not_found() -> None:
    absent = {rule["labels"]["component"]: rule["expr"] for rule in named("ObserverAbsent")}
    assert absent == {name: f'absent(up{{job="{name}"}})' for name in ("grafana", "loki", "tempo", "jaeger")}


def test_workers_are_compared_with_the_pods_that_run_them() -> None:
    (alert,) = named("CeleryWorkerDown")
    pods = (
        'kube_deployment_status_replicas_available{namespace="everything", deployment=~"crew|hands|watcher"}'
    )
    assert pods in alert["expr"]
    stack = {**MONITORING["stack"], "kubeStateMetrics": {"enabled": False}}
    blind = rules(files_of_spec(monitored(stack=stack)), "alerts")
    assert "CeleryWorkerDown" not in {rule["alert"] for rule in blind}


def test_an_alert_is_changed_disabled_or_added_by_name() -> None:
    assert named("WebLatencyP99High") == []
    (memory,) = named("RedisMemoryHigh")
    assert (memory["for"], memory["labels"]["severity"], memory["labels"]["team"]) == (
        "20m",
        "info",
        "team-cache",
    )
    assert memory["annotations"]["summary"] == "Redis is running out of memory"
    (own,) = named("OrdersFailing")
    assert own["expr"] == MONITORING["alerts"]["OrdersFailing"]["expr"]
    assert own["keep_firing_for"] == "5m"
    assert own["labels"]["team"] == "team-front"
    assert own["annotations"]["description"] == (
        '{{ $value | humanize }} orders fail in {{ $labels.job }}; {{ "{{" }} braces }} are text.'
    )


def test_a_change_to_a_preset_that_does_not_apply_is_no_alert() -> None:
    spec = spec_of(monitoring={"alerts": {"RedisDown": {"severity": "info"}}})
    assert "RedisDown" not in {rule["alert"] for rule in rules(files_of_spec(spec), "alerts")}


@pytest.mark.parametrize(
    ("entry", "rule", "message", "advice"),
    [
        ({"severity": "info"}, "alert-unknown", "RedisDwn is no alert", "did you mean 'RedisDown'?"),
        ({"enabled": False}, "alert-unknown", "RedisDwn is no alert", "did you mean 'RedisDown'?"),
        (
            {"expr": "up == 0", "severity": "info", "summary": "Down"},
            "alert-incomplete",
            "RedisDwn lacks component, category, description",
            "an alert that is not of the presets",
        ),
    ],
)
def test_an_alert_that_is_neither_known_nor_whole_is_refused_at_its_line(
    entry: dict[str, Any], rule: str, message: str, advice: str
) -> None:
    with pytest.raises(ManifestgenError) as caught:
        files_of_spec(monitored(alerts={"RedisDwn": entry}))
    (finding,) = caught.value.findings
    assert (finding.rule, finding.path) == (rule, "monitoring.alerts.RedisDwn")
    assert finding.message.startswith(message)
    assert finding.advice.startswith(advice)
    assert finding.location is not None


@pytest.mark.parametrize(
    ("changes", "rule", "path"),
    [
        ({"targets": {"front": {"addresses": ["a:1"]}}}, "scrape-job-clash", "monitoring.targets.front"),
        ({"targets": {"node": {"addresses": ["a:1"]}}}, "scrape-job-clash", "monitoring.targets.node"),
        (
            {"business": {"app_x": {"workload": "back", "type": "gauge", "description": "X"}}},
            "monitored-workload",
            "monitoring.business.app_x.workload",
        ),
        (
            {"business": {"redis_up": {"workload": "front", "type": "gauge", "description": "X"}}},
            "business-metric",
            "monitoring.business.redis_up",
        ),
        (
            {"stack": {"celeryExporter": {"enabled": True, "workload": "nobody"}}},
            "monitored-workload",
            "monitoring.stack.celeryExporter.workload",
        ),
        (
            {"datasources": {"x": {**MONITORING["datasources"]["database"], "datastore": "cache"}}},
            "datasource-datastore",
            "monitoring.datasources.x.datastore",
        ),
    ],
)
def test_names_that_lead_nowhere_are_refused_at_their_place(
    changes: dict[str, Any], rule: str, path: str
) -> None:
    with pytest.raises(ManifestgenError) as caught:
        files_of_spec(monitored(**changes))
    assert [(finding.rule, finding.path) for finding in caught.value.findings] == [(rule, path)]


def test_a_service_named_like_a_job_of_the_cluster_is_refused() -> None:
    spec = monitored()
    spec["datastores"]["node"] = spec["datastores"]["cache"]
    with pytest.raises(ManifestgenError) as caught:
        files_of_spec(spec)
    assert [(f.rule, f.path) for f in caught.value.findings] == [("scrape-job-clash", "datastores.node")]


def test_a_preset_never_leaves_a_hole() -> None:
    with pytest.raises(KeyError):
        fill("up{@of} > @threshold", {"of": 'job="x"'})


@given(st.text())
def test_values_are_filled_in_as_they_are(value: str) -> None:
    assert fill("x @name y", {"name": value}) == f"x {value} y"


def test_of_a_rollout_the_pods_are_counted_for_there_is_no_deployment() -> None:
    common: dict[str, Any] = {
        "image": {"repository": "example/app", "tag": "1"},
        "resources": {"requests": {"cpu": "1"}},
        "replicas": 3,
    }
    workloads = {
        "shop": {"type": "web", "ports": {"http": 80}, "strategy": "canary", **common},
        "crew": {"type": "worker", "strategy": "canary", **common},
        "hands": {"type": "worker", **common},
    }
    stack = {"celeryExporter": {"enabled": True}}
    platform = platform_of(spec_of(workloads=workloads, monitoring={"stack": stack}))
    alerts = {
        (alert.name, alert.component): alert.expr for group in groups_of(platform) for alert in group.alerts
    }
    down = alerts["WorkloadDown", "shop"]
    assert 'pod=~"shop-[a-z0-9]+-[a-z0-9]{5}"' in down
    assert "or vector(0)" in down
    assert down.endswith('up{job="kube-state-metrics"} == 1')
    assert ("WorkloadRolloutStuck", "shop") not in alerts
    assert ("WorkloadRolloutStuck", "hands") in alerts
    assert not [expr for (_, of), expr in alerts.items() if of == "shop" and "kube_deployment" in expr]
    workers = alerts["CeleryWorkerDown", "celery"]
    assert 'deployment="hands"' in workers
    assert 'pod=~"crew-[a-z0-9]+-[a-z0-9]{5}"' in workers
    for expr in alerts.values():
        promql_parser.parse(expr)
