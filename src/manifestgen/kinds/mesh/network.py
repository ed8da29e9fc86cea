"""What network policies open for proxies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manifestgen.facts.meshes import (
    CONTROL_PODS,
    CONTROL_PORTS,
    ISTIO_INJECT,
    LINKERD_INBOUND,
    LINKERD_POD,
    METRICS_PORTS,
)
from manifestgen.kinds.peers import external_port, in_namespace, places
from manifestgen.kinds.views import Owner, View
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Mesh

Rule = dict[str, Any]


def proxies_view(platform: ResolvedPlatform, mesh: Mesh, owner: Owner) -> View:
    """Every proxy reaches its control plane, and Prometheus every proxy."""
    labels = CONTROL_PODS[mesh.type]
    pods = {"podSelector": {"matchLabels": labels}} if labels else {}
    egress = [
        {
            "to": [{"namespaceSelector": in_namespace(mesh.control_plane), **pods}],
            "ports": [_tcp(port) for port in CONTROL_PORTS[mesh.type]],
        },
        *_to_collector(platform, mesh),
    ]
    prometheus = {"namespaceSelector": in_namespace(platform.spec.cluster.monitoring_namespace)}
    selector = {ISTIO_INJECT: "true"} if mesh.type == "istio" else {LINKERD_POD: mesh.control_plane}
    return owner.view(
        "network-policy",
        "allow-mesh",
        description="Lets proxies reach the control plane of the mesh, and Prometheus reach the proxies.",
        selector=selector,
        ingress=[{"from": [prometheus], "ports": [_tcp(METRICS_PORTS[mesh.type])]}],
        egress=egress,
        types=["Ingress", "Egress"],
    )


def _to_collector(platform: ResolvedPlatform, mesh: Mesh) -> list[Rule]:
    external = platform.spec.externals.get(mesh.tracing.to) if mesh.tracing is not None else None
    if external is None or not external.ports:
        return []
    return [{"to": places(external), "ports": [external_port(port) for port in external.ports]}]


def proxy_ports(platform: ResolvedPlatform, target: str, clients: Iterable[str]) -> list[int]:
    """Ports of the proxies of a workload that those of its clients use beside its own."""
    mesh = platform.spec.service_mesh
    if mesh is None or mesh.type != "linkerd" or not platform.spec.in_mesh(target):
        return []
    return [LINKERD_INBOUND] if any(platform.spec.in_mesh(one) for one in clients) else []


def _tcp(port: int) -> dict[str, Any]:
    return {"protocol": "TCP", "port": port}
