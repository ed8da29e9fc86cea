"""Labels and annotations of pods that decide about their proxies."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts.meshes import (
    ISTIO_INJECT,
    ISTIO_REVISION,
    LINKERD_INJECT,
    PROXY_AMOUNTS,
)
from manifestgen.kinds.peers import served_ports
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import ExternalStore, Mesh, PortRange
from manifestgen.spec.ports import as_port
from manifestgen.spec.workloads import Workload

_DOMAINS = {"istio": "sidecar.istio.io/", "linkerd": "config.linkerd.io/"}


def pod_labels(platform: ResolvedPlatform, mesh: Mesh, name: str) -> dict[str, str]:
    """Istio goes by a label of the pod, which holds whatever the namespace and its revision say."""
    if mesh.type != "istio":
        return {}
    inside = platform.spec.in_mesh(name)
    revision = {ISTIO_REVISION: mesh.revision} if mesh.revision is not None and inside else {}
    return {ISTIO_INJECT: "true" if inside else "false", **revision}


def pod_annotations(platform: ResolvedPlatform, mesh: Mesh, name: str) -> dict[str, str]:
    """How the proxy starts, how large it is, and what goes by it."""
    if not platform.spec.in_mesh(name):
        return {LINKERD_INJECT: "disabled"} if mesh.type == "linkerd" else {}
    workload = platform.spec.workloads[name]
    amounts = dict(_amounts(mesh, workload))
    if mesh.type == "istio":
        # It starts before init containers, which can then use the network, and a Job ends in spite of it.
        return {"sidecar.istio.io/nativeSidecar": "true", **amounts}
    closed = {"config.linkerd.io/default-inbound-policy": "deny"} if _is_closed(mesh) else {}
    skipped = [str(port) for port in skipped_ports(platform, name)]
    return {
        LINKERD_INJECT: "enabled",
        # Until 2.18 it is called alpha, from 2.19 on beta: it starts before init containers, and a Job ends.
        "config.alpha.linkerd.io/proxy-enable-native-sidecar": "true",
        "config.beta.linkerd.io/proxy-enable-native-sidecar": "true",
        **closed,
        **({"config.linkerd.io/skip-outbound-ports": ",".join(skipped)} if skipped else {}),
        **amounts,
    }


def _is_closed(mesh: Mesh) -> bool:
    return mesh.authorization == "connections"


def _amounts(mesh: Mesh, workload: Workload) -> Iterator[tuple[str, str]]:
    proxy = mesh.proxy_of(workload.mesh)
    for annotation, (kind, resource) in PROXY_AMOUNTS.items():
        amount = getattr(getattr(proxy, kind), resource)
        if annotation.startswith(_DOMAINS[mesh.type]) and amount is not None:
            yield annotation, amount


def skipped_ports(platform: ResolvedPlatform, name: str) -> list[int]:
    """Ports by which Linkerd's proxy is left out: those of data services and externals without a proxy.

    It could only guess what is spoken there, and waits ten seconds for servers that speak first. A port that
    something in the mesh serves, too, is none of them: calls to that would have no identity.
    """
    spec = platform.spec
    without, within = set[int](), set[int]()
    for target in spec.workloads[name].connects:
        external, store = spec.externals.get(target), spec.datastores.get(target)
        if external is not None:
            numbers = {number for port in external.ports for number in _numbers(port)}
            (within if external.mesh else without).update(numbers)
        elif isinstance(store, ExternalStore):
            without.add(store.ports.client)
        elif store is not None or target in spec.workloads:
            ports = {as_port(one).port for one in served_ports(platform, target) if one is not None}
            services = getattr(spec.workloads.get(target), "all_services", {})
            ports |= {number for service in services.values() for number in service.numbers.values()}
            (within if platform.spec.in_mesh(target) else without).update(ports)
    return sorted(without - within)


def _numbers(port: int | PortRange) -> list[int]:
    if isinstance(port, int):
        return [port]
    return [port.port] if port.protocol == "TCP" and port.end_port is None else []
