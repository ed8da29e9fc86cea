"""What becomes of each part of a spec: the decisions behind the objects."""

from __future__ import annotations

from typing import Any

import pytest

from manifestgen.errors import ManifestgenError
from manifestgen.facts.checksum import config_checksum
from manifestgen.resolving import resolve
from manifestgen.yamlio.load import load_text
from support.specs import Spec, as_json, inventory_of, platform_of, spec_of

IMAGE = {"repository": "example/app", "tag": "1"}
VAULT = {"server": "https://vault.example.com", "mount": "kv", "role": "shop"}


def workload(kind: str = "web", **more: Any) -> Spec:
    size = {} if kind == "scheduler" or "autoscaling" in more else {"replicas": 1}
    return {
        "type": kind,
        "image": IMAGE,
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}},
        **size,
        **more,
    }


def objects(**sections: Any) -> dict[tuple[str, str], Spec]:
    """The manifests of a spec by kind and name."""
    made = inventory_of(platform_of(spec_of(**sections))).objects
    return {(one.kind, one.name): thing.manifest for one, thing in made.items()}


def pod(manifest: Spec) -> Spec:
    spec: Spec = manifest["spec"]["template"]["spec"]
    return spec


def deployment(name: str = "app", **workload_and_sections: Any) -> Spec:
    """The Deployment of a single workload."""
    sections = {
        key: workload_and_sections.pop(key) for key in ("settings", "vault") if key in workload_and_sections
    }
    kind = workload_and_sections.pop("type", "web")
    return objects(workloads={name: workload(kind, **workload_and_sections)}, **sections)["Deployment", name]


# --- Size ------------------------------------------------------------------------------------------


def test_a_fixed_number_of_pods_is_written_and_one_that_follows_the_load_is_left_out() -> None:
    assert deployment(replicas=3)["spec"]["replicas"] == 3
    assert "replicas" not in deployment(autoscaling={"min": 1, "max": 3, "cpu": 50})["spec"]


def test_a_scheduler_is_one_pod_that_is_gone_before_the_next_one_starts() -> None:
    spec = deployment(type="scheduler")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


QUEUE = {"jobs": {"datastore": "mq", "queue": "jobs", "length": 7, "virtualHost": "/v"}}
MQ = {
    "type": "rabbitmq",
    "chart": {"repository": "https://charts.example.com", "name": "rabbitmq", "version": "15.x.x"},
    "credentials": "keys",
    "storage": {"ephemeral": True},
    "resources": {},
    "username": "x",
    **dict.fromkeys(("passwordKey", "erlangCookieKey", "urlKey"), "key"),
}
KEYS = {"settings": {"keys": {"secrets": {"key": {"vault": "a#b"}}}}, "vault": VAULT}


def test_queues_are_scaled_on_by_keda_and_everything_else_by_kubernetes_itself() -> None:
    made = objects(
        workloads={
            "job": workload("worker", autoscaling={"min": 0, "max": 5, "cpu": 60, "queues": QUEUE}),
            "app": workload(autoscaling={"min": 1, "max": 5, "cpu": 60, "memory": 70}),
        },
        datastores={"mq": MQ},
        **KEYS,
    )
    assert ("HorizontalPodAutoscaler", "job") not in made and ("ScaledObject", "app") not in made
    triggers = made["ScaledObject", "job"]["spec"]["triggers"]
    assert [trigger["type"] for trigger in triggers] == ["rabbitmq", "cpu"]
    assert triggers[0]["authenticationRef"] == {"name": "job-mq"}
    assert triggers[0]["metadata"]["value"] == "7"  # KEDA takes texts only
    authentication = made["TriggerAuthentication", "job-mq"]["spec"]["secretTargetRef"]
    assert authentication == [{"parameter": "host", "name": "keys-secrets", "key": "key"}]


@pytest.mark.parametrize(
    ("given", "up", "down"),
    [
        ({}, None, (300, 50)),
        ({"downWindow": "1m", "downPercent": 10}, None, (60, 10)),
        ({"upWindow": "90s"}, {"stabilizationWindowSeconds": 90}, (300, 50)),
        (
            {"upPercent": 100},
            {"policies": [{"type": "Percent", "value": 100, "periodSeconds": 60}]},
            (300, 50),
        ),
    ],
)
def test_the_autoscaler_follows_as_fast_as_it_is_told(given: Spec, up: Any, down: tuple[int, int]) -> None:
    scaling = {"min": 1, "max": 5, "cpu": 60, "behavior": given}
    made = objects(workloads={"app": workload(autoscaling=scaling)})["HorizontalPodAutoscaler", "app"]
    behavior = made["spec"]["behavior"]
    assert behavior.get("scaleUp") == up
    policies = [{"type": "Percent", "value": down[1], "periodSeconds": 60}]
    assert behavior["scaleDown"] == {"stabilizationWindowSeconds": down[0], "policies": policies}


@pytest.mark.parametrize(
    ("mode", "written"), [("recommend", "Off"), ("initial", "Initial"), ("auto", "Recreate")]
)
def test_the_vertical_autoscaler_does_what_the_mode_says(mode: str, written: str) -> None:
    made = objects(workloads={"app": workload(verticalAutoscaling=mode)})["VerticalPodAutoscaler", "app"]
    assert made["spec"]["updatePolicy"] == {"updateMode": written}


@pytest.mark.parametrize("budget", [{"minAvailable": 1}, {"maxUnavailable": "25%"}, {"maxUnavailable": 0}])
def test_a_budget_is_written_as_it_is_given(budget: Spec) -> None:
    made = objects(workloads={"app": workload(disruptionBudget=budget)})["PodDisruptionBudget", "app"]
    assert budget.items() <= made["spec"].items()
    assert len({"minAvailable", "maxUnavailable"} & set(made["spec"])) == 1


@pytest.mark.parametrize(
    ("spread", "keys"),
    [
        ("none", []),
        ("nodes", ["kubernetes.io/hostname"]),
        ("zones", ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]),
    ],
)
def test_pods_are_spread_over(spread: str, keys: list[str]) -> None:
    spec = pod(deployment(spread=spread))
    constraints = spec.get("topologySpreadConstraints", [])
    assert [constraint["topologyKey"] for constraint in constraints] == keys
    assert ("affinity" in spec) == bool(keys)


# --- Settings --------------------------------------------------------------------------------------


def test_settings_reach_the_container_as_text() -> None:
    values = {"A": True, "B": False, "C": 8000, "D": 0.25, "E": "0.10", "F": "", "G": 1e21, "H": -0.0}
    made = objects(workloads={"app": workload(config={"x": {"values": values}})})["ConfigMap", "app-config"]
    assert made["data"] == {
        **{"A": "true", "B": "false", "C": "8000", "D": "0.25"},
        **{"E": "0.10", "F": "", "G": "1e+21", "H": "-0.0"},
    }


def test_what_is_a_workloads_own_wins_over_what_is_shared() -> None:
    group = {"x": {"values": {"A": "1"}}}
    made = objects(
        settings={"one": {"config": group}, "two": {"config": group, "secrets": {"S": {"vault": "a#b"}}}},
        vault=VAULT,
        workloads={
            "app": workload(settings=["one", "two"], config=group, secrets={"T": {"vault": "a#c"}}),
        },
    )["Deployment", "app"]
    # Of two sources of one variable, Kubernetes takes the later one.
    assert pod(made)["containers"][0]["envFrom"] == [
        {"configMapRef": {"name": "one-config"}},
        {"configMapRef": {"name": "two-config"}},
        {"secretRef": {"name": "two-secrets"}},
        {"configMapRef": {"name": "app-config"}},
        {"secretRef": {"name": "app-secrets"}},
    ]


def test_a_setting_that_changes_starts_new_pods_and_no_other_change_does() -> None:
    def annotations(value: str, description: str = "x") -> Any:
        group = {"x": {"values": {"A": value}, "description": description}}
        return deployment(config=group)["spec"]["template"]["metadata"]["annotations"]

    assert annotations("1") == {"checksum/app-config": config_checksum({"A": "1"})}
    assert annotations("1") != annotations("2")
    assert annotations("1") == annotations("1", "another description")


# --- Containers ------------------------------------------------------------------------------------


def test_a_pod_is_closed_unless_told_otherwise() -> None:
    spec = pod(deployment())
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_only_who_may_use_the_kubernetes_api_has_a_token() -> None:
    rule = {"look": {"resources": ["pods"], "verbs": ["get"]}}
    assert pod(deployment(permissions=rule))["automountServiceAccountToken"] is True


def test_a_pod_waits_for_services_under_the_names_and_ports_that_they_have() -> None:
    made = objects(
        workloads={
            "app": workload(
                connects=["mq", "web"],
                waitFor={"services": ["mq", "web"], "image": IMAGE},
                init={"go": {"command": ["go"]}},
            ),
            "web": workload(ports={"http": 8080}, services={"main": {"ports": {"http": 80}}}),
        },
        datastores={"mq": MQ},
        **KEYS,
    )["Deployment", "app"]
    containers = pod(made)["initContainers"]
    assert [container["name"] for container in containers] == ["wait-for-mq", "wait-for-web", "go"]
    assert [container["command"][-2:] for container in containers[:2]] == [["mq", "5672"], ["web", "80"]]


def test_a_digest_stands_behind_the_tag_that_people_read() -> None:
    digest = "sha256:" + "0" * 64
    made = deployment(image={**IMAGE, "digest": digest})
    assert pod(made)["containers"][0]["image"] == f"example/app:1@{digest}"


# --- Services and routes ---------------------------------------------------------------------------


def services(**more: Any) -> dict[str, Any]:
    made = objects(workloads={"app": workload(**more)})
    return {name: manifest["spec"] for (kind, name), manifest in made.items() if kind == "Service"}


def test_a_web_workload_with_ports_has_a_service_and_one_without_has_none() -> None:
    (only,) = services(ports={"http": 8080, "admin": 9000}).items()
    assert only[0] == "app" and [port["port"] for port in only[1]["ports"]] == [8080, 9000]
    assert services() == {}


def test_services_are_named_after_the_workload_and_lead_to_its_ports_by_name() -> None:
    made = services(
        ports={"http": 8080},
        services={"main": {"ports": {"http": 80}}, "pods": {"type": "Headless", "ports": {"http": 8080}}},
    )
    assert list(made) == ["app", "app-pods"]
    assert made["app"]["ports"] == [{"name": "http", "port": 80, "targetPort": "http"}]
    assert (made["app-pods"]["type"], made["app-pods"]["clusterIP"]) == ("ClusterIP", "None")


def annotations_of(**route: Any) -> dict[str, str]:
    place = {"hosts": ["a.example.com"], "workload": "app", "port": "http"}
    made = objects(workloads={"app": workload(ports={"http": 8080})}, routes={"r": {**place, **route}})
    found: dict[str, str] = made["Ingress", "r"]["metadata"].get("annotations", {})
    return {key.removeprefix("nginx.ingress.kubernetes.io/"): value for key, value in found.items()}


@pytest.mark.parametrize(
    ("size", "written"),
    [("1Mi", "1m"), ("512Ki", "512k"), ("1k", "1000"), ("1536", "1536"), ("2Gi", "2048m"), ("1024", "1k")],
)
def test_a_size_is_written_as_nginx_reads_it(size: str, written: str) -> None:
    assert annotations_of(maxBody=size)["proxy-body-size"] == written


def test_annotations_of_ones_own_win() -> None:
    own = {"nginx.ingress.kubernetes.io/proxy-body-size": "5m", "example.com/x": "on"}
    made = annotations_of(annotations=own)
    assert (made["proxy-body-size"], made["example.com/x"]) == ("5m", "on")


def test_a_firewall_that_only_looks_on_needs_no_snippet() -> None:
    made = annotations_of(firewall={"mode": "detect"})
    assert made["enable-owasp-core-rules"] == "true"
    assert "modsecurity-snippet" not in made


def test_a_firewall_that_steps_in_still_reads_the_bodies() -> None:
    made = annotations_of(firewall={"mode": "block"})
    assert made["enable-owasp-core-rules"] == "true"
    # A snippet takes the place of the recommended configuration, so it includes it.
    assert (
        made["modsecurity-snippet"] == "Include /etc/nginx/modsecurity/modsecurity.conf\nSecRuleEngine On\n"
    )


def test_a_route_without_tls_speaks_plain_http() -> None:
    assert "force-ssl-redirect" not in annotations_of()
    assert annotations_of(tls={"issuer": "ca"})["force-ssl-redirect"] == "true"


# --- All together ----------------------------------------------------------------------------------


def test_two_things_that_would_be_the_same_object_are_a_finding() -> None:
    app = workload(ports={"http": 8080}, services={"admin": {"ports": {"http": 80}}})
    spec = spec_of(workloads={"app": app, "app-admin": workload(ports={"http": 8080})})
    with pytest.raises(ManifestgenError) as raised:
        inventory_of(platform_of(spec))
    (finding,) = raised.value.findings
    assert (finding.rule, finding.path) == ("object-clash", "workloads.app-admin")
    assert finding.message == "it makes a Service named app-admin, as workloads.app does"


def test_every_object_carries_the_recommended_labels_and_no_namespace() -> None:
    made = objects(workloads={"app": workload(ports={"http": 8080})})
    for manifest in made.values():
        labels = manifest["metadata"]["labels"]
        assert set(labels) == {f"app.kubernetes.io/{key}" for key in ("name", "part-of", "component")}
        assert "namespace" not in manifest["metadata"]


def test_selectors_are_small_and_select_the_pods() -> None:
    made = objects(workloads={"app": workload(ports={"http": 8080})})
    selector = {"app.kubernetes.io/name": "app", "app.kubernetes.io/part-of": "shop"}
    assert made["Deployment", "app"]["spec"]["selector"] == {"matchLabels": selector}
    assert made["Service", "app"]["spec"]["selector"] == selector
    labels = made["Deployment", "app"]["spec"]["template"]["metadata"]["labels"]
    assert selector.items() <= labels.items()


def test_the_port_that_a_probe_calls_by_grpc_may_be_left_to_the_environments() -> None:
    probes = {"liveness": {"grpc": {"port": "calls"}}}
    workload = {"type": "web", "image": {"repository": "a", "tag": "1"}, "replicas": 2, "resources": {}}
    spec = spec_of(workloads={"api": {**workload, "probes": probes}})
    spec["environments"]["live"]["workloads"] = {"api": {"ports": {"calls": 9000}}}
    base = resolve(load_text(as_json(spec), "spec.yaml"))[None]
    assert base.incomplete == {("workloads", "api")}
    assert inventory_of(base).objects
