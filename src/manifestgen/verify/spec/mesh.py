"""The mesh: its proxies can run, what is outside of it gets where it connects to, and tries end in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.meshes import NATIVE_SIDECARS
from manifestgen.facts.nearest import nearest_hint
from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.base import camel_case
from manifestgen.spec.late import CircuitBreaker, InMesh, Mesh, Retries
from manifestgen.spec.workloads import Served, Workload
from manifestgen.verify.spec.finding import Step, finding

_ONLY_ISTIO: Final = ("revision", "tracing")
_BREAKER_OF_ISTIO: Final = ("max_ejected", "connections", "pending")


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Findings on the mesh, and on the workloads in it and beside it."""
    mesh = platform.spec.service_mesh
    if mesh is None:
        return
    yield from _version(platform)
    yield from _fields(platform, mesh)
    yield from _pod_security(platform, mesh)
    yield from _tracing(platform, mesh)
    yield from _tries(platform, ("mesh",), mesh.retries, mesh.timeout_of(True))
    for name, workload in platform.spec.workloads.items():
        yield from _host_network(platform, name, workload)
        yield from _peers(platform, mesh, name, workload)
        if isinstance(workload.mesh, InMesh):
            yield from _own(platform, mesh, name, workload, workload.mesh)
    yield from _plaintext(platform)


def _version(platform: ResolvedPlatform) -> Iterator[Finding]:
    version = platform.spec.cluster.kubernetes_version
    if int(version.removeprefix("1.")) < NATIVE_SIDECARS:
        message = (
            f"Kubernetes {version} cannot start the proxies of a mesh before init containers, and end them "
            f"after jobs; 1.{NATIVE_SIDECARS} and later can"
        )
        advice = "update the cluster, or leave the mesh out"
        yield finding(platform, ("mesh",), "kubernetes-feature", message, advice, on_key=True)


def _fields(platform: ResolvedPlatform, mesh: Mesh) -> Iterator[Finding]:
    if mesh.type == "linkerd":
        for field in _ONLY_ISTIO:
            if getattr(mesh, field) is not None:
                message = f"Linkerd has no {field} that is set by objects"
                yield finding(platform, ("mesh", field), "mesh-field", message, "remove it")
        yield from _breaker(platform, ("mesh", "circuitBreaker"), mesh.circuit_breaker)
    else:
        yield from _addresses_of_pods(platform, mesh)
    if mesh.ingress_account is not None and not mesh.ingress:
        message = "what lets requests in has no identity: it is outside of the mesh"
        advice = "say `ingress: true`, or remove it"
        yield finding(platform, ("mesh", "ingressAccount"), "mesh-field", message, advice)


def _addresses_of_pods(platform: ResolvedPlatform, mesh: Mesh) -> Iterator[Finding]:
    """What calls pods by their addresses instead of a Service gets no TLS from its proxy (passthrough)."""
    cluster = platform.spec.cluster
    gateway = cluster.gateway if cluster.routing == "gateway" else None
    of_istio = gateway is not None and gateway.implementation == "istio"
    callers = {"ingress": mesh.ingress and not of_istio, "monitoring": mesh.monitoring}
    for field, is_wrong in callers.items():
        if is_wrong:
            who = "Prometheus" if field == "monitoring" else "what lets requests in"
            message = f"{who} calls pods by their addresses, and a proxy of Istio passes that on without TLS"
            advice = "remove it: the ports are then open to calls without TLS"
            if field == "ingress":
                advice += "; or use a Gateway of Istio (`implementation: istio`)"
            yield finding(platform, ("mesh", field), "mesh-field", message, advice)


def _peers(platform: ResolvedPlatform, mesh: Mesh, name: str, workload: Workload) -> Iterator[Finding]:
    """Istio knows the addresses of single pods only from a headless Service."""
    services = workload.all_services.values() if isinstance(workload, Served) else ()
    known = {port for service in services if service.type == "Headless" for port in service.ports}
    for index, port in enumerate(workload.peers):
        target = workload.listens.get(port)
        is_tcp = target is not None and target.protocol == "TCP"
        if mesh.type == "istio" and is_tcp and port not in known and platform.spec.in_mesh(name):
            message = f"pods call each other at {port} by their addresses, which Istio passes on without TLS"
            advice = "give it a Service of type Headless with that port, or keep it out: `mesh: false`"
            yield finding(platform, ("workloads", name, "peers", index), "mesh-peers", message, advice)


def _breaker(
    platform: ResolvedPlatform, path: tuple[Step, ...], breaker: CircuitBreaker
) -> Iterator[Finding]:
    for field in _BREAKER_OF_ISTIO:
        if field in breaker.model_fields_set and getattr(breaker, field) is not None:
            message = "Linkerd has no such limit: it only leaves out pods that fail"
            yield finding(platform, (*path, camel_case(field)), "mesh-field", message, "remove it")


def _pod_security(platform: ResolvedPlatform, mesh: Mesh) -> Iterator[Finding]:
    namespace = platform.spec.tenancy.namespace
    level = namespace.pod_security.enforce if namespace is not None else "privileged"
    if not mesh.cni and level != "privileged":
        message = (
            "without its CNI plugin the mesh adds an init container with the capability NET_ADMIN to each "
            f"pod, and the pod security of the namespace, {level}, refuses such pods"
        )
        advice = "install the plugin and say `cni: true`"
        yield finding(platform, ("mesh", "cni"), "mesh-pod-security", message, advice)


def _tracing(platform: ResolvedPlatform, mesh: Mesh) -> Iterator[Finding]:
    if mesh.tracing is None:
        return
    path = ("mesh", "tracing", "to")
    external = platform.spec.externals.get(mesh.tracing.to)
    if external is None:
        hint = nearest_hint(mesh.tracing.to, platform.spec.externals)
        yield finding(platform, path, "mesh-tracing", f"there is no external {mesh.tracing.to!r}", hint)
    elif not external.ports:
        message = f"{mesh.tracing.to} has no ports, so no trace gets there"
        yield finding(platform, path, "mesh-tracing", message, "give it the port of the collector, e.g. 4317")


def _tries(
    platform: ResolvedPlatform, path: tuple[Step, ...], retries: Retries, timeout: str | None
) -> Iterator[Finding]:
    one = retries.per_try
    if (
        one is not None
        and retries.attempts
        and timeout is not None
        and parse_duration(one) > parse_duration(timeout)
    ):
        message = f"one try may take {one}, and the whole call is over after {timeout}: none is tried again"
        advice = "let perTry be shorter than timeout"
        place = (*path, "retries", "perTry")
        if platform.node.at(place) is platform.node.at(place[:-1]):  # the other one says it
            place = (*path, "timeout")
        yield finding(platform, place, "mesh-retries", message, advice)


def _host_network(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    if workload.host_network is not None and workload.mesh is not False:
        message = "a mesh cannot lead the traffic of pods in the network of their node through a proxy"
        advice = "say `mesh: false`, or let it have a network of its own"
        yield finding(platform, ("workloads", name, "hostNetwork"), "mesh-host-network", message, advice)


def _own(
    platform: ResolvedPlatform, mesh: Mesh, name: str, workload: Workload, own: InMesh
) -> Iterator[Finding]:
    """What a workload says of its place in the mesh."""
    place = ("workloads", name, "mesh")
    if own.timeout is not None or own.retries is not None:
        yield from _tries(platform, place, mesh.retries_of(own), mesh.timeout_of(own))
    if mesh.type == "linkerd" and own.circuit_breaker is not None:
        yield from _breaker(platform, (*place, "circuitBreaker"), own.circuit_breaker)
    served = {key for key, port in workload.listens.items() if port.protocol == "TCP"}
    for index, key in enumerate(own.plaintext):
        if key not in served:
            message = f"{name} has no TCP port {key!r}"
            hint = nearest_hint(key, served)
            yield finding(platform, (*place, "plaintext", index), "mesh-port", message, hint)


def _plaintext(platform: ResolvedPlatform) -> Iterator[Finding]:
    spec = platform.spec
    for name, workload in spec.workloads.items():
        if spec.in_mesh(name) or name in spec.backups:
            continue
        for index, target in enumerate(workload.connects):
            own = spec.workloads[target].mesh if spec.in_mesh(target) else None
            if own is True or (isinstance(own, InMesh) and not own.plaintext):
                message = f"{name} is outside of the mesh, and {target} takes only calls by mutual TLS"
                advice = f"let {name} be in the mesh, or list a port in workloads.{target}.mesh.plaintext"
                path = ("workloads", name, "connects", index)
                yield finding(platform, path, "mesh-plaintext", message, advice)
