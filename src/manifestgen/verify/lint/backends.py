"""Routes: they lead to Services that are there, and no two answer for the same address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.kube.objects import KubeObject
from manifestgen.verify.lint.world import World


def check(world: World) -> Iterator[Finding]:
    """Every Ingress and HTTPRoute."""
    for made, name, port in backends(world):
        yield from _backend(world, made, name, port)
    yield from _clashes(world)


def backends(world: World) -> Iterator[tuple[KubeObject, str, Any]]:
    """What leads where: the object, the name of a Service, its port by name or number."""
    for made in world.of("Ingress"):
        spec = made.manifest.get("spec") or {}
        found = [path.get("backend") for _, path in _paths(made)]
        for backend in (*found, spec.get("defaultBackend")):
            service = (backend or {}).get("service")
            if service:
                port = service.get("port") or {}
                yield made, service["name"], port.get("name", port.get("number"))
    for made in world.of("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"):
        for rule in (made.manifest.get("spec") or {}).get("rules") or ():
            for reference in rule.get("backendRefs") or ():
                if reference.get("kind", "Service") == "Service" and "namespace" not in reference:
                    yield made, reference.get("name", ""), reference.get("port")


def _backend(world: World, made: KubeObject, name: str, port: Any) -> Iterator[Finding]:
    service = world.find("Service", name, "")
    if service is None:
        stores = world.platform.spec.datastores
        if not any(name == store or name.startswith(f"{store}-") for store in stores):
            names = [other.id.name for other in world.of("Service")]
            message = f"{made.id.kind} {made.id.name} leads to Service {name}, which is not there"
            yield world.objection(made, "backend-missing", message, nearest_hint(name, names))
        return
    ports = (service.manifest.get("spec") or {}).get("ports") or ()
    known = [one.get("name") for one in ports] if isinstance(port, str) else [one["port"] for one in ports]
    if port is not None and port not in known:
        shown = ", ".join(str(one) for one in known)
        message = (
            f"{made.id.kind} {made.id.name} leads to port {port} of Service {name}, which it does not have"
        )
        yield world.objection(made, "backend-missing", message, f"known here: {shown}", ("port",))


class _Address(NamedTuple):
    """What a request must have to come here: by whom it is taken, host, path, and the rest of the match."""

    entry: str
    host: str
    path: str
    rest: str


def _clashes(world: World) -> Iterator[Finding]:
    seen: dict[_Address, KubeObject] = {}
    for made, address in _addresses(world):
        other = seen.setdefault(address, made)
        if other is not made:
            yield world.objection(
                made,
                "host-clash",
                f"{address.host or '*'}{address.path} is answered by {other.id.kind} {other.id.name} and by "
                f"{made.id.kind} {made.id.name}: which of them wins is not yours to say",
                "give one of them another host or path",
                ("hosts",),
            )


def _addresses(world: World) -> Iterator[tuple[KubeObject, _Address]]:
    for made in world.of("Ingress"):
        annotations = made.manifest["metadata"].get("annotations") or {}
        if annotations.get("nginx.ingress.kubernetes.io/canary") == "true":
            continue  # it shares the address of another one on purpose
        entry = f"Ingress {(made.manifest.get('spec') or {}).get('ingressClassName')}"
        for host, path in _paths(made):
            yield made, _Address(entry, host, path.get("path", "/"), path.get("pathType", ""))
    for made in world.of("HTTPRoute"):
        spec = made.manifest.get("spec") or {}
        hosts = spec.get("hostnames") or ("",)
        for parent, host, match in product(spec.get("parentRefs") or ({},), hosts, _matches(spec)):
            path = (match.get("path") or {}).get("value", "/")
            entry, rest = json.dumps(parent, sort_keys=True), json.dumps(match, sort_keys=True)
            yield made, _Address(entry, host, path, rest)


def _paths(ingress: KubeObject) -> Iterator[tuple[str, dict[str, Any]]]:
    """The paths of an Ingress, each with its host."""
    for rule in (ingress.manifest.get("spec") or {}).get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            yield rule.get("host", ""), path


def _matches(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for rule in route.get("rules") or ():
        yield from rule.get("matches") or ({},)
