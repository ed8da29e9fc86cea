"""Inhibitions that follow from the platform: which there are, and that they silence not too much."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from manifestgen.api.alerts import alarms
from manifestgen.monitoring.alarms import Alarms, alarms_of, inhibited_by
from manifestgen.monitoring.alertmanager import topology
from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.expressions.shapes import Shape, Shaper
from manifestgen.monitoring.expressions.surroundings import Surroundings
from manifestgen.monitoring.routing.decision import decide
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.subjects import PRESETS
from support.monitoring import ALERTING, files_of, monitored, parsed
from support.specs import Spec, platform_of

SHIPPED = Path(__file__).parents[2] / "specs" / "platform.yaml"


def of(spec: Spec) -> Alarms:
    platform = platform_of(spec)
    assert platform.spec.alerting is not None
    return alarms_of(platform, platform.spec.alerting)


@pytest.fixture(scope="module")
def shipped() -> Alarms:
    return alarms(SHIPPED, "production")


@pytest.fixture(scope="module")
def everything() -> Alarms:
    return of(monitored())


def derived(found: Alarms) -> dict[str, topology.Derived]:
    return {rule.name: rule for rule in topology.derived(found.platform, found.alerts)}


def test_all_alerts_that_are_named_are_of_presets() -> None:
    known = {alert.name for preset in PRESETS for alert in preset.alerts}
    named = {*topology.GONE, *topology.GONE_IF_ALONE}
    named |= {name for pair in topology.PAIRS for name in (*pair.causes, *pair.effects)}
    assert named <= known


def test_each_rule_says_why_and_has_a_name_of_its_own(shipped: Alarms, everything: Alarms) -> None:
    for found in (shipped, everything):
        rules = topology.derived(found.platform, found.alerts)
        assert len({rule.name for rule in rules}) == len(rules) > 8
        assert all(rule.why.endswith(".") for rule in rules)


def test_nothing_that_is_critical_is_silenced(shipped: Alarms, everything: Alarms) -> None:
    for found in (shipped, everything):
        own = set(found.alerting.inhibitions)
        for alert in found.alerts:
            if alert.severity == "critical":
                assert {rule for rule, _, _ in inhibited_by(found, alert)} <= own, alert.name


def test_a_database_silences_what_connects_to_it_and_nothing_else(shipped: Alarms) -> None:
    rule = derived(shipped)["postgres-silences-what-needs-it"]
    workloads = shipped.platform.spec.workloads
    connected = {name for name, workload in workloads.items() if "postgres" in workload.connects}
    assert (
        set(rule.target["component"]) - {"celery", "routes"}
        == connected
        == {"api", "worker", "postgres-backup"}
    )
    assert rule.source["component"] == ("postgres",)


def test_an_exporter_silences_only_what_it_measures(shipped: Alarms) -> None:
    rule = derived(shipped)["kube-state-metrics-down-silences-figures"]
    silenced = [a for a in shipped.alerts if a.name in rule.target["alertname"]]
    assert len(silenced) > 5
    for alert in silenced:
        metrics = re.findall(r"\b[a-z_]+(?=\{)", alert.expr)
        assert metrics and all(metric.startswith("kube_") for metric in metrics), alert


def test_the_labels_that_must_be_the_same_are_on_both(shipped: Alarms) -> None:
    """A label that both lack counts as the same, and silences what it should not."""
    prometheus = parsed(files_of(shipped.platform), "prometheus/prometheus.yml")
    targets = {job["job_name"]: _labels(job) for job in prometheus["scrape_configs"]}
    seen = 0
    for rule in derived(shipped).values():
        for label in set(rule.equal) - {"environment", "component"}:
            for name in (*rule.source["alertname"], *rule.target["alertname"]):
                (alert,) = (one for one in shipped.alerts if one.name == name)
                jobs = re.findall(r'job="([^"]*)"', alert.expr)
                aggregated = re.search(r"\b(sum|max|min|avg|count)\b", alert.expr)
                selected = re.search(rf'\b{label}="|\b{label}\)', alert.expr)
                told = f"$labels.{label}" in alert.description or selected
                assert told or (not aggregated and label in targets[jobs[0]]), (name, label)
                seen += 1
    assert seen > 15


def shapes(found: Alarms) -> dict[str, Shape]:
    """The labels of each alert's series, as they follow from its expression."""
    groups = groups_of(found.platform)
    there = Surroundings(found.platform, [record for group in groups for record in group.records])
    return {alert.name: Shaper(there.shape).of(tree.parse(alert.expr)) or Shape() for alert in found.alerts}


def test_each_target_that_is_down_silences_what_is_known_of_this_target_alone(everything: Alarms) -> None:
    """By the labels that follow from the expressions: no alert on a target's figures is forgotten."""
    known = shapes(everything)
    rules = {rule.source.get("alertname"): rule for rule in derived(everything).values()}
    ofs = {"NodeExporterDown": "node", "KubeletDown": "kubelet", "PostgresqlDown": "database"}
    for name, job in ofs.items():
        rule = rules[(name,)]
        assert "instance" in rule.equal and "instance" in known[name].sure
        told = {
            alert.name
            for alert in everything.alerts
            if alert.severity != "critical"
            and "instance" in known[alert.name].sure
            and set(re.findall(r'job="([^"]*)"', alert.expr)) == {job}
            and f'{job}"}} == 1' not in alert.expr  # which holds for a target that answers only
        }
        assert set(rule.target["alertname"]) == told - {name}, name


def test_no_other_alert_says_of_one_target_that_it_is_down(everything: Alarms) -> None:
    down = re.compile(r'(up|[a-z]+_up)\{job="[^"]*"\} == 0')
    named = {alert.name: alert.severity for alert in everything.alerts if down.fullmatch(alert.expr)}
    causes = {name for pair in topology.PAIRS for name in pair.causes}
    assert {name for name, severity in named.items() if severity != "critical"} <= causes
    assert len(named) > 3


@pytest.mark.parametrize(
    ("cause", "effect", "where"),
    [
        ("NodeExporterDown", "NodeCpuHigh", "instance"),
        ("NodeExporterDown", "NodeDiskFillingUp", "instance"),
        ("KubeletDown", "VolumeFullSoon", "instance"),
        ("PostgresqlDown", "PostgresqlConnectionsHigh", "instance"),
        ("PostgresqlDown", "PostgresqlConnectionsHigh", "component"),
    ],
)
def test_another_target_is_not_silenced(everything: Alarms, cause: str, effect: str, where: str) -> None:
    labels = {
        name: {**everything.labels_of(alert), "instance": "one"}
        for name in (cause, effect)
        for alert in everything.alerts
        if alert.name == name
    }
    source, target = labels[cause], labels[effect]
    assert silenced(everything, target, source)
    assert not silenced(everything, {**target, where: "another"}, source)
    assert not silenced(everything, target, {**source, "environment": "another"})


def silenced(found: Alarms, target: dict[str, str], *firing: dict[str, str]) -> bool:
    return decide(found.routing, target, firing=[target, *firing]).silenced is not None


def test_nothing_is_silenced_by_what_is_less_urgent() -> None:
    alerts = {"NodeExporterDown": {"severity": "info"}, "NodeClockWrong": {"severity": "info"}}
    rule = derived(of(monitored(alerts=alerts)))["node-exporter-down-silences-same"]
    assert rule.target["alertname"] == ("NodeClockWrong",)


def test_of_several_of_a_kind_each_exporter_silences_its_own() -> None:
    spec = monitored()
    cache = next(one for one in spec["datastores"].values() if one["type"] == "redis")
    spec["datastores"]["second-cache"] = dict(cache)
    found = of(spec)
    (first, second) = (
        one for name, one in derived(found).items() if name.startswith("redis-sentinel-absent")
    )
    for rule in (first, second):
        assert rule.target["component"] == rule.source["component"]
        assert set(rule.target["alertname"]) == {"RedisSentinelsMissing", "RedisFailover"}
        assert rule.equal == ("environment", "component")
    assert first.source["component"] != second.source["component"]
    by = {
        alert.component: found.labels_of(alert)
        for alert in found.alerts
        if alert.name == "RedisSentinelsMissing"
    }
    absent = {a.component: found.labels_of(a) for a in found.alerts if a.name == "RedisSentinelAbsent"}
    for here in by:
        for there in absent:
            assert silenced(found, by[here], absent[there]) is (here == there)


def _labels(job: dict[str, Any]) -> set[str]:
    """The labels of the targets of a job."""
    return {"instance", *(rule.get("target_label", "") for rule in job.get("relabel_configs", ()))}


def test_they_can_be_switched_off() -> None:
    spec = monitored()
    spec["alerting"] = {**ALERTING, "topologyInhibitions": False}
    rules = [rule.name for rule in of(spec).config.inhibitions]
    assert rules == list(ALERTING["inhibitions"])


def test_one_of_several_servers_that_is_down_silences_nobody() -> None:
    spec = monitored()
    name = next(name for name, store in spec["datastores"].items() if store["type"] == "redis")
    front = spec["workloads"]["front"]
    front["connects"] = [*dict.fromkeys([*front.get("connects", []), name])]
    rules = {}
    for replicas in (1, 3):
        spec["datastores"][name] |= {"replicas": replicas, "quorum": 1 if replicas == 1 else 2}
        rules[replicas] = derived(of(spec))[f"{name}-silences-what-needs-it"].source["alertname"]
    assert "RedisDown" in rules[1]
    assert "RedisDown" not in rules[3]
