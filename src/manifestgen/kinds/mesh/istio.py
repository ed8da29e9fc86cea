"""Objects of Istio: who is let in and how, and what becomes of calls.

Fields as in its APIs (security.istio.io/v1, networking.istio.io/v1, telemetry.istio.io/v1). A proxy speaks
mutual TLS to whatever has a proxy and plain text to all else by itself (auto mTLS), so nothing is said of the
data services, and a DestinationRule says nothing of TLS: it would fail while pods without proxies are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.facts.meshes import MOST_ACCOUNTS
from manifestgen.kinds.mesh.durations import plain
from manifestgen.kinds.mesh.grants import Account, Grant, grants_of
from manifestgen.kinds.mesh.members import (
    Calls,
    callers_in_mesh,
    calls_to,
    is_called_in_mesh,
    is_for_prometheus,
    members,
    spoken_at,
)
from manifestgen.kinds.peers import has_data_plane
from manifestgen.kinds.views import Owner, View, owner_of, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import CircuitBreaker, Mesh, Retries
from manifestgen.spec.services import Service
from manifestgen.spec.workloads import Served, Workload

Part = dict[str, Any]

_NEVER_ARRIVED: Final = "connect-failure,refused-stream"
"""What befalls calls that no pod has seen: they can be made again, whatever they do."""
_SWEEP: Final = "10s"
"""How often ejected pods are looked at; the default of Envoy."""
_HTTP: Final = ("http", "h2c", "grpc")
_NO_IDENTITY: Final = {"notPrincipals": ["*"]}


def istio_views(platform: ResolvedPlatform, mesh: Mesh) -> Iterator[View]:
    """What holds for the namespace, then what holds for each workload."""
    owner = Owner(platform.name, names.PLATFORM, "platform", ("mesh",))
    yield owner.view(
        "peer-authentication",
        "default",
        description="Lets pods with a proxy take only calls by mutual TLS; exceptions are named by workload.",
        selector={},
        ports={},
    )
    if mesh.authorization == "connections":
        yield owner.view(
            "authorization-policy",
            "default-deny",
            description="Lets nobody call pods with a proxy; the other policies say who may.",
            selector={},
            rules=[],
        )
        if has_data_plane(platform):
            yield owner.view(
                "authorization-policy",
                "allow-gateway",
                description="Lets requests in to the pods of the Gateway, which everybody may call.",
                selector={names.GATEWAY_LABEL: platform.name},
                rules=[{}],
            )
    if mesh.tracing is not None:
        yield owner.view(
            "telemetry",
            "default",
            description="Tells of some of the calls that proxies see.",
            provider=mesh.tracing.provider,
            sampling=mesh.tracing.sampling,
        )
    for name, workload in members(platform):
        yield from _of_workload(platform, mesh, owner_of(platform, "workloads", name), workload)


def _of_workload(platform: ResolvedPlatform, mesh: Mesh, owner: Owner, workload: Workload) -> Iterator[View]:
    grants = grants_of(platform, mesh, owner.name)
    exceptions = [grant.port for grant in grants if grant.outside]
    if exceptions:
        yield owner.view(
            "peer-authentication",
            description="Who has no proxy reaches these ports without TLS; the network policy says who.",
            selector=owner.selector,
            ports={str(port): {"mode": "PERMISSIVE"} for port in exceptions},
        )
    if grants and mesh.authorization == "connections":
        yield owner.view(
            "authorization-policy",
            description="Who may call which ports; nobody else may.",
            selector=owner.selector,
            rules=[*_rules(grants)],
        )
    if isinstance(workload, Served) and is_called_in_mesh(platform, mesh, owner.name):
        yield from _of_services(platform, owner, workload, calls_to(mesh, workload))


def _rules(grants: list[Grant]) -> Iterator[Part]:
    """A rule for all ports that the same may call."""
    together: dict[tuple[Any, ...], list[int]] = {}
    for grant in grants:
        together.setdefault(grant[1:], []).append(grant.port)
    for (accounts, namespaces, outside), ports in together.items():
        sources = [*_sources(accounts, namespaces, outside=outside)]
        operation = {"ports": [str(port) for port in ports]}
        yield {"from": [{"source": source} for source in sources], "to": [{"operation": operation}]}


def _sources(accounts: tuple[Account, ...], namespaces: tuple[str, ...], *, outside: bool) -> Iterator[Part]:
    for start in range(0, len(accounts), MOST_ACCOUNTS):
        some = accounts[start : start + MOST_ACCOUNTS]
        yield {"serviceAccounts": [_account(one) for one in some]}
    if namespaces:
        yield {"namespaces": [*namespaces]}
    if outside:
        yield _NO_IDENTITY


def _account(account: Account) -> str:
    return account.name if account.namespace is None else f"{account.namespace}/{account.name}"


def _of_services(platform: ResolvedPlatform, owner: Owner, workload: Served, calls: Calls) -> Iterator[View]:
    """What becomes of calls to each Service; a lookup of a headless one gives pods, which get none of it."""
    for key, service in workload.all_services.items():
        if service.type == "Headless":
            continue
        host = names.service(owner.name, key)
        policy = _traffic(calls.circuit_breaker)
        if policy:
            yield owner.view(
                "destination-rule",
                host,
                description="How many calls there may be at once, and which pods get none for a while.",
                host=host,
                policy=policy,
            )
        spoken = {port: spoken_at(platform, owner.name, port) for port in _tcp_ports(workload, service)}
        if callers_in_mesh(platform, owner.name) and any(spoken[port] in _HTTP for port in spoken):
            ports = {port: service.numbers[port] for port in spoken if spoken[port] != "tls"}
            repeated = {
                port
                for port in ports
                if spoken[port] in _HTTP and not is_for_prometheus(platform, owner.name, port)
            }
            yield owner.view(
                "virtual-service",
                host,
                description="What becomes of calls that fail; those that may change something are made again "
                "only if they reached no pod.",
                host=host,
                routes=[*_routes(host, calls, ports, repeated, alone=len(service.ports) == 1)],
            )


def _tcp_ports(workload: Served, service: Service) -> Iterator[str]:
    for port in service.ports:
        target = workload.listens.get(port)
        if target is not None and target.protocol == "TCP":
            yield port


def _traffic(breaker: CircuitBreaker) -> Part:
    http = present(http1MaxPendingRequests=breaker.pending)
    tcp = present(maxConnections=breaker.connections)
    pool = present(tcp=tcp or None, http=http or None)
    outliers = {
        "consecutiveGatewayErrors": breaker.errors,
        # A gateway error counts as one of these, too: this limit, which is 5 by default, must not come first.
        "consecutive5xxErrors": 0,
        "interval": _SWEEP,
        "baseEjectionTime": plain(breaker.ejection),
        "maxEjectionPercent": breaker.max_ejected,
    }
    return present(connectionPool=pool or None, outlierDetection=outliers if breaker.errors else None)


def _routes(
    host: str, calls: Calls, ports: dict[str, int], repeated: set[str], *, alone: bool
) -> Iterator[Part]:
    """The routes of each port: of several each needs its own, also what may be no HTTP, or it had none."""
    for port, number in ports.items():
        where = {} if alone else {"port": number}
        suffix = "" if alone else f"-{port}"
        destination = {"host": host, **({} if alone else {"port": {"number": number}})}
        timeout = plain(calls.timeout) if calls.timeout is not None else None
        common = present(route=[{"destination": destination}], timeout=timeout)
        if calls.retries.attempts and port in repeated:
            # The expression has to fit the whole of a method, so OPTIONS is not taken for another.
            method = {"regex": "|".join(dict.fromkeys(calls.retries.methods))}
            again = _again(calls.retries)
            yield {
                "name": f"retried{suffix}",
                "match": [{**where, "method": method}],
                **common,
                "retries": again,
            }
        yield {
            "name": f"others{suffix}",
            **({"match": [where]} if where else {}),
            **common,
            # Left out, it would be Istio's default, which takes no heed of the method.
            "retries": _if_never_arrived(calls.retries),
        }


def _again(retries: Retries) -> Part:
    return present(
        attempts=retries.attempts,
        perTryTimeout=plain(retries.per_try) if retries.per_try is not None else None,
        retryOn=f"{_NEVER_ARRIVED},{retries.retry_on}",
    )


def _if_never_arrived(retries: Retries) -> Part:
    if not retries.attempts:
        return {"attempts": 0}
    return {"attempts": retries.attempts, "retryOn": _NEVER_ARRIVED}
