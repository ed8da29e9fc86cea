"""Who is in the mesh, what each workload says of it, and what is spoken on its ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.containers import Container
from manifestgen.spec.late import CircuitBreaker, InMesh, Mesh, Retries
from manifestgen.spec.ports import Port
from manifestgen.spec.probes import Probe
from manifestgen.spec.workloads import Served, Workload, WorkloadBase

Spoken = Literal["http", "h2c", "grpc", "tls"]

_BY_WORD: Final[dict[str, Spoken]] = {
    "http": "http",
    "http1": "http",
    "http2": "h2c",
    "h2c": "h2c",
    "kubernetes.io/h2c": "h2c",
    "kubernetes.io/ws": "http",
    "grpc": "grpc",
    "grpc-web": "http",
    "https": "tls",
    "tls": "tls",
}
"""What an `appProtocol`, or the first word of a port's name, means to both meshes."""


class Calls(NamedTuple):
    """What becomes of calls to a workload."""

    timeout: str | None
    retries: Retries
    circuit_breaker: CircuitBreaker


def members(platform: ResolvedPlatform) -> Iterator[tuple[str, Workload]]:
    """The workloads in the mesh by name."""
    for name, workload in platform.spec.workloads.items():
        if platform.spec.in_mesh(name):
            yield name, workload


def calls_to(mesh: Mesh, workload: Workload) -> Calls:
    """What holds for calls to a workload: what it says itself, else what the mesh says."""
    own = workload.mesh
    return Calls(mesh.timeout_of(own), mesh.retries_of(own), mesh.circuit_breaker_of(own))


def plaintext_ports(workload: Workload) -> list[str]:
    """The ports that workloads outside of the mesh reach, by name."""
    return workload.mesh.plaintext if isinstance(workload.mesh, InMesh) else []


def callers_in_mesh(platform: ResolvedPlatform, name: str) -> list[str]:
    """The workloads in the mesh that connect to a workload."""
    return [one for one in platform.spec.clients.get(name, ()) if platform.spec.in_mesh(one)]


def is_called_in_mesh(platform: ResolvedPlatform, mesh: Mesh, name: str) -> bool:
    """Whether a proxy makes calls to a workload: that of another one, or of what lets requests in."""
    from_routes = mesh.ingress and name in platform.spec.asked_by_routes
    return from_routes or bool(callers_in_mesh(platform, name))


def spoken_at(platform: ResolvedPlatform, name: str, key: str) -> Spoken | None:
    """What is spoken at a port of a workload: as it is declared, else as it is used, else None."""
    workload = platform.spec.workloads[name]
    port = workload.listens.get(key)
    if port is None or port.protocol != "TCP":
        return None
    if isinstance(workload, Served) and workload.tls_at(key):
        return "tls"
    return _declared(key, port) if _is_declared(key, port) else _used_as(platform, name, key)


def is_declared(workload: WorkloadBase, key: str) -> bool:
    """Whether the name or the `appProtocol` of a port says what is spoken there."""
    port = workload.listens.get(key)
    return port is not None and _is_declared(key, port)


def _is_declared(key: str, port: Port) -> bool:
    return port.app_protocol is not None or _declared(key, port) is not None


def _declared(key: str, port: Port) -> Spoken | None:
    if port.app_protocol is not None:
        return _BY_WORD.get(port.app_protocol)
    return _BY_WORD.get(key) or _BY_WORD.get(key.partition("-")[0])


def _used_as(platform: ResolvedPlatform, name: str, key: str) -> Spoken | None:
    """What a route, a probe or Prometheus speaks at a port."""
    workload = platform.spec.workloads[name]
    for route in platform.spec.routes.values():
        for _, rule in route.all_rules():
            if any((one.workload, one.port) == (name, key) for one in rule.asked):
                return "grpc" if route.protocol == "GRPC" else "http"
    if workload.metrics is not None and workload.metrics.port == key:
        return "http"
    for probe in _probes_of(workload):
        if probe.grpc is not None and probe.grpc.port == key:
            return "grpc"
        if probe.http is not None and probe.http.port == key:
            return "http" if probe.http.scheme == "HTTP" else "tls"
    return None


def is_for_prometheus(platform: ResolvedPlatform, name: str, key: str) -> bool:
    """Whether a port is there for metrics alone: Prometheus asks pods, and asks again by itself."""
    workload = platform.spec.workloads[name]
    asked = key in platform.spec.asked_by_routes.get(name, ())
    is_of_metrics = workload.metrics is not None and workload.metrics.port == key
    return is_of_metrics and not asked and not is_declared(workload, key)


def asked_by_kubelet(workload: Workload) -> Iterator[str]:
    """The ports that the kubelet asks so that Linkerd does not know it, by name.

    It knows probes by HTTP, by their paths. Istio asks in the kubelet's stead, whatever it is.
    """
    for probe in _probes_of(workload):
        if probe.grpc is not None:
            yield probe.grpc.port
        elif probe.http is not None and probe.http.scheme == "HTTPS":
            yield probe.http.port
    for container in _containers(workload):
        for hook in container.lifecycle.by_moment().values():
            if hook.http is not None:
                yield hook.http.port


def _probes_of(workload: Workload) -> Iterator[Probe]:
    for container in _containers(workload):
        probes = container.probes
        yield from (one for one in (probes.startup, probes.readiness, probes.liveness) if one is not None)


def _containers(workload: Workload) -> list[Workload | Container]:
    """The workload's own container, and those that run beside it."""
    return [workload, *(one for one in workload.others.values() if isinstance(one, Container))]
