"""What scales the pods and how new versions take over: the decisions behind the objects."""

from __future__ import annotations

from typing import Any

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifestgen.monitoring.slos import counters_of, error_ratio
from manifestgen.spec.slos import Slo
from manifestgen.verify.schemas import SchemaChecker
from support.specs import Spec, inventory_of, platform_of, spec_of

IMAGE = {"repository": "example/app", "tag": "1"}
REQUESTS = {"requests": {"cpu": "1", "memory": "1Gi"}}
CRON = {"type": "cron", "timezone": "UTC", "start": "0 8 * * *", "end": "0 9 * * *", "replicas": 2}
ROUTE = {"hosts": ["a.example.com"], "workload": "app", "port": "http"}
REDIS = {
    "type": "redis",
    "chart": {"repository": "https://charts.example.com", "name": "redis", "version": "20.x.x"},
    "credentials": "keys",
    "storage": {"ephemeral": True},
    "resources": {},
    "passwordKey": "password",
}
STORES: Spec = {
    "settings": {"keys": {"secrets": {"password": {"vault": "a#b"}}}},
    "vault": {"server": "https://vault.example.com", "mount": "kv", "role": "shop"},
    "datastores": {"cache": REDIS},
}
SLOS = {
    "good": {"workload": "app", "objective": 99.9},
    "fast": {"workload": "app", "objective": 95, "latency": {"threshold": "500ms"}},
}


def app(**more: Any) -> Spec:
    """A workload with ports and figures."""
    size = {} if "autoscaling" in more else {"replicas": 2}
    base = {"type": "web", "image": IMAGE, "resources": REQUESTS, "ports": {"http": 80}}
    return {**base, "metrics": {"port": "http"}, **size, **more}


def objects(workload: Spec, **sections: Any) -> dict[tuple[str, str], Spec]:
    """The manifests of a single workload, by kind and name."""
    made = inventory_of(platform_of(spec_of(workloads={"app": workload}, **sections))).objects
    return {(one.kind, one.name): thing.manifest for one, thing in made.items()}


# --- Autoscalers ------------------------------------------------------------------------------------


def hpa(**scaling: Any) -> Spec:
    made = objects(app(autoscaling={"min": 1, "max": 4, **scaling}))
    spec: Spec = made["HorizontalPodAutoscaler", "app"]["spec"]
    return spec


def utilization(share: int) -> Spec:
    return {"type": "Utilization", "averageUtilization": share}


def average(amount: str) -> Spec:
    return {"type": "AverageValue", "averageValue": amount}


OBJECT = {"describedObject": {"kind": "Service", "name": "app"}}
METRICS = [
    ({"cpu": 70}, {"type": "Resource", "resource": {"name": "cpu", "target": utilization(70)}}),
    (
        {"memory": {"average": "1Gi"}},
        {"type": "Resource", "resource": {"name": "memory", "target": average("1Gi")}},
    ),
    (
        {"containers": {"app": {"cpu": 50}}},
        {
            "type": "ContainerResource",
            "containerResource": {"name": "cpu", "container": "app", "target": utilization(50)},
        },
    ),
    (
        {"metrics": {"hits": {"average": "10", "selector": {"verb": "GET"}}}},
        {
            "type": "Pods",
            "pods": {
                "metric": {"name": "hits", "selector": {"matchLabels": {"verb": "GET"}}},
                "target": average("10"),
            },
        },
    ),
    (
        {"objects": {"hits": {"value": "10", **OBJECT}}},
        {
            "type": "Object",
            "object": {
                "metric": {"name": "hits"},
                "describedObject": {"apiVersion": "v1", "kind": "Service", "name": "app"},
                "target": {"type": "Value", "value": "10"},
            },
        },
    ),
    (
        {"external": {"waiting": {"average": "30"}}},
        {"type": "External", "external": {"metric": {"name": "waiting"}, "target": average("30")}},
    ),
]


@pytest.mark.parametrize(("given_", "written"), METRICS, ids=[str(m[1]["type"]) for m in METRICS])
def test_each_kind_of_figure_is_written_as_kubernetes_has_it(given_: Spec, written: Spec) -> None:
    assert hpa(**given_)["metrics"] == [written]


def test_behaviour_in_full_is_written_as_it_is_given() -> None:
    behavior = {
        "scaleUp": {
            "window": "0s",
            "policies": {"double": {"percent": 100, "period": "15s"}, "four": {"pods": 4}},
            "selectPolicy": "Min",
            "tolerance": "2.5%",
        },
        "scaleDown": {"selectPolicy": "Disabled"},
    }
    assert hpa(cpu=70, behavior=behavior)["behavior"] == {
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Min",
            "policies": [
                {"type": "Percent", "value": 100, "periodSeconds": 15},
                {"type": "Pods", "value": 4, "periodSeconds": 60},
            ],
            "tolerance": "0.025",
        },
        "scaleDown": {"selectPolicy": "Disabled"},
    }


def test_a_tolerance_is_valid_for_the_versions_that_have_it() -> None:
    scaling = {"min": 1, "max": 2, "cpu": 50, "behavior": {"scaleUp": {"tolerance": "5%"}}}
    workloads = {"app": app(autoscaling=scaling)}
    platform = platform_of(spec_of(workloads=workloads, cluster={"kubernetesVersion": "1.35"}))
    assert not list(SchemaChecker("1.35").check(platform, inventory_of(platform)))


def test_both_directions_left_to_kubernetes_are_not_written() -> None:
    assert "behavior" not in hpa(cpu=70, behavior={"scaleUp": {}, "scaleDown": {}})


def scaled_object(workload: Spec, **sections: Any) -> Spec:
    made = objects(workload, **sections)
    assert ("HorizontalPodAutoscaler", "app") not in made
    return made["ScaledObject", "app"]


def test_a_pause_is_an_annotation_and_the_rest_is_in_the_spec() -> None:
    scaling = {"min": 2, "max": 5, "triggers": {"early": CRON}, "paused": True, "idleReplicas": 0}
    made = scaled_object(app(autoscaling=scaling))
    assert made["metadata"]["annotations"] == {"autoscaling.keda.sh/paused": "true"}
    assert (made["spec"]["minReplicaCount"], made["spec"]["idleReplicaCount"]) == (2, 0)
    made = scaled_object(app(autoscaling={**scaling, "pausedReplicas": 3}))
    assert made["metadata"]["annotations"] == {"autoscaling.keda.sh/paused-replicas": "3"}


def test_keda_finds_a_data_service_from_its_own_namespace_and_logs_in() -> None:
    trigger = {"type": "redis-lists", "datastore": "cache", "list": "jobs", "length": 5}
    made = objects(app(autoscaling={"min": 0, "max": 5, "triggers": {"jobs": trigger}}), **STORES)
    (written,) = made["ScaledObject", "app"]["spec"]["triggers"]
    assert written == {
        "type": "redis-sentinel",
        "name": "jobs",
        "metadata": {
            "addresses": "cache.shop.svc:26379",
            "sentinelMaster": "mymaster",
            "listName": "jobs",
            "listLength": "5",
            "databaseIndex": "0",
        },
        "authenticationRef": {"name": "app-cache"},
    }
    secrets = made["TriggerAuthentication", "app-cache"]["spec"]["secretTargetRef"]
    assert [(one["parameter"], one["name"], one["key"]) for one in secrets] == [
        ("password", "keys-secrets", "password"),
        ("sentinelPassword", "keys-secrets", "password"),
    ]
    rules = made["NetworkPolicy", "cache"]["spec"]["ingress"]
    keda = [rule for rule in rules if "keda" in str(rule["from"])]
    assert [port["port"] for port in keda[0]["ports"]] == [6379, 26379]


def test_every_figure_that_keda_is_told_is_text() -> None:
    triggers = {
        "a": {"type": "prometheus", "query": "up", "threshold": 0.5},
        "b": CRON,
        "c": {"type": "kafka", "bootstrapServers": ["k:1"], "consumerGroup": "g", "lag": 3, "tls": True},
    }
    made = scaled_object(app(autoscaling={"min": 0, "max": 5, "memory": 60, "triggers": triggers}))
    for trigger in made["spec"]["triggers"]:
        assert all(isinstance(value, str) for value in trigger["metadata"].values())
    assert made["spec"]["triggers"][0]["metadata"] == {
        "serverAddress": "http://prometheus.monitoring.svc:9090",
        "query": "up",
        "threshold": "0.5",
    }


VERTICAL = [
    ("in-place", {"updateMode": "InPlaceOrRecreate"}, {"controlledResources": ["cpu", "memory"]}),
    (
        {"mode": "auto", "minReplicas": 1, "containers": {"app": {"max": {"cpu": "2"}}}},
        {"updateMode": "Recreate", "minReplicas": 1},
        {"maxAllowed": {"cpu": "2"}, "controlledResources": ["cpu", "memory"]},
    ),
    (
        {"containers": {"app": {"enabled": False}}},
        {"updateMode": "Off"},
        {"mode": "Off"},
    ),
]


@pytest.mark.parametrize(("spelled", "update", "policy"), VERTICAL)
def test_the_vertical_autoscaler_is_spelled_in_a_word_or_in_full(
    spelled: Any, update: Spec, policy: Spec
) -> None:
    made = objects(app(verticalAutoscaling=spelled))["VerticalPodAutoscaler", "app"]["spec"]
    assert made["updatePolicy"] == update
    assert made["resourcePolicy"]["containerPolicies"] == [{"containerName": "app", **policy}]


# --- Strategies ------------------------------------------------------------------------------------


def rollout(workload: Spec, **sections: Any) -> Spec:
    made = objects(workload, **sections)
    assert ("Deployment", "app") not in made
    spec: Spec = made["Rollout", "app"]["spec"]
    return spec


def test_pods_are_all_stopped_first_when_that_is_wanted() -> None:
    assert objects(app(strategy="recreate"))["Deployment", "app"]["spec"]["strategy"] == {"type": "Recreate"}


def test_a_canary_without_routes_is_a_share_of_the_pods() -> None:
    strategy = rollout(app(strategy="canary"))["strategy"]["canary"]
    assert {key: strategy[key] for key in ("maxSurge", "maxUnavailable")} == {
        "maxSurge": "25%",
        "maxUnavailable": 0,
    }
    pause = {"pause": {"duration": "10m"}}
    assert strategy["steps"] == [{"setWeight": 10}, pause, {"setWeight": 50}, pause, {"setWeight": 100}]
    assert not {"stableService", "trafficRouting"} & set(strategy)


def test_a_canary_with_routes_gets_a_share_of_the_requests() -> None:
    made = objects(app(strategy="canary"), routes={"public": ROUTE})
    strategy = made["Rollout", "app"]["spec"]["strategy"]["canary"]
    assert (strategy["stableService"], strategy["canaryService"]) == ("app", "app-canary")
    assert strategy["trafficRouting"] == {"nginx": {"stableIngress": "public"}}
    both = [made["Service", name]["spec"] for name in ("app", "app-canary")]
    assert both[0]["selector"] == both[1]["selector"]
    assert both[0]["ports"] == both[1]["ports"]


def test_several_routes_share_the_requests_out_together() -> None:
    routes = {"a": ROUTE, "b": {**ROUTE, "hosts": ["b.example.com"]}}
    strategy = rollout(app(strategy="canary"), routes=routes)["strategy"]["canary"]
    assert strategy["trafficRouting"] == {"nginx": {"stableIngresses": ["a", "b"]}}


def test_a_canary_may_leave_the_routes_alone() -> None:
    workload = app(strategy="canary", rollout={"traffic": "replicas"})
    made = objects(workload, routes={"public": ROUTE})
    assert "trafficRouting" not in made["Rollout", "app"]["spec"]["strategy"]["canary"]
    assert ("Service", "app-canary") not in made


def test_blue_green_switches_the_main_service() -> None:
    made = objects(app(strategy="blue-green", rollout={"previewReplicas": 1}), slos=SLOS)
    strategy = made["Rollout", "app"]["spec"]["strategy"]["blueGreen"]
    assert (strategy["activeService"], strategy["previewService"]) == ("app", "app-preview")
    assert strategy["autoPromotionEnabled"] is True
    assert strategy["previewReplicaCount"] == 1
    assert [one["templateName"] for one in strategy["postPromotionAnalysis"]["templates"]] == ["good", "fast"]
    assert ("Service", "app-preview") in made


def test_each_step_but_the_last_is_measured_by_the_objectives() -> None:
    made = objects(app(strategy="canary", rollout={"pause": "1d"}), slos=SLOS)
    steps = made["Rollout", "app"]["spec"]["strategy"]["canary"]["steps"]
    assert [next(iter(step)) for step in steps] == [
        *("setWeight", "pause", "analysis", "setWeight", "pause", "analysis"),
        "setWeight",
    ]
    assert steps[1] == {"pause": {"duration": "86400s"}}
    assert {name for kind, name in made if kind == "AnalysisTemplate"} == {"good", "fast"}


def test_an_analysis_can_be_narrowed_or_left_out() -> None:
    made = objects(app(strategy="canary", rollout={"analysis": ["fast"]}), slos=SLOS)
    assert {name for kind, name in made if kind == "AnalysisTemplate"} == {"fast"}
    made = objects(app(strategy="canary", rollout={"analysis": []}), slos=SLOS)
    assert not [name for kind, name in made if kind == "AnalysisTemplate"]


@pytest.mark.parametrize("strategy", ["canary", "blue-green"])
def test_whatever_looks_at_the_pods_finds_the_rollout(strategy: str) -> None:
    scaling = {"min": 2, "max": 4, "cpu": 60}
    workload = app(
        strategy=strategy,
        autoscaling=scaling,
        verticalAutoscaling="recommend",
        disruptionBudget={"maxUnavailable": 1},
    )
    made = objects(workload)
    target = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "app"}
    assert made["HorizontalPodAutoscaler", "app"]["spec"]["scaleTargetRef"] == target
    assert made["VerticalPodAutoscaler", "app"]["spec"]["targetRef"] == target
    pods = made["Rollout", "app"]["spec"]["template"]["metadata"]["labels"]
    assert made["PodDisruptionBudget", "app"]["spec"]["selector"]["matchLabels"].items() <= pods.items()
    assert "replicas" not in made["Rollout", "app"]["spec"]
    keda = objects(app(strategy=strategy, autoscaling={"min": 0, "max": 4, "triggers": {"early": CRON}}))
    assert keda["ScaledObject", "app"]["spec"]["scaleTargetRef"] == target


def test_the_pods_of_a_rollout_are_those_of_the_deployment() -> None:
    template = rollout(app(strategy="canary"))["template"]
    assert template == objects(app())["Deployment", "app"]["spec"]["template"]


# --- Objectives ------------------------------------------------------------------------------------


def query(**slo: Any) -> str:
    """The query of an analysis, as Prometheus gets it."""
    platform = platform_of(spec_of(workloads={"app": app()}, slos={"one": {"workload": "app", **slo}}))
    found = platform.spec.slos["one"]
    counters = counters_of(found, platform.spec.workloads["app"], pods="app-7d9f-.+")
    return error_ratio(counters, "5m")


INDICATORS: list[Spec] = [
    {},
    {"availability": {"counter": "requests_total", "label": "code", "failures": "5..|429"}},
    {"latency": {"threshold": "500ms"}},
    {"latency": {"threshold": "2s", "histogram": "own_seconds", "buckets": [1, 2]}},
    {"custom": {"errors": 'a_total{job="x", why!~"t|u"}', "total": "b_total"}},
]


@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_query_can_be_read_and_is_a_number_even_when_nothing_was_asked(indicator: Spec) -> None:
    tree = promql_parser.parse(query(objective=99.9, **indicator))
    assert isinstance(tree, promql_parser.BinaryExpr)
    assert str(tree.op) == "or"
    assert tree.rhs.prettify() == "vector(0)"
    assert "> 0" in tree.lhs.prettify()


def test_only_pods_of_the_new_version_count_where_they_can_be_told_apart() -> None:
    assert 'pod=~"app-7d9f-.+"' in query(objective=99)
    assert "pod=" not in query(objective=99, **INDICATORS[-1])


def test_requests_of_kubelet_and_prometheus_do_not_count() -> None:
    assert 'handler!="/metrics"' in query(objective=99)


@given(st.floats(min_value=0.001, max_value=99.999))
def test_the_condition_is_what_the_objective_lets_fail(objective: float) -> None:
    slo = Slo.model_validate({"workload": "app", "objective": objective, "alerts": False})
    assert slo.budget == pytest.approx(1 - objective / 100)
    assert 0 < slo.budget < 1


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_no_selector_gets_through_that_prometheus_or_argo_would_stumble_over(value: str) -> None:
    series = f'a_total{{job="{value}"}}'
    try:
        slo = Slo.model_validate(
            {"workload": "app", "objective": 99, "custom": {"errors": series, "total": "b_total"}}
        )
    except ValueError:
        return
    assert slo.custom is not None
    promql_parser.parse(slo.custom.errors)
    assert "{{" not in slo.custom.errors
