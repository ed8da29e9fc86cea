"""What the checks across a spec leave alone, and what they see only with several parts in view."""

from __future__ import annotations

from typing import Any

import pytest

from manifestgen.errors import Finding
from manifestgen.verify.spec import check_platform
from support.specs import Spec, platform_of, spec_of

RESOURCES = {"requests": {"cpu": "100m", "memory": "64Mi"}}


def workload(kind: str = "web", **more: Any) -> Spec:
    size = {} if kind == "scheduler" or "autoscaling" in more else {"replicas": 2}
    ports = {"ports": {"http": 8000}} if kind == "web" else {}
    image = {"repository": "example/api", "tag": "1"}
    return {"type": kind, "image": image, "resources": RESOURCES, **size, **ports, **more}


def datastore(kind: str = "rabbitmq", **more: Any) -> Spec:
    keys = {"rabbitmq": ("passwordKey", "erlangCookieKey", "urlKey"), "redis": ("passwordKey",)}[kind]
    chart = {"repository": "https://charts.example.com", "name": kind, "version": "1.x.x"}
    user = {"username": "x"} if kind == "rabbitmq" else {}
    given = {"chart": chart, "credentials": "keys", "storage": {"ephemeral": True}, "resources": {}, **user}
    return {"type": kind, **given, **dict.fromkeys(keys, "key"), **more}


def by_queue(store: str) -> Spec:
    return {"min": 0, "max": 3, "queues": {"q": {"datastore": store, "queue": "q", "length": 5}}}


VAULT: Spec = {"vault": {"server": "https://vault.example.com", "mount": "kv", "role": "shop"}}
KEYS: Spec = {"settings": {"keys": {"secrets": {"key": {"vault": "a#b"}}}}, **VAULT}
NET = {"networks": ["10.0.0.0/8"], "ports": [443]}


def found(**sections: Any) -> list[Finding]:
    return list(check_platform(platform_of(spec_of(**sections))))


def api(**more: Any) -> dict[str, Any]:
    return {"workloads": {"api": workload(**more)}}


def config(**values: Any) -> dict[str, Any]:
    return api(config={"main": {"values": values}})


FINE: dict[str, dict[str, Any]] = {
    "nothing at all": {},
    "one of two pods may go": api(disruptionBudget={"minAvailable": 1}),
    "half of three pods is two, rounded up": api(replicas=3, disruptionBudget={"minAvailable": "50%"}),
    "one pod that may go": api(replicas=1, disruptionBudget={"maxUnavailable": 1}),
    "a share of the pods may go": api(replicas=1, disruptionBudget={"maxUnavailable": "1%"}),
    "an autoscaler that keeps enough": api(
        autoscaling={"min": 2, "max": 9, "cpu": 70}, disruptionBudget={"minAvailable": 1}
    ),
    "scaled to none, a budget blocks nothing": {
        "workloads": {
            "job": workload(
                "worker",
                autoscaling=by_queue("mq"),
                disruptionBudget={"minAvailable": 1},
            )
        },
        "datastores": {"mq": datastore()},
        **KEYS,
    },
    "a delay shorter than the period": api(stop={"period": "30s", "delay": "29s"}),
    "folders below each other": api(
        scratch={"a": {"path": "/tmp", "size": "1Mi"}, "b": {"path": "/tmp/b", "size": "1Mi"}}
    ),
    "a command that probes no port": api(probes={"liveness": {"command": ["check"]}}),
    "settings that only a data service reads": {"datastores": {"mq": datastore()}, **KEYS},
    "waiting for a data service and for a web workload": {
        "workloads": {
            "api": workload(),
            "job": workload(
                "worker",
                connects=["api", "mq"],
                waitFor={"services": ["mq", "api"], "image": {"repository": "busybox", "tag": "1"}},
            ),
        },
        "datastores": {"mq": datastore()},
        **KEYS,
    },
    "one host with two paths": {
        **api(),
        "routes": {
            "a": {"hosts": ["x.example.com"], "paths": ["/a"], "workload": "api", "port": "http"},
            "b": {"hosts": ["x.example.com"], "paths": ["/b"], "workload": "api", "port": "http"},
        },
    },
    "an exception inside both networks": {
        "externals": {
            "net": {**NET, "networks": ["10.0.0.0/8", "10.1.0.0/16"], "exceptNetworks": ["10.1.2.0/24"]}
        }
    },
    "a service with another number than the port": api(services={"main": {"ports": {"http": 80}}}),
    "fields of a LoadBalancer and of a headless Service": api(
        services={
            "main": {"ports": {"http": 80}},
            "out": {"type": "LoadBalancer", "ports": {"http": 80}, "allowFrom": ["10.0.0.0/8"]},
            "pods": {"type": "Headless", "ports": {"http": 80}, "publishNotReady": True},
        }
    ),
    "the same key in two sets, of which the later wins": {
        "workloads": {"api": workload(settings=["one", "two"], config={"main": {"values": {"A": "3"}}})},
        "settings": {name: {"config": {"main": {"values": {"A": name}}}} for name in ("one", "two")},
    },
    "numbers and booleans as they are": config(A=1, B=0.5, C=True, D="1.10", E=-3),
    "what only sounds like a secret": config(
        PASSWORD_MIN_LENGTH=12,
        TOKEN_TTL="5m",
        REQUIRE_PASSWORD=True,
        SECRET="",
        LOG_REDACT_FIELDS="password,token",
        URL="https://user@example.com/a:b@c",
        BYPASS="x",
        KEYBOARD="us",
        JWT_PUBLIC_KEY_URL="https://example.com/jwks.json",
    ),
    "a chart that is told of an existing secret": {
        "datastores": {
            "mq": datastore(
                values={"auth": {"existingPassword": "x", "existingSecret": "mq", "tokenTTL": "5m"}}
            )
        },
        **KEYS,
    },
}


@pytest.mark.parametrize("case", FINE)
def test_what_works_is_left_alone(case: str) -> None:
    assert found(**FINE[case]) == []


WRONG: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "half of two pods is one, and one more is too many": (
        api(disruptionBudget={"minAvailable": "51%"}),
        [("disruption-blocks", "workloads.api.disruptionBudget.minAvailable")],
    ),
    "the budget is for the smallest size": (
        api(autoscaling={"min": 1, "max": 9, "cpu": 70}, disruptionBudget={"minAvailable": 1}),
        [("disruption-blocks", "workloads.api.disruptionBudget.minAvailable")],
    ),
    "both shares need a request": (
        api(autoscaling={"min": 1, "max": 9, "cpu": 70, "memory": 70}, resources={}),
        [
            ("autoscaling-request", "workloads.api.autoscaling.cpu"),
            ("autoscaling-request", "workloads.api.autoscaling.memory"),
        ],
    ),
    "a delay as long as the period": (
        api(stop={"period": "60s", "delay": "1m"}),
        [("stop-delay", "workloads.api.stop.delay")],
    ),
    "a delay on a cluster that cannot wait": (
        {**api(stop={"delay": "5s"}), "cluster": {"kubernetesVersion": "1.29"}},
        [("kubernetes-feature", "workloads.api.stop.delay")],
    ),
    "a host twice in one route": (
        {**api(), "routes": {"a": {"hosts": ["x.example.com"] * 2, "workload": "api", "port": "http"}}},
        [("route-clash", "routes.a.hosts[1]")],
    ),
    "a route to a port that only the container has": (
        {
            **api(ports={"http": 8000, "admin": 8001}, services={"main": {"ports": {"http": 80}}}),
            "routes": {"a": {"hosts": ["x.example.com"], "workload": "api", "port": "admin"}},
        },
        [("route-port", "routes.a.port")],
    ),
    "a route to a workload without a main Service": (
        {
            **api(services={"side": {"ports": {"http": 80}}}),
            "routes": {"a": {"hosts": ["x.example.com"], "workload": "api", "port": "http"}},
        },
        [("route-port", "routes.a.port")],
    ),
    "an exception of the other address family": (
        {"externals": {"net": {**NET, "exceptNetworks": ["2001:db8::/32"]}}},
        [("network-exception", "externals.net.exceptNetworks[0]")],
    ),
    "a queue of a data service of another type": (
        {
            "workloads": {
                "job": workload(
                    "worker",
                    autoscaling=by_queue("db"),
                )
            },
            "datastores": {"db": datastore("redis")},
            **KEYS,
        },
        [("queue-datastore", "workloads.job.autoscaling.queues.q.datastore")],
    ),
    "waiting for a workload without a Service": (
        {
            "workloads": {
                "beat": workload("scheduler", ports={"http": 80}),
                "job": workload(
                    "worker",
                    connects=["beat"],
                    waitFor={"services": ["beat"], "image": {"repository": "busybox", "tag": "1"}},
                ),
            }
        },
        [("wait-no-service", "workloads.job.waitFor.services[0]")],
    ),
    "a setting that is a secret, too": (
        {**api(config={"a": {"values": {"A": "1"}}}, secrets={"A": {"vault": "a#b"}}), **VAULT},
        [("setting-twice", "workloads.api.config.a.values.A")],
    ),
    "a private key in a description": (
        {"workloads": {"api": workload(description="-----BEGIN RSA PRIVATE KEY----- x")}},
        [("secret-literal", "workloads.api.description")],
    ),
    "tokens of well-known services": (
        config(A="ghp_" + "a" * 36, B="xoxb-1234567890-abc", C="see AKIAIOSFODNN7EXAMPLE"),
        [("secret-literal", f"workloads.api.config.main.values.{key}") for key in "ABC"],
    ),
    "secrets by their names": (
        config(db_password="x", API_KEY="x", APIKEY="x", AWS_SECRET_ACCESS_KEY="x", TOKEN="x", DB_PASS="x"),
        [
            ("secret-literal", f"workloads.api.config.main.values.{key}")
            for key in ("db_password", "API_KEY", "APIKEY", "AWS_SECRET_ACCESS_KEY", "TOKEN", "DB_PASS")
        ],
    ),
    "a name that is too long with its ending": (
        {
            "workloads": {
                "a" * 60: workload(
                    services={"main": {"ports": {"http": 80}}, "side": {"ports": {"http": 81}}}
                )
            }
        },
        [("name-length", f"workloads.{'a' * 60}.services.side")],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_work_is_told_at_its_place(case: str) -> None:
    sections, expected = WRONG[case]
    assert [(finding.rule, finding.path) for finding in found(**sections)] == expected


def test_the_namespace_may_stand_above_the_environments() -> None:
    spec = {**spec_of(), "namespace": "shop", "environments": {"live": {}}}
    assert list(check_platform(platform_of(spec))) == []
    del spec["namespace"]
    assert [finding.rule for finding in check_platform(platform_of(spec))] == ["namespace-missing"]
