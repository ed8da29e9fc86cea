"""Network policies open exactly what the connections of the spec imply: both sides of it, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifestgen.errors import errors_in
from manifestgen.pipeline import load
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.workloads import Replicated, Web
from manifestgen.verify.spec import check_platform
from support.flows import Endpoint, Flow, flows
from support.specs import Spec, inventory_of, platform_of, spec_of

# What the servers listen on: their documentation, not our table of ports.
CLIENT_PORTS = {"postgresql": [5432], "redis": [6379, 26379], "rabbitmq": [5672], "minio": [9000]}
PEER_PORTS = {"postgresql": [5432], "redis": [6379, 26379], "rabbitmq": [4369, 5672, 25672], "minio": [9000]}
METRICS_PORT = {"postgresql": 9187, "redis": 9121, "rabbitmq": 15692, "minio": 9000}

OUTSIDE = ("203.0.113.7", "10.1.2.3", "10.20.0.5", "10.10.0.9", "192.0.2.8", "192.168.1.1", "2001:db8::1")
"""Machines outside of the cluster: on the internet, in private networks, in the networks of the specs."""


def endpoints_of(platform: ResolvedPlatform) -> Iterator[Endpoint]:
    """Every pod of the platform, a stranger beside them, the cluster's services, machines outside."""
    spec, home = platform.spec, platform.namespace
    for made in inventory_of(platform).objects.values():
        if made.id.kind in ("Deployment", "CronJob"):
            controller = made.manifest["spec"]
            pods = controller.get("jobTemplate", {}).get("spec", controller)
            yield Endpoint(made.id.name, home, pods["template"]["metadata"]["labels"])
    for name, store in spec.datastores.items():
        # As Bitnami's charts label their pods.
        labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": "anything"}
        yield Endpoint(name, home, labels | {"app.kubernetes.io/component": "primary"})
        if store.type == "minio":
            yield Endpoint(f"{name} job", home, {"client-of": name, "job-name": "anything"})
    yield Endpoint("stranger", home, {"app": "stranger"})
    # As cert-manager labels the pods that answer HTTP-01 challenges.
    yield Endpoint("solver", home, {"acme.cert-manager.io/http01-solver": "true"})
    yield Endpoint(
        "neighbour", "elsewhere", {"app.kubernetes.io/name": "web", "app.kubernetes.io/part-of": "shop"}
    )
    cluster = spec.cluster
    gate = cluster.gateway.data_plane_namespace if cluster.gateway is not None else None
    for name, namespace in (
        ("ingress", cluster.ingress_namespace),
        ("gate", gate),
        ("monitoring", cluster.monitoring_namespace),
        ("dns", cluster.dns_namespace),
        ("beside dns", cluster.dns_namespace),
        ("keda", cluster.keda_namespace),
        ("grafana", spec.monitoring.stack.grafana.namespace),
    ):
        if namespace is not None:
            yield Endpoint(name, namespace, {"app": name} | (cluster.dns_pods if name == "dns" else {}))
    for address in (*OUTSIDE, *cluster.node_local_dns):
        yield Endpoint(address, address=address)


def ports_of(platform: ResolvedPlatform) -> list[int]:
    """Every port that anybody could mean, and some that nobody does."""
    listening = [port for w in platform.spec.workloads.values() for port in w.ports.values()]
    outside = [port for one in platform.spec.externals.values() for port, _ in _numbers(one.ports)]
    outside += [port + step for port in outside if port > 2_000 for step in (-1, 1)]
    stores = [port for table in (CLIENT_PORTS, PEER_PORTS) for ports in table.values() for port in ports]
    return sorted({*listening, *outside, *stores, *METRICS_PORT.values(), 8089, 22, 53, 80, 443, 6443, 15672})


def allowed(platform: ResolvedPlatform) -> set[Flow]:
    """What the rendered policies allow."""
    endpoints = list(endpoints_of(platform))
    return flows(inventory_of(platform), endpoints, ports_of(platform), ("TCP", "UDP"))


# --- What the spec declares, told once more and in another way than the code does -----------------


def declared(platform: ResolvedPlatform) -> set[Flow]:
    """What the spec says should be allowed."""
    return {
        *_names(platform),
        *_connections(platform),
        *_from_outside(platform),
        *_callers(platform),
        *_watchers(platform),
        *_challenges(platform),
        *_among_themselves(platform),
        *_api_server(platform),
    }


def _names(platform: ResolvedPlatform) -> Iterator[Flow]:
    for pod in endpoints_of(platform):
        if pod.namespace == platform.namespace:
            for server in ("dns", *platform.spec.cluster.node_local_dns):
                yield Flow(pod.name, server, 53, "UDP")
                yield Flow(pod.name, server, 53, "TCP")


def _served(workload: Any) -> set[int]:
    if isinstance(workload, Web) and workload.services:
        return {workload.ports[port] for service in workload.services.values() for port in service.ports}
    return set(workload.ports.values())


def _numbers(ports: list[Any]) -> Iterator[tuple[int, str]]:
    """The ports of an external one by one, with their protocols."""
    for port in ports:
        if isinstance(port, int):
            yield port, "TCP"
        else:
            yield from (
                (number, port.protocol) for number in range(port.port, (port.end_port or port.port) + 1)
            )


def _places(platform: ResolvedPlatform, name: str) -> list[str]:
    """Where an external is, by the names of endpoints."""
    external = platform.spec.externals[name]
    if external.namespace is None:
        return [*_addresses(external.networks, external.except_networks)]
    return [
        pod.name
        for pod in endpoints_of(platform)
        if pod.namespace == external.namespace and external.pods.items() <= dict(pod.labels).items()
    ]


def _connections(platform: ResolvedPlatform) -> Iterator[Flow]:
    spec = platform.spec
    for client, workload in spec.workloads.items():
        for target in workload.connects:
            if target in spec.datastores:
                ports: Any = CLIENT_PORTS[spec.datastores[target].type]
                yield from (Flow(client, target, port) for port in ports)
            elif target in spec.workloads:
                yield from (Flow(client, target, port) for port in _served(spec.workloads[target]))
            else:
                numbers = [*_numbers(spec.externals[target].ports)]
                places = _places(platform, target)
                yield from (Flow(client, place, *number) for place in places for number in numbers)


def _entrance(platform: ResolvedPlatform) -> str:
    return {"ingress": "ingress", "gateway": "gate"}[platform.spec.cluster.routing]


def _challenges(platform: ResolvedPlatform) -> Iterator[Flow]:
    if any(route.tls is not None and route.tls.issuer for route in platform.spec.routes.values()):
        yield Flow(_entrance(platform), "solver", 8089)


def _addresses(networks: list[str], closed: list[str] = []) -> Iterator[str]:  # noqa: B006 - never changed
    for address in OUTSIDE:
        if _within(address, networks) and not _within(address, closed):
            yield address


def _within(address: str, networks: list[str]) -> bool:
    return any(ip_address(address) in ip_network(network) for network in networks)


def _from_outside(platform: ResolvedPlatform) -> Iterator[Flow]:
    for route in platform.spec.routes.values():
        for _, rule in route.all_rules():
            for one in rule.asked:
                yield Flow(
                    _entrance(platform), one.workload, platform.spec.workloads[one.workload].ports[one.port]
                )
    for name, workload in platform.spec.workloads.items():
        for service in workload.services.values() if isinstance(workload, Web) else ():
            if service.type in ("LoadBalancer", "NodePort"):
                for address in _addresses(service.allow_from or ["0.0.0.0/0", "::/0"]):
                    yield from (Flow(address, name, workload.ports[port]) for port in service.ports)


def _callers(platform: ResolvedPlatform) -> Iterator[Flow]:
    for name, workload in platform.spec.workloads.items():
        for caller, wanted in workload.callers.items():
            ports = {workload.ports[port] for port in wanted.ports} or _served(workload)
            yield from (Flow(one, name, port) for one in _places(platform, caller) for port in ports)


def _watchers(platform: ResolvedPlatform) -> Iterator[Flow]:
    for name, workload in platform.spec.workloads.items():
        if workload.metrics is not None:
            yield Flow("monitoring", name, workload.ports[workload.metrics.port])
        if isinstance(workload, Replicated) and workload.autoscaling is not None:
            for trigger in workload.autoscaling.queues.values():
                yield Flow("keda", trigger.datastore, 5672)
    yield from _watchers_of_stores(platform)


def _watchers_of_stores(platform: ResolvedPlatform) -> Iterator[Flow]:
    for name, store in platform.spec.datastores.items():
        if store.metrics:
            yield Flow("monitoring", name, METRICS_PORT[store.type])
    grafana = "grafana" if platform.spec.monitoring.stack.grafana.namespace else "monitoring"
    for source in platform.spec.monitoring.datasources.values():
        if source.type == "postgresql":
            yield Flow(grafana, source.datastore, 5432)


def _among_themselves(platform: ResolvedPlatform) -> Iterator[Flow]:
    for name, store in platform.spec.datastores.items():
        yield from (Flow(name, name, port) for port in PEER_PORTS[store.type])
        if store.type == "minio" and store.buckets:
            yield Flow(f"{name} job", name, 9000)


def _api_server(platform: ResolvedPlatform) -> Iterator[Flow]:
    server = platform.spec.cluster.api_server
    asking = [name for name, workload in platform.spec.workloads.items() if workload.permissions]
    asking += [name for name, store in platform.spec.datastores.items() if store.type == "rabbitmq"]
    for name in asking:
        for address in _addresses(server.networks):
            yield from (Flow(name, address, port) for port in server.ports)


# --- The shipped platform -------------------------------------------------------------------------


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_corporate_intel_has_exactly_the_flows_that_its_spec_declares(
    environment: str, repo_root: Path
) -> None:
    platform = load(repo_root / "specs/platform.yaml").platforms[environment]
    assert sorted(map(str, allowed(platform))) == sorted(map(str, declared(platform)))


# --- Small specs and what they open, written out --------------------------------------------------

IMAGE = {"repository": "example/web", "tag": "1"}


def workload(kind: str = "web", **more: Any) -> Spec:
    size = {} if kind == "scheduler" or "autoscaling" in more else {"replicas": 1}
    ports = {"ports": {"http": 8080}} if kind == "web" else {}
    return {"type": kind, "image": IMAGE, "resources": {"requests": {"cpu": "1"}}, **size, **ports, **more}


def store(kind: str, **more: Any) -> Spec:
    """A data service without an exporter."""
    keys = {
        "postgresql": ("passwordKey", "adminPasswordKey", "replicationPasswordKey"),
        "redis": ("passwordKey",),
        "rabbitmq": ("passwordKey", "erlangCookieKey", "urlKey"),
        "minio": ("userKey", "passwordKey"),
    }[kind]
    named = {"postgresql": {"database": "x", "username": "x"}, "rabbitmq": {"username": "x"}}.get(kind, {})
    return {
        "type": kind,
        "chart": {"repository": "https://charts.example.com", "name": kind, "version": "1.x.x"},
        "credentials": "keys",
        "storage": {"ephemeral": True},
        "resources": {},
        "metrics": False,
        **dict.fromkeys(keys, "key"),
        **named,
        **more,
    }


KEYS: Spec = {
    "settings": {"keys": {"secrets": {"key": {"vault": "a#b"}}}},
    "vault": {"server": "https://vault.example.com", "mount": "kv", "role": "shop"},
}
DNS = ("UDP", "TCP")

TABLE: dict[str, tuple[Spec, list[str]]] = {
    "nothing is open by itself": (
        {"workloads": {"web": workload(ports={"http": 8080}), "job": workload("worker")}},
        [],
    ),
    "a connection opens both sides, in its direction": (
        {
            "workloads": {
                "web": workload(ports={"http": 8080}),
                "job": workload("worker", connects=["web"], ports={"admin": 9000}),
            }
        },
        ["job -> web:8080"],
    ),
    "a connection to a worker leads to all its ports": (
        {
            "workloads": {
                "web": workload(connects=["job"], ports={"http": 8080}),
                "job": workload("worker", ports={"admin": 9000, "debug": 9001}),
            }
        },
        ["web -> job:9000", "web -> job:9001"],
    ),
    "only the ports of its Services are open to a client": (
        {
            "workloads": {
                "web": workload(
                    ports={"http": 8080, "admin": 9000},
                    services={"main": {"ports": {"http": 80}}},
                    metrics={"port": "admin"},
                ),
                "job": workload("worker", connects=["web"]),
            }
        },
        ["job -> web:8080", "monitoring -> web:9000"],
    ),
    "a headless Service alone is enough to connect": (
        {
            "workloads": {
                "web": workload(
                    ports={"http": 8080, "admin": 9000},
                    services={"pods": {"type": "Headless", "ports": {"http": 8080}}},
                ),
                "job": workload("worker", connects=["web"]),
            }
        },
        ["job -> web:8080"],
    ),
    "PostgreSQL": (
        {"workloads": {"web": workload(connects=["db"])}, "datastores": {"db": store("postgresql")}, **KEYS},
        ["db -> db:5432", "web -> db:5432"],
    ),
    "Redis with its Sentinels": (
        {
            "workloads": {"web": workload(connects=["cache"])},
            "datastores": {"cache": store("redis", metrics=True)},
            **KEYS,
        },
        [
            "cache -> cache:26379",
            "cache -> cache:6379",
            "monitoring -> cache:9121",
            "web -> cache:26379",
            "web -> cache:6379",
        ],
    ),
    "RabbitMQ with its peers, found by the Kubernetes API": (
        {
            "workloads": {"web": workload(connects=["mq"])},
            "datastores": {"mq": store("rabbitmq")},
            "cluster": {"apiServer": {"networks": ["10.20.0.0/16"], "ports": [6443]}},
            **KEYS,
        },
        ["mq -> 10.20.0.5:6443", "mq -> mq:25672", "mq -> mq:4369", "mq -> mq:5672", "web -> mq:5672"],
    ),
    "KEDA reads the queues that it scales on, and only then": (
        {
            "workloads": {
                "job": workload(
                    "worker",
                    autoscaling={
                        "min": 0,
                        "max": 2,
                        "queues": {"q": {"datastore": "mq", "queue": "q", "length": 1}},
                    },
                )
            },
            "datastores": {"mq": store("rabbitmq"), "other": store("rabbitmq")},
            "cluster": {"apiServer": {"networks": ["172.31.0.0/16"]}},
            **KEYS,
        },
        [
            "keda -> mq:5672",
            *(f"{name} -> {name}:{port}" for name in ("mq", "other") for port in (25672, 4369, 5672)),
        ],
    ),
    "MinIO with the Job that makes its buckets": (
        {"datastores": {"files": store("minio", buckets=["a"], metrics=True)}, **KEYS},
        ["files -> files:9000", "files job -> files:9000", "monitoring -> files:9000"],
    ),
    "MinIO without buckets has no Job": (
        {"datastores": {"files": store("minio")}, **KEYS},
        ["files -> files:9000"],
    ),
    "the internet without the private networks": (
        {
            "workloads": {"web": workload(connects=["net"])},
            "externals": {
                "net": {
                    "networks": ["0.0.0.0/0"],
                    "exceptNetworks": ["10.0.0.0/8", "192.168.0.0/16"],
                    "ports": [443],
                }
            },
        },
        ["web -> 192.0.2.8:443", "web -> 203.0.113.7:443"],
    ),
    "another namespace of the cluster": (
        {
            "workloads": {"web": workload(connects=["tempo"])},
            "externals": {"tempo": {"namespace": "monitoring", "ports": [4317]}},
        },
        ["web -> monitoring:4317"],
    ),
    "some pods in another namespace": (
        {
            "workloads": {"web": workload(connects=["names", "none"])},
            "externals": {
                "names": {"namespace": "kube-system", "pods": {"k8s-app": "kube-dns"}, "ports": [9153]},
                "none": {"namespace": "monitoring", "pods": {"app": "loki"}, "ports": [3100]},
            },
        },
        ["web -> dns:9153"],
    ),
    "ranges of ports and other protocols": (
        {
            "workloads": {"web": workload(connects=["calls"])},
            "externals": {
                "calls": {
                    "networks": ["192.0.2.0/24"],
                    "ports": [443, {"port": 5000, "endPort": 5002, "protocol": "UDP"}],
                }
            },
        },
        ["web -> 192.0.2.8:443", *(f"web -> 192.0.2.8:{port}/UDP" for port in (5000, 5001, 5002))],
    ),
    "who calls from outside of the platform": (
        {
            "workloads": {
                "web": workload(
                    ports={"http": 8080, "admin": 9000},
                    services={"main": {"ports": {"http": 80}}},
                    callers={"partners": {}, "watchers": {"ports": ["admin"]}},
                )
            },
            "externals": {
                "partners": {"networks": ["10.0.0.0/8"], "exceptNetworks": ["10.1.0.0/16"]},
                "watchers": {"namespace": "elsewhere"},
            },
        },
        ["10.10.0.9 -> web:8080", "10.20.0.5 -> web:8080", "neighbour -> web:9000"],
    ),
    "a port of the nodes lets all in": (
        {
            "workloads": {
                "web": workload(
                    ports={"http": 8080, "admin": 9000},
                    services={
                        "main": {"type": "NodePort", "ports": {"http": 80}, "allowFrom": ["10.0.0.0/8"]}
                    },
                )
            }
        },
        [f"{address} -> web:8080" for address in ("10.1.2.3", "10.10.0.9", "10.20.0.5")],
    ),
    "a cache of names on each node": (
        {"workloads": {"web": workload()}, "cluster": {"nodeLocalDns": ["169.254.20.10"]}},
        [
            f"{pod} -> 169.254.20.10:53{protocol}"
            for pod in ("web", "stranger", "solver")
            for protocol in ("", "/UDP")
        ],
    ),
    "a route through a Gateway lets the pods of the Gateway in, and no ingress controller": (
        {
            "workloads": {"web": workload(), "api": workload(), "next": workload()},
            "routes": {
                "public": {
                    "hosts": ["a.example.com"],
                    "tls": {"issuer": "letsencrypt"},
                    "rules": {
                        "all": {"backends": {"web": {"port": "http"}, "next": {"port": "http"}}},
                        "api": {
                            "paths": ["/api"],
                            "workload": "api",
                            "port": "http",
                            "mirror": {"workload": "next", "port": "http"},
                        },
                    },
                }
            },
            "cluster": {
                "routing": "gateway",
                "gateway": {"class": "envoy", "dataPlaneNamespace": "envoy"},
            },
        },
        ["gate -> api:8080", "gate -> next:8080", "gate -> solver:8089", "gate -> web:8080"],
    ),
    "a shared Gateway runs in its own namespace unless it is told": (
        {
            "workloads": {"web": workload()},
            "routes": {"public": {"hosts": ["a.example.com"], "workload": "web", "port": "http"}},
            "cluster": {
                "routing": "gateway",
                "gateway": {"shared": {"name": "public", "namespace": "elsewhere"}},
            },
        },
        ["neighbour -> web:8080"],
    ),
    "challenges of the certificate authority": (
        {
            "workloads": {"web": workload()},
            "routes": {
                "public": {
                    "hosts": ["a.example.com"],
                    "workload": "web",
                    "port": "http",
                    "tls": {"issuer": "letsencrypt"},
                }
            },
        },
        ["ingress -> solver:8089", "ingress -> web:8080"],
    ),
    "a network of the sixth version": (
        {
            "workloads": {"web": workload(connects=["net"])},
            "externals": {"net": {"networks": ["2001:db8::/32"], "ports": [443, 22]}},
        },
        ["web -> 2001:db8::1:22", "web -> 2001:db8::1:443"],
    ),
    "a route lets the ingress controller in": (
        {
            "workloads": {"web": workload(ports={"http": 8080, "admin": 9000})},
            "routes": {"public": {"hosts": ["a.example.com"], "workload": "web", "port": "http"}},
        },
        ["ingress -> web:8080"],
    ),
    "a load balancer lets in the networks it is for": (
        {
            "workloads": {
                "web": workload(
                    ports={"http": 8080, "admin": 9000},
                    services={
                        "main": {"ports": {"http": 80}},
                        "out": {
                            "type": "LoadBalancer",
                            "ports": {"admin": 443},
                            "allowFrom": ["192.0.2.0/24"],
                        },
                    },
                )
            }
        },
        ["192.0.2.8 -> web:9000"],
    ),
    "a load balancer for all lets all in": (
        {
            "workloads": {
                "web": workload(
                    ports={"http": 8080}, services={"main": {"type": "LoadBalancer", "ports": {"http": 80}}}
                )
            }
        },
        sorted(f"{address} -> web:8080" for address in OUTSIDE),
    ),
    "who may use the Kubernetes API may reach it": (
        {
            "workloads": {
                "web": workload(permissions={"look": {"resources": ["pods"], "verbs": ["get"]}}),
                "job": workload("worker"),
            },
            "cluster": {"apiServer": {"networks": ["10.10.0.0/16"]}},
        },
        ["web -> 10.10.0.9:443", "web -> 10.10.0.9:6443"],
    ),
    "Prometheus reaches the port of the metrics alone": (
        {
            "workloads": {
                "web": workload(ports={"http": 8080, "admin": 9000}, metrics={"port": "admin"}),
            }
        },
        ["monitoring -> web:9000"],
    ),
    "Grafana asks the databases that are its data sources": (
        {
            "datastores": {"db": store("postgresql"), "other": store("postgresql")},
            "monitoring": {
                "datasources": {
                    "sql": {
                        "type": "postgresql",
                        "title": "SQL",
                        "datastore": "db",
                        "username": "reader",
                        "password": {"env": "PASSWORD"},
                    }
                },
                "stack": {"grafana": {"namespace": "boards"}},
            },
            **KEYS,
        },
        ["db -> db:5432", "grafana -> db:5432", "other -> other:5432"],
    ),
    "namespaces of the cluster's services are what the spec says": (
        {
            "workloads": {"web": workload(ports={"http": 8080}, metrics={"port": "http"})},
            "routes": {"public": {"hosts": ["a.example.com"], "workload": "web", "port": "http"}},
            "cluster": {"monitoringNamespace": "watch", "ingressNamespace": "door", "dnsNamespace": "names"},
        },
        ["ingress -> web:8080", "monitoring -> web:8080"],
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_a_spec_opens_exactly(case: str) -> None:
    sections, expected = TABLE[case]
    platform = platform_of(spec_of(**sections))
    assert not list(check_platform(platform))
    found = {flow for flow in allowed(platform) if (flow.target, flow.port) != ("dns", 53)}
    assert sorted(map(str, found)) == sorted(expected)


@pytest.mark.parametrize("case", TABLE)
def test_every_pod_may_look_up_names_and_ask_nothing_else_of_the_dns(case: str) -> None:
    platform = platform_of(spec_of(**TABLE[case][0]))
    pods = [pod.name for pod in endpoints_of(platform) if pod.namespace == platform.namespace]
    found = {flow for flow in allowed(platform) if flow.target == "dns" and flow.port == 53}
    assert found == {Flow(pod, "dns", 53, protocol) for pod in pods for protocol in DNS}


def test_the_pods_of_a_gateway_of_the_platforms_own_serve_the_world_and_reach_what_routes_lead_to() -> None:
    spec = spec_of(
        workloads={"web": workload(), "api": workload(ports={"http": 8080, "admin": 9000})},
        routes={"public": {"hosts": ["a.example.com"], "workload": "api", "port": "http"}},
        cluster={"routing": "gateway", "gateway": {"class": "istio"}},
    )
    platform = platform_of(spec)
    gate = Endpoint("gate", platform.namespace, {"gateway.networking.k8s.io/gateway-name": "shop"})
    endpoints = [gate, *(one for one in endpoints_of(platform) if one.name != "gate")]
    found = flows(inventory_of(platform), endpoints, ports_of(platform))
    inside = ("web", "api", "stranger", "solver")
    assert {flow for flow in found if flow.source == "gate" and flow.target in inside} == {
        Flow("gate", "api", 8080)
    }
    outside = {flow.source for flow in found if flow.target == "gate"} - {"gate"}
    assert outside == {one.name for one in endpoints} - {"gate", *inside}
    assert {flow.source for flow in found if flow.target == "api"} == {"gate"}


# --- Any spec -------------------------------------------------------------------------------------

NAMES = ("web", "api", "job", "beat")
STORES = {"db": "postgresql", "cache": "redis", "mq": "rabbitmq", "files": "minio"}
EXTERNALS: Spec = {
    "net": {"networks": ["0.0.0.0/0"], "exceptNetworks": ["10.0.0.0/8"], "ports": [443]},
    "mail": {"networks": ["10.20.0.0/24", "192.0.2.0/28"], "ports": [587]},
    "calls": {"namespace": "elsewhere", "ports": [{"port": 3478, "endPort": 3480, "protocol": "UDP"}, 443]},
    "logs": {"namespace": "monitoring", "pods": {"app": "monitoring"}, "ports": [3100]},
}
ENTRANCES: list[Spec] = [
    {},
    {"routing": "gateway", "gateway": {"class": "envoy", "dataPlaneNamespace": "gates"}},
    {
        "routing": "gateway",
        "gateway": {"shared": {"name": "all", "namespace": "shared"}, "dataPlaneNamespace": "gates"},
    },
]


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Any connections among any workloads and data services, with anything else that opens a port."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    stores = draw(st.lists(st.sampled_from(tuple(STORES)), unique=True))
    workloads = {name: draw(_workloads(name, stores)) for name in names}
    open_to_clients = [name for name, one in workloads.items() if one.get("ports")]
    for name, one in workloads.items():
        targets = [target for target in (*open_to_clients, *stores, *EXTERNALS) if target != name]
        one["connects"] = draw(st.lists(st.sampled_from(targets), unique=True, max_size=4))
    routed = [name for name, one in workloads.items() if one["type"] == "web" and _has_main_port(one)]
    routes = {
        f"to-{name}": {"hosts": [f"{name}.example.com"], "workload": name, "port": "http"}
        for name in routed
        if draw(st.booleans())
    }
    datastores = {
        name: store(
            STORES[name],
            metrics=draw(st.booleans()),
            **({"buckets": draw(st.sampled_from([[], ["a"]]))} if name == "files" else {}),
        )
        for name in stores
    }
    networks = draw(st.sampled_from([["0.0.0.0/0"], ["10.10.0.0/16"]]))
    return spec_of(
        workloads=workloads,
        datastores=datastores,
        externals=EXTERNALS,
        routes=routes,
        cluster={"apiServer": {"networks": networks, "ports": [6443]}, **draw(st.sampled_from(ENTRANCES))},
        **KEYS,
    )


@st.composite
def _workloads(draw: st.DrawFn, name: str, stores: list[str]) -> Spec:
    kind = draw(st.sampled_from(["web", "worker", "scheduler"]))
    some: list[dict[str, int]] = [{"http": 8080}, {"http": 8080, "admin": 9001}]
    ports = draw(st.sampled_from(some if kind == "web" else [{}, *some]))
    made = workload(kind, ports=ports)
    if ports:
        callers = draw(st.lists(st.sampled_from(tuple(EXTERNALS)), unique=True, max_size=2))
        made["callers"] = {
            caller: {"ports": draw(st.lists(st.sampled_from(list(ports)), unique=True))} for caller in callers
        }
    if ports and draw(st.booleans()):
        made["metrics"] = {"port": draw(st.sampled_from(list(ports)))}
    if draw(st.booleans()):
        made["permissions"] = {"look": {"resources": ["pods"], "verbs": ["get"]}}
    if kind == "web" and ports:
        made["services"] = draw(_services(list(ports)))
    if kind == "worker" and "mq" in stores and draw(st.booleans()):
        del made["replicas"]
        queue = {"datastore": "mq", "queue": name, "length": 5}
        made["autoscaling"] = {"min": 0, "max": 3, "queues": {"tasks": queue}}
    return made


@st.composite
def _services(draw: st.DrawFn, ports: list[str]) -> Spec:
    made: Spec = {}
    for key in draw(st.lists(st.sampled_from(["main", "pods", "out", "nodes"]), unique=True)):
        chosen = draw(st.lists(st.sampled_from(ports), min_size=1, unique=True))
        kind = {"main": "ClusterIP", "pods": "Headless", "out": "LoadBalancer", "nodes": "NodePort"}[key]
        made[key] = {"type": kind, "ports": {port: 80 + index for index, port in enumerate(chosen)}}
        if key in ("out", "nodes"):
            made[key]["allowFrom"] = draw(st.sampled_from([[], ["192.0.2.0/24"]]))
    return made


def _has_main_port(one: Spec) -> bool:
    services = one.get("services") or {"main": {"ports": one["ports"]}}
    return "http" in services.get("main", {}).get("ports", {})


@given(specs())
@settings(max_examples=50, deadline=None)
def test_any_spec_opens_exactly_what_it_declares(spec: Spec) -> None:
    platform = platform_of(spec)
    assert not errors_in(check_platform(platform))
    assert sorted(map(str, allowed(platform))) == sorted(map(str, declared(platform)))
