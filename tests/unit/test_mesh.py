"""A service mesh: what one word makes, who may call whom, and what becomes of calls that fail."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from manifestgen.api import lint
from manifestgen.kube.usage import Usage, usages
from support.meshes import by_istio, by_linkerd, mesh_of
from support.specs import Spec, as_json, inventory_of, platform_of, spec_of

IMAGE = {"repository": "example/app", "tag": "1"}
SIZE = {"requests": {"cpu": "1", "memory": "1Gi"}}
MESHES = ("istio", "linkerd")


def web(**more: Any) -> Spec:
    return {"type": "web", "image": IMAGE, "resources": SIZE, "replicas": 2, "ports": {"http": 80}, **more}


def job(**more: Any) -> Spec:
    return {"type": "job", "image": IMAGE, "resources": SIZE, **more}


def objects(mesh: Any, **sections: Any) -> dict[tuple[str, str], Spec]:
    """The objects of a spec by kind and name."""
    made = inventory_of(platform_of(spec_of(mesh=mesh, **sections))).objects.values()
    return {(one.id.kind, one.id.name): one.manifest for one in made}


def pod(mesh: Any, workload: Spec, **sections: Any) -> Spec:
    """The labels and annotations of the pods of a workload that are about the mesh."""
    workloads = {"app": workload, **sections.pop("workloads", {})}
    metadata = objects(mesh, workloads=workloads, **sections)["Deployment", "app"]["spec"]["template"][
        "metadata"
    ]
    both = {**metadata["labels"], **metadata.get("annotations", {})}
    return {key: value for key, value in both.items() if "istio" in key or "linkerd" in key}


ISTIO = {
    "sidecar.istio.io/inject": "true",
    "sidecar.istio.io/nativeSidecar": "true",
    "sidecar.istio.io/proxyCPU": "100m",
    "sidecar.istio.io/proxyMemory": "128Mi",
    "sidecar.istio.io/proxyMemoryLimit": "512Mi",
}
LINKERD = {
    "linkerd.io/inject": "enabled",
    "config.alpha.linkerd.io/proxy-enable-native-sidecar": "true",
    "config.beta.linkerd.io/proxy-enable-native-sidecar": "true",
    "config.linkerd.io/default-inbound-policy": "deny",
    "config.linkerd.io/proxy-cpu-request": "100m",
    "config.linkerd.io/proxy-memory-request": "128Mi",
    "config.linkerd.io/proxy-memory-limit": "512Mi",
}
OPEN = {key: value for key, value in LINKERD.items() if not key.endswith("inbound-policy")}


@pytest.mark.parametrize(
    ("mesh", "own", "said"),
    [
        (None, {}, {}),
        ("istio", {}, ISTIO),
        ({"type": "istio", "revision": "1-28"}, {}, {**ISTIO, "istio.io/rev": "1-28"}),
        ("istio", {"mesh": True}, ISTIO),
        # Said even so: the namespace may have every pod get a proxy.
        ("istio", {"mesh": False}, {"sidecar.istio.io/inject": "false"}),
        ({"type": "istio", "revision": "x"}, {"mesh": False}, {"sidecar.istio.io/inject": "false"}),
        (
            "istio",
            {"mesh": {"proxy": {"requests": {"cpu": "20m"}, "limits": {"cpu": "1"}}}},
            {**ISTIO, "sidecar.istio.io/proxyCPU": "20m", "sidecar.istio.io/proxyCPULimit": "1"},
        ),
        (
            "istio",
            {"podAnnotations": {"sidecar.istio.io/proxyCPU": "1"}},
            {**ISTIO, "sidecar.istio.io/proxyCPU": "1"},
        ),
        ("linkerd", {}, LINKERD),
        ("linkerd", {"mesh": False}, {"linkerd.io/inject": "disabled"}),
        ({"type": "linkerd", "authorization": "none"}, {}, OPEN),
    ],
)
def test_pods_say_whether_and_how_they_are_in_the_mesh(mesh: Any, own: Spec, said: Spec) -> None:
    assert pod(mesh, web(**own)) == said


EXTERNALS = {
    "mail": {
        "networks": ["10.0.0.0/24"],
        "ports": [25, {"port": 5000, "endPort": 5010}, {"port": 53, "protocol": "UDP"}],
    },
    "audit": {"namespace": "audit", "mesh": True, "ports": [8443]},
    "books": {"namespace": "books", "ports": [80, 8444]},
}


@pytest.mark.parametrize(
    ("connects", "skipped"),
    [
        ([], None),
        (["mail"], "25"),
        (["audit"], None),
        (["books"], "80,8444"),
        (["books", "other"], "8444"),  # calls to the port 80 of what is in the mesh need their identity
        (["outside"], "80"),
        (["db"], "5432"),
    ],
)
def test_linkerd_leaves_out_the_ports_of_what_has_no_proxy(connects: list[str], skipped: str | None) -> None:
    store = {"type": "postgresql", "provider": "external", "database": "a", "addresses": ["10.1.1.1"]}
    made = pod(
        "linkerd",
        web(connects=connects),
        workloads={"other": web(), "outside": web(mesh=False)},
        externals=EXTERNALS,
        datastores={"db": store},
    )
    assert made.get("config.linkerd.io/skip-outbound-ports") == skipped


@pytest.mark.parametrize("mesh", MESHES)
def test_only_what_connects_may_call(mesh: str) -> None:
    workloads = {
        "app": web(connects=["store"], metrics={"port": "http"}),
        "store": web(
            ports={"http": 80, "sync": 7000}, peers=["sync"], services={"main": {"ports": {"http": 80}}}
        ),
        "once": job(connects=["store"]),
        "lonely": job(),
    }
    made = objects(
        mesh,
        workloads=workloads,
        routes={"in": {"hosts": ["a.example.com"], "workload": "app", "port": "http"}},
    )
    calls = (by_istio if mesh == "istio" else by_linkerd)(mesh_of(made.values()))
    assert calls == {
        ("app", "(outside)", 80),
        ("store", "app", 80),
        ("store", "once", 80),
        ("store", "store", 7000),
    }


@pytest.mark.parametrize(
    ("cluster", "said", "source"),
    [
        ({}, {}, {"notPrincipals": ["*"]}),
        ({"ingressNamespace": "edge"}, {"ingress": True}, {"namespaces": ["edge"]}),
        (
            {"ingressNamespace": "edge"},
            {"ingress": True, "ingressAccount": "nginx"},
            {"serviceAccounts": ["edge/nginx"]},
        ),
        ({"routing": "gateway", "gateway": {"class": "istio"}}, {}, {"notPrincipals": ["*"]}),
        (
            {"routing": "gateway", "gateway": {"class": "istio"}},
            {"ingress": True},
            {"serviceAccounts": ["shop-istio"]},
        ),
        (
            {"routing": "gateway", "gateway": {"shared": {"name": "g", "namespace": "gates"}}},
            {"ingress": True},
            {"namespaces": ["gates"]},
        ),
        (
            {"routing": "gateway", "gateway": {"class": "x", "dataPlaneNamespace": "proxies"}},
            {"ingress": True, "ingressAccount": "edge"},
            {"serviceAccounts": ["proxies/edge"]},
        ),
    ],
)
def test_what_lets_requests_in_is_known_by_its_identity_if_it_has_one(
    cluster: Spec, said: Spec, source: Spec
) -> None:
    made = objects(
        {"type": "istio", **said},
        cluster=cluster,
        workloads={"app": web()},
        routes={"in": {"hosts": ["a.example.com"], "workload": "app", "port": "http"}},
    )
    (rule,) = made["AuthorizationPolicy", "app"]["spec"]["rules"]
    assert rule == {"from": [{"source": source}], "to": [{"operation": {"ports": ["80"]}}]}
    assert (("PeerAuthentication", "app") in made) == ("notPrincipals" in source)


def test_more_callers_than_one_source_may_name_are_several_sources() -> None:
    callers = {f"job-{number:02}": job(connects=["app"]) for number in range(20)}
    made = objects("istio", workloads={"app": web(), **callers})
    (rule,) = made["AuthorizationPolicy", "app"]["spec"]["rules"]
    named = [origin["source"]["serviceAccounts"] for origin in rule["from"]]
    assert [len(some) for some in named] == [16, 4]
    assert [one for some in named for one in some] == list(callers)


@pytest.mark.parametrize("mesh", MESHES)
def test_without_authorization_everyone_may_call(mesh: str) -> None:
    made = objects(
        {"type": mesh, "authorization": "none"}, workloads={"app": web(), "other": web(connects=["app"])}
    )
    kinds = {kind for kind, _ in made}
    assert not kinds & {"AuthorizationPolicy", "Server", "MeshTLSAuthentication", "NetworkAuthentication"}
    assert ("PeerAuthentication" in kinds) == (mesh == "istio")


ROUTE = [{"destination": {"host": "app"}}]
SAFE = {"attempts": 2, "retryOn": "connect-failure,refused-stream,gateway-error"}
NEVER_ARRIVED = {"attempts": 2, "retryOn": "connect-failure,refused-stream"}


@pytest.mark.parametrize(
    ("mesh", "own", "routes"),
    [
        (
            {},
            True,
            [
                {
                    "name": "retried",
                    "match": [{"method": {"regex": "GET|HEAD|OPTIONS"}}],
                    "route": ROUTE,
                    "retries": SAFE,
                },
                {"name": "others", "route": ROUTE, "retries": NEVER_ARRIVED},
            ],
        ),
        (
            {"timeout": "1m30s", "retries": {"perTry": "1500ms", "retryOn": "5xx"}},
            {"retries": {"methods": ["GET", "PUT"], "attempts": 1}},
            [
                {
                    "name": "retried",
                    "match": [{"method": {"regex": "GET|PUT"}}],
                    "route": ROUTE,
                    "timeout": "90s",
                    "retries": {
                        "attempts": 1,
                        "perTryTimeout": "1500ms",
                        "retryOn": "connect-failure,refused-stream,5xx",
                    },
                },
                {
                    "name": "others",
                    "route": ROUTE,
                    "timeout": "90s",
                    "retries": {**NEVER_ARRIVED, "attempts": 1},
                },
            ],
        ),
        (
            {"timeout": "5s"},
            {"retries": {"attempts": 0}, "timeout": "none"},
            [{"name": "others", "route": ROUTE, "retries": {"attempts": 0}}],
        ),
    ],
)
def test_istio_makes_calls_again_that_change_nothing(mesh: Spec, own: Any, routes: list[Spec]) -> None:
    workloads = {"app": web(mesh=own), "other": job(connects=["app"])}
    made = objects({"type": "istio", **mesh}, workloads=workloads)
    assert made["VirtualService", "app"]["spec"] == {"hosts": ["app"], "http": routes}


def test_linkerd_makes_calls_again_that_change_nothing() -> None:
    workloads = {"app": web(mesh={"retries": {"attempts": 1}}), "other": job(connects=["app"])}
    made = objects({"type": "linkerd", "timeout": "2s", "retries": {"perTry": "500ms"}}, workloads=workloads)
    again, once = made["HTTPRoute", "app-http-retried"], made["HTTPRoute", "app-http-others"]
    assert again["metadata"]["annotations"] == {
        "retry.linkerd.io/http": "gateway-error",
        "retry.linkerd.io/limit": "1",
        "retry.linkerd.io/timeout": "500ms",
        "timeout.linkerd.io/request": "2s",
    }
    assert once["metadata"]["annotations"] == {"timeout.linkerd.io/request": "2s"}
    backends = [{"name": "app", "port": 80}]
    methods = [{"method": method} for method in ("GET", "HEAD", "OPTIONS")]
    assert again["spec"]["rules"] == [{"matches": methods, "backendRefs": backends}]
    assert once["spec"]["rules"] == [{"backendRefs": backends}]


@pytest.mark.parametrize("mesh", MESHES)
def test_what_nothing_in_the_mesh_calls_has_no_rules_for_calls(mesh: str) -> None:
    made = objects(
        mesh, workloads={"app": web(mesh={"plaintext": ["http"]}), "old": job(connects=["app"], mesh=False)}
    )
    assert not {kind for kind, _ in made} & {"VirtualService", "DestinationRule", "HTTPRoute"}
    assert "annotations" not in made["Service", "app"]["metadata"]


@pytest.mark.parametrize(
    ("breaker", "policy", "annotations"),
    [
        ({}, (5, "30s", 50), {"max-failures": "5", "min-penalty": "30s", "max-penalty": "60s"}),
        (
            {"errors": 9, "ejection": "2m"},
            (9, "120s", 50),
            {"max-failures": "9", "min-penalty": "120s", "max-penalty": "120s"},
        ),
        ({"errors": 0}, None, None),
    ],
)
def test_a_pod_that_fails_gets_no_calls_for_a_while(
    breaker: Spec, policy: Any, annotations: Spec | None
) -> None:
    workloads = {"app": web(mesh={"circuitBreaker": breaker}), "other": job(connects=["app"])}
    rule = objects("istio", workloads=workloads).get(("DestinationRule", "app"))
    assert (rule is None) == (policy is None)
    if rule is not None:
        outliers = rule["spec"]["trafficPolicy"]["outlierDetection"]
        shown = ("consecutiveGatewayErrors", "baseEjectionTime", "maxEjectionPercent")
        assert tuple(outliers[key] for key in shown) == policy
        assert outliers["consecutive5xxErrors"] == 0  # else Envoy's own limit of 5 would come first
    metadata = objects("linkerd", workloads=workloads)["Service", "app"]["metadata"]
    key = "balancer.linkerd.io/failure-accrual"
    wanted = {f"{key}-consecutive-{name}": value for name, value in (annotations or {}).items()}
    assert metadata.get("annotations", {}) == ({key: "consecutive", **wanted} if annotations else {})


PROBE = {"readiness": {"http": {"path": "/", "port": "front"}}}


@pytest.mark.parametrize(
    ("port", "more", "spoken", "shown"),
    [
        ({"http": 80}, {}, "HTTP/1", None),
        ({"http-api": 80}, {}, "HTTP/1", None),
        ({"grpc": 80}, {}, "gRPC", None),
        ({"https": 80}, {}, "TLS", None),
        ({"front": 80}, {}, "unknown", None),
        ({"front": 80}, {"probes": PROBE}, "HTTP/1", "http"),
        ({"front": 80}, {"metrics": {"port": "front"}}, "HTTP/1", "http"),
        ({"front": 80}, {"probes": {"readiness": {"grpc": {"port": "front"}}}}, "gRPC", "grpc"),
        ({"front": {"port": 80, "appProtocol": "kubernetes.io/h2c"}}, {}, "HTTP/2", "kubernetes.io/h2c"),
        (
            {"front": {"port": 80, "appProtocol": "example.com/own"}},
            {"probes": PROBE},
            "unknown",
            "example.com/own",
        ),
    ],
)
def test_what_is_spoken_at_a_port_is_told_by_its_name_or_its_use(
    port: Spec, more: Spec, spoken: str, shown: str | None
) -> None:
    made = objects("linkerd", workloads={"app": web(ports=port, **more)})
    assert made["Server", f"app-{next(iter(port))}"]["spec"]["proxyProtocol"] == spoken
    assert made["Service", "app"]["spec"]["ports"][0].get("appProtocol") == shown


@pytest.mark.parametrize("mesh", MESHES)
def test_ports_that_are_no_tcp_are_left_to_the_network_policies(mesh: str) -> None:
    ports = {"http": 80, "dns": {"port": 53, "protocol": "UDP"}}
    made = objects(mesh, workloads={"app": web(ports=ports), "other": job(connects=["app"])})
    calls = (by_istio if mesh == "istio" else by_linkerd)(mesh_of(made.values()))
    assert calls == {("app", "other", 80)}


def test_a_headless_service_has_no_rules_for_calls() -> None:
    services = {"main": {"type": "Headless", "ports": {"http": 80}}}
    workloads = {"app": web(services=services), "other": job(connects=["app"])}
    for mesh in MESHES:
        made = objects(mesh, workloads=workloads)
        assert not {kind for kind, _ in made} & {"VirtualService", "DestinationRule", "HTTPRoute"}
        assert "annotations" not in made["Service", "app"]["metadata"]


@pytest.mark.parametrize(
    ("mesh", "selector", "control", "ports", "metrics"),
    [
        ("istio", {"sidecar.istio.io/inject": "true"}, "istio-system", [15012], 15020),
        ("linkerd", {"linkerd.io/control-plane-ns": "linkerd"}, "linkerd", [8080, 8086, 8090], 4191),
        (
            {"type": "linkerd", "namespace": "mesh"},
            {"linkerd.io/control-plane-ns": "mesh"},
            "mesh",
            [8080, 8086, 8090],
            4191,
        ),
    ],
)
def test_network_policies_open_the_way_to_the_control_plane(
    mesh: Any, selector: Spec, control: str, ports: list[int], metrics: int
) -> None:
    policy = objects(mesh, workloads={"app": web()})["NetworkPolicy", "allow-mesh"]["spec"]
    (out,), (into,) = policy["egress"], policy["ingress"]
    assert policy["podSelector"] == {"matchLabels": selector}
    assert out["to"][0]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": control}
    assert [one["port"] for one in out["ports"]] == ports
    assert into["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    ]
    assert [one["port"] for one in into["ports"]] == [metrics]


@pytest.mark.parametrize(("mesh", "between"), [(None, [80]), ("istio", [80]), ("linkerd", [80, 4143])])
def test_proxies_of_linkerd_reach_each_other_on_a_port_of_their_own(
    mesh: str | None, between: list[int]
) -> None:
    workloads = {"app": web(), "other": job(connects=["app"])}
    made = objects(mesh, workloads=workloads)
    for name, way in (("app", "ingress"), ("other", "egress")):
        (rule,) = made["NetworkPolicy", name]["spec"][way]
        assert [one["port"] for one in rule["ports"]] == between


def test_a_job_outside_of_the_mesh_needs_no_port_of_its_proxies() -> None:
    workloads = {"app": web(mesh={"plaintext": ["http"]}), "other": job(connects=["app"], mesh=False)}
    (rule,) = objects("linkerd", workloads=workloads)["NetworkPolicy", "other"]["spec"]["egress"]
    assert [one["port"] for one in rule["ports"]] == [80]


@pytest.mark.parametrize("mesh", MESHES)
def test_proxies_count_in_what_pods_cost(mesh: str) -> None:
    def asked(given: Any) -> dict[str, Decimal]:
        made = objects(given, workloads={"app": web()})
        (found,) = (one for one in usages(made.values(), None) if isinstance(one, Usage))
        return dict(found.requests)

    alone, together = asked(None), asked(mesh)
    assert together["cpu"] - alone["cpu"] == Decimal("0.1")
    assert together["memory"] - alone["memory"] == 128 * 2**20


@pytest.mark.parametrize("mesh", MESHES)
def test_proxies_count_against_quotas(mesh: str, tmp_path: Any) -> None:
    def rules(given: Any, **quota: Any) -> set[str]:
        tenancy = {"quotas": {"all": quota}}
        file = tmp_path / "platform.yaml"
        file.write_text(as_json(spec_of(mesh=given, workloads={"app": web()}, tenancy=tenancy)), "utf-8")
        return {one.rule for one in lint(file, out=tmp_path / "out") if one.rule.startswith("quota")}

    exact = {"requests": {"cpu": "2", "memory": "2Gi"}}
    assert "quota-exceeded" not in rules(None, **exact)
    assert "quota-exceeded" in rules(mesh, **exact)


CHECK = {"path": "/", "port": "http"}


@pytest.mark.parametrize(
    ("own", "is_open"),
    [
        ({"probes": {"readiness": {"http": CHECK}}}, False),  # Linkerd knows these by their paths
        ({"probes": {"readiness": {"tcp": {"port": "http"}}}}, False),  # the proxy takes every connection
        ({"probes": {"liveness": {"grpc": {"port": "http"}}}}, True),
        ({"probes": {"startup": {"http": {**CHECK, "scheme": "HTTPS"}}}}, True),
        ({"lifecycle": {"postStart": {"http": CHECK}}}, True),
    ],
)
def test_what_the_kubelet_asks_comes_through_the_proxy(own: Spec, is_open: bool) -> None:
    calls = by_linkerd(mesh_of(objects("linkerd", workloads={"app": web(**own)}).values()))
    assert calls == ({("app", "(outside)", 80)} if is_open else set())
    # Istio asks in its stead.
    assert by_istio(mesh_of(objects("istio", workloads={"app": web(**own)}).values())) == set()


@pytest.mark.parametrize(("where", "is_ours"), [({}, True), ({"dataPlaneNamespace": "gates"}, False)])
def test_who_denies_by_default_lets_requests_in_to_a_gateway_beside_it(where: Spec, is_ours: bool) -> None:
    cluster = {"routing": "gateway", "gateway": {"class": "istio", "implementation": "istio", **where}}
    made = objects("istio", cluster=cluster, workloads={"app": web()})
    assert (("AuthorizationPolicy", "allow-gateway") in made) == is_ours
    if is_ours:
        spec = made["AuthorizationPolicy", "allow-gateway"]["spec"]
        assert spec["rules"] == [{}]
        assert spec["selector"]["matchLabels"] == {"gateway.networking.k8s.io/gateway-name": "shop"}


def test_traces_go_to_the_external_that_takes_them() -> None:
    made = objects(
        {"type": "istio", "tracing": {"provider": "otel", "to": "tempo"}},
        workloads={"app": web()},
        externals={"tempo": {"namespace": "tracing", "ports": [4317]}},
    )
    assert made["Telemetry", "default"]["spec"]["tracing"][0]["randomSamplingPercentage"] == 1
    out = made["NetworkPolicy", "allow-mesh"]["spec"]["egress"][1]
    assert out["ports"] == [{"protocol": "TCP", "port": 4317}]


@pytest.mark.parametrize("mesh", MESHES)
def test_backups_and_pods_of_the_nodes_network_have_no_proxy(mesh: str) -> None:
    agent = {
        "type": "daemon",
        "image": IMAGE,
        "resources": SIZE,
        "hostNetwork": {"reason": "It watches the node"},
        "mesh": False,
    }
    spec = spec_of(mesh=mesh, workloads={"agent": agent})
    assert not platform_of(spec).spec.in_mesh("agent")
    everything = platform_of({**spec_of(mesh=mesh), "workloads": {"app": web()}})
    assert everything.spec.in_mesh("app")
    assert not everything.spec.in_mesh("nobody")
