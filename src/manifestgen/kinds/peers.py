"""Who policies and experiments speak of: pods, namespaces, the way in, externals, name servers."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.facts.cloudnativepg import CLUSTER_LABEL
from manifestgen.kinds.views import present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import External, PortRange, PostgreSQLCluster
from manifestgen.spec.ports import Port
from manifestgen.spec.workloads import Served

Peer = dict[str, Any]


def in_namespace(namespace: str) -> Peer:
    """What selects a namespace by its name."""
    return {"matchLabels": {names.NAMESPACE_LABEL: namespace}}


def name_servers(platform: ResolvedPlatform) -> list[Peer]:
    """Where names are looked up: at the pods of the cluster's DNS, and at a cache on each node."""
    cluster = platform.spec.cluster
    pods = {
        "namespaceSelector": in_namespace(cluster.dns_namespace),
        "podSelector": {"matchLabels": cluster.dns_pods},
    }
    caches = [{"ipBlock": {"cidr": str(ip_network(address))}} for address in cluster.node_local_dns]
    return [pods, *caches]


def has_data_plane(platform: ResolvedPlatform) -> bool:
    """Whether the pods of the Gateway run beside those of the platform."""
    cluster = platform.spec.cluster
    gateway = cluster.gateway if cluster.routing == "gateway" else None
    return (
        gateway is not None
        and gateway.class_ is not None
        and gateway.data_plane_namespace in (None, platform.namespace)
    )


def entrance(platform: ResolvedPlatform) -> list[Peer]:
    """What requests of routes come from: the ingress controller, or the pods of the Gateway."""
    cluster = platform.spec.cluster
    if cluster.routing == "ingress":
        return [{"namespaceSelector": in_namespace(cluster.ingress_namespace)}]
    if cluster.gateway is None:
        return []  # the checks have a finding for it
    if has_data_plane(platform):
        return [{"podSelector": {"matchLabels": {names.GATEWAY_LABEL: platform.name}}}]
    shared = cluster.gateway.shared
    namespace = cluster.gateway.data_plane_namespace or (shared.namespace if shared is not None else "")
    return [{"namespaceSelector": in_namespace(namespace)}]


def places(external: External) -> list[Peer]:
    """Where an external is: in a namespace, some of its pods perhaps, or in networks."""
    if external.namespace is not None:
        pods = {"podSelector": {"matchLabels": external.pods}} if external.pods else {}
        return [{"namespaceSelector": in_namespace(external.namespace), **pods}]
    closed = {"except": external.except_networks} if external.except_networks else {}
    return [{"ipBlock": {"cidr": network, **closed}} for network in external.networks]


def external_port(port: int | PortRange) -> dict[str, Any]:
    """A port of an external as a policy says it."""
    if isinstance(port, int):
        return {"protocol": "TCP", "port": port}
    return present(protocol=port.protocol, port=port.port, endPort=port.end_port)


def pods_of(platform: ResolvedPlatform, name: str) -> dict[str, str]:
    """Labels of the pods of a workload or data service.

    Charts give theirs the name and the release; the name is enough, and the release's is not ours to choose.
    """
    store = platform.spec.datastores.get(name)
    if store is not None:
        label = CLUSTER_LABEL if isinstance(store, PostgreSQLCluster) else names.LABEL_NAME
        return {label: name}
    return names.selector(name, platform.name)


def served_ports(platform: ResolvedPlatform, name: str) -> list[int | Port | None]:
    """Ports that a workload or data service serves inside the cluster: those its Services lead to."""
    if name in platform.spec.datastores:
        ports = platform.spec.datastores[name].ports
        return [ports.client, *ports.more]
    workload = platform.spec.workloads[name]
    services = workload.services if isinstance(workload, Served) else {}
    offered = [port for service in services.values() for port in service.ports]
    return [workload.listens.get(port) for port in offered or workload.ports or workload.listens]
