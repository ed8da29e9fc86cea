"""Objects of Linkerd: who is let in, and which calls are made again.

Fields as in its API (policy.linkerd.io of Linkerd 2.16). Mutual TLS between proxies needs no object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.kinds.mesh.durations import plain
from manifestgen.kinds.mesh.grants import Account, Grant, grants_of
from manifestgen.kinds.mesh.members import (
    Calls,
    Spoken,
    callers_in_mesh,
    calls_to,
    is_for_prometheus,
    members,
    spoken_at,
)
from manifestgen.kinds.views import Owner, View, owner_of, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Mesh
from manifestgen.spec.workloads import Served, Workload

Part = dict[str, Any]

_GROUP: Final = "policy.linkerd.io"
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")
_WITHOUT_PROXY: Final = "without-proxy"
_PROTOCOLS: Final[dict[Spoken | None, str]] = {
    "http": "HTTP/1",
    "h2c": "HTTP/2",
    "grpc": "gRPC",
    "tls": "TLS",
    None: "unknown",
}


def linkerd_views(platform: ResolvedPlatform, mesh: Mesh) -> Iterator[View]:
    """Who has no proxy, as all workloads name them, then what holds for each workload."""
    grants = {name: grants_of(platform, mesh, name) for name, _ in members(platform)}
    restricts = mesh.authorization == "connections"
    if restricts and any(grant.outside for some in grants.values() for grant in some):
        yield Owner(platform.name, names.PLATFORM, "platform", ("mesh",)).view(
            "network-authentication",
            _WITHOUT_PROXY,
            description="Who has no proxy, wherever it is; the network policies say who comes to which port.",
            networks=[{"cidr": network} for network in _ANYWHERE],
        )
    for name, workload in members(platform):
        owner = owner_of(platform, "workloads", name)
        if restricts:
            yield from _servers(platform, owner, workload, grants[name])
        if isinstance(workload, Served) and callers_in_mesh(platform, name):
            yield from _routes(platform, owner, workload, calls_to(mesh, workload))


def _servers(
    platform: ResolvedPlatform, owner: Owner, workload: Workload, grants: list[Grant]
) -> Iterator[View]:
    """A Server for each port, to which nobody comes whom no policy lets in."""
    by_number = {grant.port: grant for grant in grants}
    for key, port in workload.listens.items():
        if port.protocol != "TCP":
            continue
        name = f"{owner.name}-{key}"
        spoken = spoken_at(platform, owner.name, key)
        yield owner.view(
            "server",
            name,
            description=None,
            selector=owner.selector,
            port=port.port,
            protocol=_PROTOCOLS[spoken],
        )
        grant = by_number.get(port.port)
        if grant is not None:
            yield from _policies(owner, name, grant)


def _policies(owner: Owner, server: str, grant: Grant) -> Iterator[View]:
    identities = [*map(_account, grant.accounts), *map(_namespace, grant.namespaces)]
    if identities:
        yield owner.view("mesh-tls-authentication", server, description=None, identities=identities)
        yield _policy(owner, server, server, "MeshTLSAuthentication", server)
    if grant.outside:
        yield _policy(owner, f"{server}-{_WITHOUT_PROXY}", server, "NetworkAuthentication", _WITHOUT_PROXY)


def _account(account: Account) -> Part:
    return {"kind": "ServiceAccount", "name": account.name, **present(namespace=account.namespace)}


def _namespace(namespace: str) -> Part:
    return {"kind": "Namespace", "name": namespace}


def _policy(owner: Owner, name: str, server: str, kind: str, authentication: str) -> View:
    return owner.view(
        "linkerd-authorization-policy",
        name,
        description=None,
        target={"group": _GROUP, "kind": "Server", "name": server},
        authentications=[{"group": _GROUP, "kind": kind, "name": authentication}],
    )


def _routes(platform: ResolvedPlatform, owner: Owner, workload: Served, calls: Calls) -> Iterator[View]:
    """Two routes for each port of HTTP: the calls that are made again, and all others.

    Where there is a route, a request that fits none is refused. A headless Service has no routes.
    """
    for key, service in workload.all_services.items():
        host = names.service(owner.name, key)
        for port, number in service.numbers.items():
            speaks_http = spoken_at(platform, owner.name, port) in ("http", "h2c")
            is_asked = speaks_http and not is_for_prometheus(platform, owner.name, port)
            if service.type != "Headless" and is_asked and calls.retries.attempts:
                yield from _two_routes(owner, f"{host}-{port}", host, number, calls)


def _two_routes(owner: Owner, name: str, host: str, port: int, calls: Calls) -> Iterator[View]:
    parent = {"group": "core", "kind": "Service", "name": host, "port": port}
    backends = [{"name": host, "port": port}]
    retries = calls.retries
    matches = [{"method": method} for method in dict.fromkeys(retries.methods)]
    again = {
        "retry.linkerd.io/http": retries.retry_on,
        "retry.linkerd.io/limit": str(retries.attempts),
        **({"retry.linkerd.io/timeout": plain(retries.per_try)} if retries.per_try is not None else {}),
    }
    timeout = timeouts(calls)
    yield owner.view(
        "service-route",
        f"{name}-retried",
        description="Calls that change nothing are made again when they fail."
        if set(retries.methods) <= {"GET", "HEAD", "OPTIONS"}
        else "These calls are made again when they fail.",
        annotations={**again, **timeout},
        parents=[parent],
        rules=[{"matches": matches, "backendRefs": backends}],
    )
    yield owner.view(
        "service-route",
        f"{name}-others",
        description="All other calls are made once.",
        annotations=timeout,
        parents=[parent],
        rules=[{"backendRefs": backends}],
    )


def timeouts(calls: Calls) -> dict[str, str]:
    """Annotations of a route or a Service that end calls after their time."""
    return {"timeout.linkerd.io/request": plain(calls.timeout)} if calls.timeout is not None else {}
