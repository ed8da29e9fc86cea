"""Who may call which port of a workload: the same that its network policy lets in.

Who has a proxy is told by its identity. Who has none, has none: a policy of the mesh can only open the port
to all such, and the network policy says which of them come there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from manifestgen.facts import conventions as names
from manifestgen.kinds.mesh.members import asked_by_kubelet, callers_in_mesh, plaintext_ports
from manifestgen.kinds.peers import has_data_plane, served_ports
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Mesh
from manifestgen.spec.ports import Port, as_port
from manifestgen.spec.workloads import Served, Workload


class Account(NamedTuple):
    """A ServiceAccount; without a namespace it is one of the platform's."""

    name: str
    namespace: str | None = None


class Grant(NamedTuple):
    """Who may call one port."""

    port: int
    accounts: tuple[Account, ...]
    namespaces: tuple[str, ...]
    """Namespaces all of whose identities may."""
    outside: bool
    """Whether those may who have no identity."""


class _Open:
    """Gathers who may call which port, in the order in which it is said."""

    def __init__(self) -> None:
        self._ports: dict[int, dict[Account | str | None, None]] = {}

    def to(self, who: Account | str | None, ports: Iterable[int | Port | None]) -> None:
        """Open ports to an account, a namespace, or with None to whoever has no identity."""
        for given in ports:
            port = as_port(given) if given is not None else None
            if port is not None and port.protocol == "TCP":
                self._ports.setdefault(port.port, {})[who] = None

    def grants(self) -> list[Grant]:
        """What was opened, in the order of the numbers."""
        return [
            Grant(
                number,
                tuple(one for one in who if isinstance(one, Account)),
                tuple(one for one in who if isinstance(one, str)),
                None in who,
            )
            for number, who in sorted(self._ports.items())
        ]


def grants_of(platform: ResolvedPlatform, mesh: Mesh, name: str) -> list[Grant]:
    """Who may call a workload in the mesh, port by port."""
    workload = platform.spec.workloads[name]
    opened = _Open()
    listens = workload.listens
    asked = platform.spec.asked_by_routes.get(name, ())
    if asked:
        opened.to(_entrance(platform, mesh), map(listens.get, asked))
    for service in workload.services.values() if isinstance(workload, Served) else ():
        if service.faces_outside:
            opened.to(None, map(listens.get, service.ports))
    for caller, wanted in workload.callers.items():
        external = platform.spec.externals.get(caller)
        if external is not None:
            ports = [*map(listens.get, wanted.ports)] or served_ports(platform, name)
            opened.to(external.namespace if external.mesh else None, ports)
    _to_workloads(platform, name, opened)
    if workload.metrics is not None:
        who = platform.spec.cluster.monitoring_namespace if mesh.monitoring else None
        opened.to(who, [listens.get(workload.metrics.port)])
    opened.to(Account(name), map(listens.get, workload.peers))
    if mesh.type == "linkerd":
        opened.to(None, map(listens.get, asked_by_kubelet(workload)))
    return opened.grants()


def _to_workloads(platform: ResolvedPlatform, name: str, opened: _Open) -> None:
    inside = callers_in_mesh(platform, name)
    for client in inside:
        opened.to(Account(client), served_ports(platform, name))
    if any(not platform.spec.in_mesh(one) for one in platform.spec.clients.get(name, ())):
        workload = platform.spec.workloads[name]
        plain = set(plaintext_numbers(workload))
        served = [as_port(one) for one in served_ports(platform, name) if one is not None]
        opened.to(None, [one for one in served if one.port in plain])


def plaintext_numbers(workload: Workload) -> list[int]:
    """The ports that workloads outside of the mesh reach, by number."""
    found = [workload.listens.get(key) for key in plaintext_ports(workload)]
    return [port.port for port in found if port is not None]


def _entrance(platform: ResolvedPlatform, mesh: Mesh) -> Account | str | None:
    """What requests of routes come from, as the mesh knows it."""
    if not mesh.ingress:
        return None
    cluster = platform.spec.cluster
    gateway = cluster.gateway
    namespace: str | None = cluster.ingress_namespace
    if cluster.routing == "gateway":
        shared = gateway.shared if gateway is not None else None
        namespace = gateway.data_plane_namespace if gateway is not None else None
        namespace = namespace or (shared.namespace if shared is not None else None)
    if has_data_plane(platform):
        return Account(mesh.ingress_account or data_plane_account(platform))
    if mesh.ingress_account is not None:
        return Account(mesh.ingress_account, namespace)
    return namespace


def data_plane_account(platform: ResolvedPlatform) -> str:
    """The account of the pods of a Gateway of one's own, as Istio calls it (GEP-1762)."""
    gateway = platform.spec.cluster.gateway
    return f"{platform.name}-{gateway.class_ if gateway is not None else names.PLATFORM}"
