"""What is found wrong with PromQL: names, types, labels, ranges, comparisons; nothing with what is sound."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manifestgen.facts.metrics import exporters, gone, metrics, series_type
from manifestgen.facts.versions import is_older
from manifestgen.monitoring.expressions import review
from manifestgen.monitoring.expressions.surroundings import Surroundings
from manifestgen.monitoring.flaw import Flaw
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Alert
from manifestgen.pipeline import load
from manifestgen.resolving import ResolvedPlatform
from support.monitoring import MONITORING, monitored
from support.specs import Spec, everything, platform_of

ROOT = Path(__file__).parents[2]
SPECS = [
    ROOT / "specs" / "platform.yaml",
    ROOT / "specs" / "minimal.yaml",
    *sorted((ROOT / "specs" / "examples").glob("*.yaml")),
    *sorted((ROOT / "tests" / "specs").glob("*.yaml")),
]

PIECES = (
    *("up", "redis_evicted_keys_total", "job:up:ratio", '{job="a"}', '{job=~".+"}', "[5m]", "[1h:5m]"),
    *("rate", "sum", "by (job)", "without (pod)", "on (job)", "group_left ()", "/", ">", "== bool", "and"),
    *("1", "-1", "NaN", "offset 5m", "@ start()", "histogram_quantile(", "label_replace(", '"x"', ",", "("),
    *("or", "absent(", ")"),
)


def surroundings_of(platform: ResolvedPlatform) -> Surroundings:
    return Surroundings(platform, [record for group in groups_of(platform) for record in group.records])


@cache
def of_everything() -> Surroundings:
    return changed(targets={})


def changed(**changes: Any) -> Surroundings:
    return surroundings_of(platform_of(monitored(**changes)))


def found(expr: str, there: Surroundings | None = None) -> list[Flaw]:
    return list(review.of_expression(expr, there or of_everything()))


def alert(expr: str, description: str = "x", for_: str | None = None) -> Alert:
    return Alert("A", severity="info", expr=expr, summary="x", description=description, for_=for_)


BAD = [
    # Rules that are widely copied and can never fire.
    ("pg_replication_lag > 30", "series-dead", "a query of one's own", "pg_replication_lag_seconds"),
    (
        "rate(certmanager_acme_client_request_count[5m]) > 1",
        "series-dead",
        "no version ever had it",
        "use certmanager_http_acme_client_request_count",
    ),
    (
        "kube_hpa_status_current_replicas == kube_hpa_spec_max_replicas",
        "series-dead",
        "version 2 renamed it",
        "use kube_horizontalpodautoscaler_status_current_replicas",
    ),
    (
        "kube_pod_container_resource_limits_cpu_cores > 1",
        "series-dead",
        "the unit is a label",
        "use kube_pod_container_resource_limits",
    ),
    ("minio_disks_offline > 0", "series-dead", "first version", "minio_cluster_drive_offline_total"),
    ("rabbitmq_running == 0", "series-dead", "an older exporter", "rabbitmq_identity_info"),
    (
        "pg_replication_slot_wal_status == 1",
        "series-dead",
        "renamed it in 0.20",
        "pg_replication_slots_wal_status",
    ),
    (
        "rate(celery_task_queue_wait_time_count[5m]) > 1",
        "series-dead",
        "celery-exporter 0.12.2 does not export",
        "monitoring.exporters.celery-exporter",
    ),
    ("minio_cluster_health_nodes_offline_count > 0", "series-unscraped", "minio v3", "monitoring.stack"),
    ('pg_up{job="cache"} == 0', "series-unscraped", "no job that job='cache' takes", "database"),
    ('redis_up{job=~"data.*"} == 0', "series-unscraped", "has redis_up", "cache"),
    ("http_request_total > 0", "series-unknown", "nobody that we know", "did you mean http_requests_total?"),
    ("wholly_else > 0", "series-unknown", "nobody that we know", "monitoring.business.wholly_else"),
    ("sum by (", "promql-syntax", "it is no PromQL", "promtool"),
    ('up{job=~"("}', "promql-syntax", "it is no PromQL", "promtool"),
    # Types.
    ("rate(redis_memory_used_bytes[5m]) > 1", "promql-type", "which is a gauge", "deriv()"),
    ("increase(kube_deployment_spec_replicas[5m]) > 1", "promql-type", "which is a gauge", "delta()"),
    ("delta(redis_evicted_keys_total[5m]) > 1", "promql-type", "which is a counter", "rate()"),
    (
        "predict_linear(node_network_receive_bytes_total[1h], 60) > 1",
        "promql-type",
        "which is a counter",
        "rate()",
    ),
    (
        "histogram_quantile(0.9, sum by (job) (rate(celery_task_runtime_bucket[5m]))) > 1",
        "promql-type",
        "without the label le",
        "sum by (le",
    ),
    (
        "histogram_quantile(0.9, rate(celery_task_runtime_sum[5m])) > 1",
        "promql-type",
        "no histogram's series of buckets",
        "_bucket",
    ),
    ("sum(vault_core_handle_request) > 1", "promql-type", "no quantile of anything", "_sum and _count"),
    (
        "rate(sum(redis_evicted_keys_total)[5m:30s]) > 1",
        "promql-type",
        "starts again at 0",
        "add up then",
    ),
    ("redis_evicted_keys_total > 100", "promql-counter", "once it is over 100", "increase("),
    ("sum by (job) (redis_evicted_keys_total) > 100", "promql-counter", "stays so", "increase("),
    # Labels.
    (
        'pg_stat_activity_count{server="a"} > 1',
        "promql-label",
        "pg_stat_activity_count has no label server",
        "it has",
    ),
    (
        'rate(http_requests_total{status_code="500"}[5m]) > 1',
        "promql-label",
        "http_requests_total has no label status_code",
        "handler, instance, job, method",
    ),
    (
        'celery_queue_length{queue="a"} > 1',
        "promql-label",
        "has no label queue",
        "it has instance, job, queue_name",
    ),
    ('rate(http_requests_total{status="500"}[5m]) > 1', "promql-value", "never '500'", "1xx, 2xx"),
    ('rate(http_requests_total{status=~"50[0-9]"}[5m]) > 1', "promql-value", "never", "5xx"),
    (
        'kube_job_failed{condition="True"} == 1',
        "promql-value",
        "condition of kube_job_failed is never 'True'",
        "true",
    ),
    (
        'certmanager_certificate_ready_status{condition="true"} == 0',
        "promql-value",
        "is never 'true'",
        "False, True, Unknown",
    ),
    ('redis_instance_info{job="cache", role="primary"} == 1', "promql-value", "is never 'primary'", "master"),
    (
        'redis_up{job="cache"} == 1 and pg_up{job="database"} == 1',
        "promql-never-matches",
        "job is cache on the left and database on the right",
        "on (",
    ),
    (
        "kube_pod_container_status_restarts_total / kube_pod_info",
        "promql-never-matches",
        "left have the label container",
        "ignoring (",
    ),
    (
        "sum by (queue_name) (celery_queue_length) / sum by (job) (celery_active_worker_count)",
        "promql-never-matches",
        "label queue_name, those on the right never do",
        "on (",
    ),
    (
        "sum(celery_queue_length) > on (job) sum by (job) (celery_active_worker_count)",
        "promql-never-matches",
        "those on the left never do",
        "on (",
    ),
    (
        'increase(alertmanager_notifications_failed_total{reason="other"}[5m])'
        " / (increase(alertmanager_notifications_total[5m]) > 0)",
        "promql-never-matches",
        "label reason",
        "ignoring (",
    ),
    # Ranges.
    ("rate(redis_evicted_keys_total[20s]) > 1", "promql-range", "needs 2 samples", "use [1m]"),
    ("rate(redis_evicted_keys_total[40s]) > 1", "promql-range-short", "holds 2.7 scrapes", "use [1m]"),
    ("increase(redis_evicted_keys_total[20d]) > 1", "promql-range", "keeps its data for 15d", "retention"),
    ("redis_up offset 16d == 0", "promql-range", "it looks back 16d", "retention"),
    (
        "max_over_time(rate(redis_evicted_keys_total[1d])[15d:1h]) > 1",
        "promql-range",
        "back 16d",
        "retention",
    ),
    # Comparisons and divisions.
    ("redis_up > 1", "promql-never-true", "redis_up is 0 or 1, so > 1 never holds", "otherwise"),
    ("2 == pg_up", "promql-never-true", "== 2 never holds", "otherwise"),
    ("redis_evicted_keys_total < 0", "promql-never-true", "never below 0", "otherwise"),
    ("redis_up >= 0", "promql-always-true", ">= 0 always holds", "otherwise"),
    (
        "redis_memory_used_bytes / redis_memory_max_bytes > 0.9",
        "promql-zero-divisor",
        "for redis_memory_max_bytes that means no limit",
        "> 0",
    ),
    (
        "sum(rate(celery_task_failed_total[5m])) / sum(rate(celery_task_received_total[5m])) > 0.1",
        "promql-zero-divisor",
        "nothing may happen",
        "> 0",
    ),
    (
        "job:celery_tasks_failed:rate5m / job:celery_tasks_received:rate5m > 0.1",
        "promql-zero-divisor",
        "divides by job:celery_tasks_received:rate5m",
        "> 0",
    ),
]


@pytest.mark.parametrize(("expr", "rule", "message", "advice"), BAD, ids=[case[0] for case in BAD])
def test_what_cannot_work_is_found_and_nothing_else(expr: str, rule: str, message: str, advice: str) -> None:
    flaws = found(expr)
    assert {flaw.rule for flaw in flaws} == {rule}, flaws
    assert message in flaws[0].message, flaws
    assert advice in flaws[0].advice, flaws


GOOD = [
    "up == 0",
    'rate(http_requests_total{status=~"5.."}[5m]) > 1',
    "sum by (job) (rate(celery_task_failed_total[5m])) > 0",
    "increase(celery_task_failed_total[5m]) > 0 and on (job) up == 1",
    'absent(redis_up{job="cache"})',
    'ALERTS{alertname="RedisDown", severity="critical"}',
    "redis_memory_used_bytes / (redis_memory_max_bytes > 0)",
    "redis_memory_used_bytes / clamp_min(redis_memory_max_bytes, 1)",
    "redis_memory_used_bytes / redis_config_maxclients",
    "celery_queue_length * on (job) group_left () up",
    "kube_pod_container_status_restarts_total * on (namespace, pod) group_left (node) kube_pod_info",
    "redis_up * 0 == 0",
    "(time() - redis_start_time_seconds) < 60",
    "rate(celery_task_runtime_sum[5m]) / (rate(celery_task_runtime_count[5m]) > 0)",
    "histogram_quantile(0.9, sum by (le) (rate(minio_s3_requests_ttfb_seconds_distribution[5m])))",
    "changes(redis_sentinel_master_config_epoch[15m]) > 0",
    "max by (cmd) (label_replace(rate(redis_commands_total[5m]), 'cmd', '$1', 'cmd', '(.*)')) > 1",
]


@pytest.mark.parametrize("expr", GOOD)
def test_what_is_sound_is_left_in_peace(expr: str) -> None:
    assert [flaw for flaw in found(expr) if flaw.rule != "series-unknown"] == []


def reviewed(platform: ResolvedPlatform) -> Iterator[tuple[str, Flaw]]:
    there = surroundings_of(platform)
    for group in groups_of(platform):
        for record in group.records:
            yield from ((record.name, flaw) for flaw in review.of_expression(record.expr, there))
        for one in group.alerts:
            yield from ((one.name, flaw) for flaw in review.of_expression(one.expr, there))
            yield from ((one.name, flaw) for flaw in review.of_alert(one, there))


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_no_rule_of_any_preset_is_complained_about(spec: Path) -> None:
    assert spec.exists()
    for platform in load(spec).environments.values():
        assert list(reviewed(platform)) == []


def test_no_preset_is_complained_about_where_all_are_used() -> None:
    alerts = {**MONITORING["alerts"]}
    del alerts["OrdersFailing"]
    spec = monitored(alerts=alerts, retention="30d")  # objectives count over that
    spec["monitoring"]["business"] = everything()["monitoring"]["business"] | spec["monitoring"]["business"]
    assert list(reviewed(platform_of(spec))) == []


def test_what_runs_decides_which_names_there_are() -> None:
    old = changed(exporters={"postgres_exporter": "0.19.1"})
    assert [flaw.rule for flaw in found("pg_replication_slots_wal_status", old)] == ["series-dead"]
    assert [flaw.rule for flaw in found("pg_replication_slot_wal_status", old)] == ["series-unknown"]
    new = changed(exporters={"celery-exporter": "0.13"})
    assert found("histogram_quantile(0.9, rate(celery_task_queue_wait_time_bucket[5m]))", new) == []
    older = changed(exporters={"alertmanager": "0.25"})
    assert [f.rule for f in found("rate(alertmanager_notifications_suppressed_total[5m])", older)] == [
        "series-dead"
    ]
    assert found("rate(alertmanager_notifications_suppressed_total[5m])") == []


def test_a_job_that_is_switched_off_gives_nothing() -> None:
    stack = {**MONITORING["stack"], "kubeStateMetrics": {"enabled": False}}
    (flaw,) = found("kube_pod_info", changed(stack=stack, targets={}))
    assert (flaw.rule, "kube-state-metrics, which no job" in flaw.message) == ("series-unscraped", True)
    assert found("kube_pod_info", changed(stack=stack)) == []  # the target may be kube-state-metrics


def test_of_the_clusters_own_prometheus_not_all_is_known() -> None:
    stack = {**MONITORING["stack"], "kubeStateMetrics": {"enabled": False}}
    there = changed(stack=stack, targets={}, delivery="operator")
    assert found('kube_pod_info{service="x"}', there) == []
    assert [flaw.rule for flaw in found("kube_hpa_labels", there)] == ["series-dead"]


def test_a_workload_that_is_an_exporter_may_give_anything() -> None:
    def spec(repository: str) -> Spec:
        whole = monitored(targets={}, alerts={})
        whole["datastores"] = {k: v for k, v in whole["datastores"].items() if k != "cache"}
        whole["workloads"]["front"]["image"] = {"repository": repository, "tag": "1"}
        return whole

    assert (
        found("redis_config_maxclients", surroundings_of(platform_of(spec("oliver006/redis_exporter")))) == []
    )


def test_a_series_that_is_forgotten_is_not_waited_for() -> None:
    there = of_everything()
    gone_by_then = alert("celery_worker_up == 0", for_="15m")
    assert [flaw.rule for flaw in review.of_alert(gone_by_then, there)] == ["alert-never-fires"]
    assert "stays 0 for 5m" in next(review.of_alert(gone_by_then, there)).message
    grouped = alert("max by (hostname) (celery_worker_up) < 1 and on () up == 1", for_="6m")
    assert [flaw.rule for flaw in review.of_alert(grouped, there)] == ["alert-never-fires"]
    assert list(review.of_alert(alert("celery_worker_up == 0", for_="5m"), there)) == []
    assert list(review.of_alert(alert("celery_worker_up == 1", for_="15m"), there)) == []
    assert list(review.of_alert(alert("sum(celery_worker_up) < 3", for_="15m"), there)) == []


@pytest.mark.parametrize(
    ("expr", "label", "is_there"),
    [
        ("sum by (job) (rate(celery_task_failed_total[5m])) > 0", "job", True),
        ("sum by (job) (rate(celery_task_failed_total[5m])) > 0", "name", False),
        ("job:celery_tasks_failed:rate5m > 0", "name", False),
        ("job_name:celery_task_runtime:p95_5m > 0", "name", True),
        ('absent(redis_up{job="cache"})', "job", True),
        ('absent(up{job="cache"} == 1)', "job", False),
        ("celery_queue_length * on (job) up", "queue_name", False),
        ("celery_queue_length * on (job) group_left (pod) up", "queue_name", True),
        ("histogram_quantile(0.9, rate(celery_task_runtime_bucket[5m]))", "le", False),
        ("vector(1)", "job", False),
        ("count_values('version', redis_instance_info)", "version", True),
    ],
)
def test_descriptions_use_labels_that_the_result_has(expr: str, label: str, is_there: bool) -> None:
    flaws = list(review.of_alert(alert(expr, f"in {{{{ $labels.{label} }}}}"), of_everything()))
    assert [flaw.rule for flaw in flaws] == ([] if is_there else ["alert-template-label"])


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)))
@example("up[999999999999y]")
@example("rate(up[106751991168y])")
@example("up offset 292471208y")
@example('up{job=~"[[a]"}')
@example("up{job=~'a{9999}'}")
@example("(" * 5000)
@example("-" * 1000 + "up")
@example("-" * 100_000 + "up")
@example("up" + " or up" * 1000)
def test_whatever_is_written_ends_in_findings(text: str) -> None:
    assert all(flaw.message and flaw.advice for flaw in found(text))
    list(review.of_alert(alert(text, "{{ $labels.job }}", "5m"), of_everything()))


def test_every_name_of_the_catalogue_is_well_formed_and_of_one_type() -> None:
    assert len(metrics()) > 500
    for name, known in metrics().items():
        assert name.replace("_", "").isalnum(), name
        assert len({metric.type for metric in known}) == 1, name
        assert gone(name) is None, name
        for metric in known:
            for label, values in metric.family.values.items():
                assert label in metric.possible_labels, (name, label)
                assert values.split(), (name, label)


def test_every_exporter_says_where_it_was_read_and_where_it_listens() -> None:
    names = [exporter.name for exporter in exporters()]
    assert len(names) == len(set(names))
    for exporter in exporters():
        assert exporter.version[0].isdigit() and 0 < exporter.port < 65536 and exporter.path[0] == "/"


def test_parts_of_histograms_and_summaries_are_counters() -> None:
    parts = ("http_request_duration_highr_seconds_bucket", "vault_barrier_get_sum", "vault_barrier_get_count")
    assert [series_type(part) for part in parts] == ["counter"] * 3
    assert series_type("vault_barrier_get_bucket") is None


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [("0.19", "0.20", True), ("0.20", "0.20.0", False), ("0.9", "0.10", True), ("1", "0.20", False)],
)
def test_versions_are_compared_by_their_numbers(version: str, than: str, older: bool) -> None:
    assert is_older(version, than) is older
