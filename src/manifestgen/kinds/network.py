"""Network policies: nothing is open but what the spec's connections imply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.facts.cloudnativepg import STATUS_PORT
from manifestgen.facts.services import MANAGEMENT_PORT, provisioning, uses_kubernetes_api
from manifestgen.kinds.peers import (
    entrance,
    external_port,
    has_data_plane,
    in_namespace,
    name_servers,
    places,
    pods_of,
    served_ports,
)
from manifestgen.kinds.views import Owner, View, owner_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import (
    ExternalStore,
    InCluster,
    MinIO,
    Operated,
    PostgreSQLCluster,
    PostgresqlSource,
)
from manifestgen.spec.ports import Port, as_port
from manifestgen.spec.scaling import Autoscaling
from manifestgen.spec.workloads import Scalable, Served

Rule = dict[str, Any]
_ACME_SOLVER_PORT = 8089
_ANYWHERE = ["0.0.0.0/0", "::/0"]


def platform_views(platform: ResolvedPlatform) -> Iterator[View]:
    """What holds for every pod of the namespace: all is closed, names can be looked up."""
    owner = Owner(platform.name, names.PLATFORM, "platform", ("cluster",))
    yield owner.view(
        "network-policy",
        "default-deny",
        description="Closes every pod to both sides; the other policies open what is needed.",
        selector={},
        ingress=[],
        egress=[],
        types=["Ingress", "Egress"],
    )
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    yield owner.view(
        "network-policy",
        "allow-dns",
        description="Lets every pod look up names.",
        selector={},
        ingress=[],
        egress=[{"to": name_servers(platform), "ports": ports}],
        types=["Egress"],
    )
    if any(route.tls is not None and route.tls.issuer for route in platform.spec.routes.values()):
        yield _acme_view(platform, owner)
    if has_data_plane(platform):
        yield _data_plane_view(platform, owner)
    if platform.spec.service_mesh is not None:
        from manifestgen.kinds.mesh.network import proxies_view

        yield proxies_view(platform, platform.spec.service_mesh, owner)


def _data_plane_view(platform: ResolvedPlatform, owner: Owner) -> View:
    """Which ports its pods listen on, and where they ask for their configuration, its controller decides."""
    return owner.view(
        "network-policy",
        "allow-gateway",
        description="Lets requests in to the pods of the Gateway, and these out to what they lead to.",
        selector={names.GATEWAY_LABEL: platform.name},
        ingress=[{}],
        egress=[{}],
        types=["Ingress", "Egress"],
    )


def _acme_view(platform: ResolvedPlatform, owner: Owner) -> View:
    """cert-manager answers HTTP-01 challenges from pods in the namespace of the routes (port 8089)."""
    return owner.view(
        "network-policy",
        "allow-acme-challenges",
        description="Lets the certificate authority's HTTP-01 challenges reach cert-manager's solvers.",
        selector={"acme.cert-manager.io/http01-solver": "true"},
        ingress=[*_rules("from", entrance(platform), [_ACME_SOLVER_PORT])],
        egress=[],
        types=["Ingress"],
    )


def network_views(platform: ResolvedPlatform) -> Iterator[View]:
    """One policy for each workload and data service, with both sides of each connection."""
    spec = platform.spec
    for name, workload in spec.workloads.items():
        owner = owner_of(platform, "workloads", name)
        ingress = [*_from_routes(platform, name), *_from_outside(workload)]
        ingress += [*_from_callers(platform, name), *_from_workloads(platform, name)]
        if workload.metrics is not None:
            ingress += _from_monitoring(platform, [workload.listens.get(workload.metrics.port)])
        egress = [rule for target in workload.connects for rule in _to(platform, name, target)]
        if workload.peers:
            pods = [{"podSelector": {"matchLabels": owner.selector}}]
            among = [*map(workload.listens.get, workload.peers), *_of_proxies(platform, name, [name])]
            ingress += _rules("from", pods, among)
            egress += _rules("to", pods, among)
        if workload.uses_kubernetes_api:
            egress += _to_api_server(platform)
        yield _policy(owner, ingress, egress)
    for name, datastore in spec.datastores.items():
        if isinstance(datastore, InCluster):
            yield from _datastore_views(platform, name, datastore)


def _datastore_views(platform: ResolvedPlatform, name: str, datastore: InCluster) -> Iterator[View]:
    owner = owner_of(platform, "datastores", name)
    ports = datastore.ports
    pods = [{"podSelector": {"matchLabels": pods_of(platform, name)}}]
    ingress = [
        *_from_workloads(platform, name),
        *_from_keda(platform, name),
        *_from_askers(platform, name),
        *_from_operator(platform, datastore),
        *_rules("from", pods, ports.peers),
    ]
    if datastore.exports_metrics:
        ingress += _from_monitoring(platform, [ports.metrics])
    egress = [*_rules("to", pods, ports.peers)]
    provider = "operator" if isinstance(datastore, Operated) else "chart"
    if uses_kubernetes_api(datastore.type, provider):
        egress += _to_api_server(platform)
    if isinstance(datastore, MinIO) and datastore.buckets:
        job = provisioning(name)
        ingress += _rules("from", [{"podSelector": {"matchLabels": job}}], [ports.client])
        yield owner.view(
            "network-policy",
            f"{name}-provisioning",
            description="Lets the Job that makes the buckets reach the object store.",
            selector=job,
            ingress=[],
            egress=[*_rules("to", pods, [ports.client])],
            types=["Ingress", "Egress"],
        )
    yield _policy(owner, ingress, egress, selector=pods_of(platform, name))


def _policy(
    owner: Owner, ingress: list[Rule], egress: list[Rule], *, selector: dict[str, str] | None = None
) -> View:
    return owner.view(
        "network-policy",
        selector=selector or owner.selector,
        ingress=ingress,
        egress=egress,
        types=["Ingress", "Egress"],
    )


def _rules(side: str, peers: list[dict[str, Any]], ports: Sequence[int | Port | None]) -> Iterator[Rule]:
    """One rule, or none where there is no port: to Kubernetes an empty list of ports means all of them."""
    known = dict.fromkeys(_protocol_and_number(port) for port in ports if port is not None)
    if known:
        yield {side: peers, "ports": [{"protocol": protocol, "port": number} for protocol, number in known]}


def _protocol_and_number(given: int | Port) -> tuple[str, int]:
    port = as_port(given)
    return port.protocol, port.port


def _from_routes(platform: ResolvedPlatform, workload: str) -> Iterator[Rule]:
    """What lets requests in, to the ports that routes lead to."""
    asked = platform.spec.asked_by_routes.get(workload, ())
    listens = platform.spec.workloads[workload].listens
    yield from _rules("from", entrance(platform), [listens.get(port) for port in asked])


def _from_outside(workload: Any) -> Iterator[Rule]:
    """Clients of a load balancer, or of a port of the nodes."""
    for service in workload.services.values() if isinstance(workload, Served) else ():
        if service.faces_outside:
            peers = [{"ipBlock": {"cidr": network}} for network in service.allow_from or _ANYWHERE]
            yield from _rules("from", peers, [workload.listens.get(port) for port in service.ports])


def _from_callers(platform: ResolvedPlatform, name: str) -> Iterator[Rule]:
    """Externals that may call a workload."""
    workload = platform.spec.workloads[name]
    for caller, wanted in workload.callers.items():
        external = platform.spec.externals.get(caller)
        if external is not None:
            ports = [workload.listens.get(port) for port in wanted.ports] or served_ports(platform, name)
            yield from _rules("from", places(external), ports)


def _from_workloads(platform: ResolvedPlatform, name: str) -> Iterator[Rule]:
    clients = platform.spec.clients.get(name)
    if clients:
        peers = [
            {"podSelector": {"matchLabels": names.selector(client, platform.name)}} for client in clients
        ]
        yield from _rules(
            "from", peers, [*served_ports(platform, name), *_of_proxies(platform, name, clients)]
        )


def _of_proxies(platform: ResolvedPlatform, name: str, clients: Sequence[str]) -> list[int]:
    """Ports that the proxies of a mesh use among themselves, beside those of the workload."""
    if platform.spec.service_mesh is None:
        return []
    from manifestgen.kinds.mesh.network import proxy_ports

    return proxy_ports(platform, name, clients)


def _from_monitoring(platform: ResolvedPlatform, ports: Sequence[int | Port | None]) -> Iterator[Rule]:
    prometheus = {"namespaceSelector": in_namespace(platform.spec.cluster.monitoring_namespace)}
    yield from _rules("from", [prometheus], ports)


def _from_keda(platform: ResolvedPlatform, datastore: str) -> Iterator[Rule]:
    """KEDA reads the figures it scales on."""
    scalings = [w.autoscaling for w in platform.spec.workloads.values() if isinstance(w, Scalable)]
    if any(_reads(scaling, datastore) for scaling in scalings if scaling is not None):
        keda = {"namespaceSelector": in_namespace(platform.spec.cluster.keda_namespace)}
        ports = platform.spec.datastores[datastore].ports
        yield from _rules("from", [keda], [ports.client, *ports.more])


def _from_askers(platform: ResolvedPlatform, datastore: str) -> Iterator[Rule]:
    """What asks a database from elsewhere in the cluster: Grafana its sources, sql_exporter TimescaleDB."""
    monitoring = platform.spec.monitoring
    stack, store = monitoring.stack, platform.spec.datastores[datastore]
    sources = {s.datastore for s in monitoring.datasources.values() if isinstance(s, PostgresqlSource)}
    askers: list[str | None] = [stack.grafana.namespace] if datastore in sources else []
    if stack.sql_exporter.enabled and getattr(store, "timescaledb", False):
        askers.append(stack.sql_exporter.namespace)
    for namespace in dict.fromkeys(one or platform.spec.cluster.monitoring_namespace for one in askers):
        yield from _rules("from", [{"namespaceSelector": in_namespace(namespace)}], [store.ports.client])


def _from_operator(platform: ResolvedPlatform, store: InCluster) -> Iterator[Rule]:
    """The operator asks the pods how they are, and speaks to the servers themselves."""
    if isinstance(store, Operated):
        cluster = platform.spec.cluster
        is_postgresql = isinstance(store, PostgreSQLCluster)
        namespace = cluster.cnpg_namespace if is_postgresql else cluster.rabbitmq_namespace
        ports = [STATUS_PORT, store.ports.client] if is_postgresql else [MANAGEMENT_PORT]
        yield from _rules("from", [{"namespaceSelector": in_namespace(namespace)}], ports)


def _reads(scaling: Autoscaling, datastore: str) -> bool:
    return datastore in scaling.datastores.values()


def _to(platform: ResolvedPlatform, client: str, target: str) -> Iterator[Rule]:
    external = platform.spec.externals.get(target)
    if external is not None:
        if external.ports:
            yield {"to": places(external), "ports": [external_port(port) for port in external.ports]}
        return
    store = platform.spec.datastores.get(target)
    if isinstance(store, ExternalStore):
        yield from _rules("to", [{"ipBlock": {"cidr": cidr}} for cidr in store.cidrs], [store.ports.client])
    elif store is not None or target in platform.spec.workloads:
        peer = {"podSelector": {"matchLabels": pods_of(platform, target)}}
        ports = [*served_ports(platform, target), *_of_proxies(platform, target, [client])]
        yield from _rules("to", [peer], ports)


def _to_api_server(platform: ResolvedPlatform) -> Iterator[Rule]:
    server = platform.spec.cluster.api_server
    yield from _rules("to", [{"ipBlock": {"cidr": network}} for network in server.networks], server.ports)
