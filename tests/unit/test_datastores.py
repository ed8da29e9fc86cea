"""What the charts of the data services are given."""

from __future__ import annotations

from typing import Any

import pytest

from manifestgen.facts.services import PORTS, host
from manifestgen.kinds.datastores import chart_values, dependencies
from manifestgen.kinds.network import network_views
from manifestgen.resolving import ResolvedPlatform, resolve
from manifestgen.yamlio import emit
from manifestgen.yamlio.load import load_text

Values = dict[str, Any]

COMMON: Values = {
    "chart": {"repository": "https://charts.example.com", "name": "chart", "version": "1.x.x"},
    "credentials": "data",
    "storage": {"ephemeral": True},
    "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}},
}
POSTGRESQL: Values = {
    "type": "postgresql",
    "database": "app",
    "username": "owner",
    "passwordKey": "password",
    "adminPasswordKey": "admin",
    "replicationPasswordKey": "replication",
}
REDIS: Values = {"type": "redis", "passwordKey": "redis-password"}
RABBITMQ: Values = {
    "type": "rabbitmq",
    "username": "queue",
    "passwordKey": "rabbit",
    "erlangCookieKey": "cookie",
    "urlKey": "url",
}
MINIO: Values = {"type": "minio", "userKey": "user", "passwordKey": "minio-password"}
ALL = pytest.mark.parametrize(
    "service", [POSTGRESQL, REDIS, RABBITMQ, MINIO], ids=lambda service: service["type"]
)


def platform_with(services: dict[str, Values]) -> ResolvedPlatform:
    spec = {
        "apiVersion": "manifestgen/v1",
        "kind": "Platform",
        "metadata": {"name": "shop", "owner": "team"},
        "cluster": {"kubernetesVersion": "1.32"},
        "datastores": {name: {**COMMON, **service} for name, service in services.items()},
        "environments": {"production": {"namespace": "shop"}},
    }
    return resolve(load_text(emit.dump(spec), "spec.yaml"))["production"]


def values_of(service: Values, **changes: Any) -> Values:
    return chart_values(platform_with({"store": {**service, **changes}}))["store"]


def at(values: Values, path: str) -> Any:
    """The value at a dotted path, or None when there is none."""
    found: Any = values
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def storages(service: Values) -> list[str]:
    """Paths of the volumes that hold the data of a service."""
    prefixes = {"postgresql": ["primary.", "readReplicas."], "redis": ["replica."]}
    return [f"{prefix}persistence" for prefix in prefixes.get(service["type"], [""])]


@ALL
def test_names_of_services_and_pods_do_not_depend_on_the_release(service: Values) -> None:
    values = values_of(service)
    assert list(values)[:3] == ["enabled", "nameOverride", "fullnameOverride"]
    assert (values["enabled"], values["nameOverride"], values["fullnameOverride"]) == (True, "store", "store")


@pytest.mark.parametrize(
    ("service", "auth"),
    [
        (
            POSTGRESQL,
            {
                "username": "owner",
                "database": "app",
                "existingSecret": "data-secrets",
                "secretKeys": {
                    "userPasswordKey": "password",
                    "adminPasswordKey": "admin",
                    "replicationPasswordKey": "replication",
                },
            },
        ),
        (REDIS, {"existingSecret": "data-secrets", "existingSecretPasswordKey": "redis-password"}),
        (
            RABBITMQ,
            {
                "username": "queue",
                "existingPasswordSecret": "data-secrets",
                "existingSecretPasswordKey": "rabbit",
                "existingErlangSecret": "data-secrets",
                "existingSecretErlangKey": "cookie",
            },
        ),
        (
            MINIO,
            {
                "existingSecret": "data-secrets",
                "rootUserSecretKey": "user",
                "rootPasswordSecretKey": "minio-password",
            },
        ),
    ],
    ids=["postgresql", "redis", "rabbitmq", "minio"],
)
def test_passwords_come_from_the_credentials_and_are_nowhere_in_the_values(
    service: Values, auth: Values
) -> None:
    assert values_of(service)["auth"] == auth


@pytest.mark.parametrize(
    ("service", "changes", "expected"),
    [
        (POSTGRESQL, {}, {"architecture": "replication", "postgresqlSharedPreloadLibraries": None}),
        (POSTGRESQL, {"timescaledb": True}, {"postgresqlSharedPreloadLibraries": "pgaudit,timescaledb"}),
        (POSTGRESQL, {"readReplicas": 2}, {"readReplicas.replicaCount": 2}),
        (
            REDIS,
            {},
            {"architecture": "replication", "sentinel.enabled": True, "sentinel.masterSet": "mymaster"},
        ),
        (REDIS, {"replicas": 5, "quorum": 3}, {"replica.replicaCount": 5, "sentinel.quorum": 3}),
        (RABBITMQ, {"replicas": 3}, {"replicaCount": 3, "clustering.partitionHandling": "pause_minority"}),
        (RABBITMQ, {"replicas": 1}, {"replicaCount": 1, "clustering.partitionHandling": "autoheal"}),
        (RABBITMQ, {}, {"containerPorts.metrics": 15692, "service.ports.metrics": 15692}),
        (RABBITMQ, {"metrics": False}, {"containerPorts": None, "service": None}),
        (MINIO, {"replicas": 1}, {"mode": "standalone", "statefulset": None, "pdb": None}),
        (MINIO, {"replicas": 6}, {"mode": "distributed", "statefulset.replicaCount": 6, "pdb.create": True}),
        (MINIO, {"metrics": False}, {"metrics.prometheusAuthType": "jwt"}),
        (MINIO, {}, {"provisioning": None, "metrics.prometheusAuthType": "public", "console.enabled": False}),
    ],
)
def test_what_the_spec_says_becomes_these_values(service: Values, changes: Values, expected: Values) -> None:
    values = values_of(service, **changes)
    assert {path: at(values, path) for path in expected} == expected


@ALL
def test_an_ephemeral_service_has_no_volume(service: Values) -> None:
    values = values_of(service)
    assert [at(values, path) for path in storages(service)] == [{"enabled": False}] * len(storages(service))


@ALL
@pytest.mark.parametrize("given", [{"size": "10Gi"}, {"size": "10Gi", "storageClass": "fast"}])
def test_a_persistent_service_has_a_volume_in_each_pod(service: Values, given: Values) -> None:
    values = values_of(service, storage=given)
    assert [at(values, path) for path in storages(service)] == [{"enabled": True, **given}] * len(
        storages(service)
    )


@ALL
def test_each_pod_has_the_resources_of_the_spec(service: Values) -> None:
    values = values_of(service)
    paths = [path.replace("persistence", "resources") for path in storages(service)]
    assert [at(values, path) for path in paths] == [COMMON["resources"]] * len(paths)


@ALL
@pytest.mark.parametrize("metrics", [True, False])
def test_the_exporter_runs_when_metrics_are_wanted(service: Values, metrics: bool) -> None:
    assert at(values_of(service, metrics=metrics), "metrics.enabled") is metrics


@ALL
def test_no_chart_opens_the_network_on_its_own(service: Values) -> None:
    def policies(values: Any) -> list[Any]:
        children = values.items() if isinstance(values, dict) else ()
        return [value for key, value in children if key == "networkPolicy"] + [
            policy for _, value in children for policy in policies(value)
        ]

    buckets = {"buckets": ["files"]} if service["type"] == "minio" else {}
    found = policies(values_of(service, **buckets))
    assert found
    assert found == [{"enabled": False}] * len(found)


def test_without_read_replicas_the_primary_keeps_its_service() -> None:
    values = values_of(POSTGRESQL, readReplicas=0)
    assert values["architecture"] == "replication"
    assert values["readReplicas"]["replicaCount"] == 0
    assert host("store", "postgresql") == "store-primary"


def test_a_standby_allows_as_many_connections_as_its_primary() -> None:
    values = values_of(POSTGRESQL, maxConnections=250)
    assert values["primary"]["extendedConfiguration"] == "max_connections = 250"
    assert values["readReplicas"]["extendedConfiguration"] == "max_connections = 250"


@pytest.mark.parametrize(
    ("quantity", "written"),
    [
        ("192Mi", "192mb"),
        ("3Gi", "3gb"),
        ("512Ki", "512kb"),
        ("100M", "100m"),
        ("2G", "2g"),
        ("1000", "1000"),
        ("1.5Gi", "1610612736"),
        ("1Ti", "1099511627776"),
    ],
)
def test_redis_reads_the_amount_of_memory_that_was_meant(quantity: str, written: str) -> None:
    lines = values_of(REDIS, maxMemory=quantity, eviction="allkeys-lru")["commonConfiguration"].splitlines()
    assert lines == ["appendonly yes", 'save ""', f"maxmemory {written}", "maxmemory-policy allkeys-lru"]


def test_redis_without_a_limit_of_memory_has_none() -> None:
    assert "maxmemory " not in values_of(REDIS)["commonConfiguration"]


def test_values_of_the_spec_win_and_leave_the_rest() -> None:
    own = {"primary": {"pdb": {"create": False}, "priorityClassName": "high"}, "image": {"tag": "17"}}
    values = values_of(POSTGRESQL, values=own)
    assert at(values, "primary.pdb.create") is False
    assert at(values, "primary.priorityClassName") == "high"
    assert at(values, "primary.extendedConfiguration") == "max_connections = 100"
    assert at(values, "readReplicas.pdb.create") is True
    assert values["image"] == {"tag": "17"}


def test_a_map_of_the_spec_replaces_what_is_none() -> None:
    assert values_of(REDIS, values={"commonConfiguration": {"a": 1}})["commonConfiguration"] == {"a": 1}


def test_dependencies_carry_the_name_of_the_spec_as_alias() -> None:
    platform = platform_with({"postgres": POSTGRESQL, "cache": REDIS})
    assert dependencies(platform) == [
        {
            "name": "chart",
            "alias": name,
            "version": "1.x.x",
            "repository": "https://charts.example.com",
            "condition": f"{name}.enabled",
        }
        for name in ("postgres", "cache")
    ]
    assert list(chart_values(platform)) == ["postgres", "cache"]


def test_the_job_that_makes_buckets_may_reach_the_object_store() -> None:
    """The chart takes the usual labels from its pods, so they are known by one of ours."""
    platform = platform_with({"store": {**MINIO, "buckets": ["files"]}})
    job = at(chart_values(platform)["store"], "provisioning.podLabels")
    assert at(chart_values(platform)["store"], "provisioning.buckets") == [
        {"name": "files", "versioning": "Unchanged"}
    ]
    policies = {view.context["name"]: view.context for view in network_views(platform)}
    ports = [{"protocol": "TCP", "port": PORTS["minio"].client}]
    store = {"podSelector": {"matchLabels": policies["store"]["selector"]}}
    assert policies["store-provisioning"]["selector"] == job
    assert policies["store-provisioning"]["egress"] == [{"to": [store], "ports": ports}]
    assert {"from": [{"podSelector": {"matchLabels": job}}], "ports": ports} in policies["store"]["ingress"]
