"""Network policies: what the spec connects and what is scraped can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts import conventions as names
from manifestgen.kube.objects import KubeObject
from manifestgen.verify.lint.backends import backends
from manifestgen.verify.lint.selectors import Labels, selects
from manifestgen.verify.lint.world import Pods, World

_SIDES: Final = {"ingress": ("Ingress", "from"), "egress": ("Egress", "to")}
_ADVICE: Final = "open it by a NetworkPolicy of your own, or take back the patch that closes it"


Spec = dict[str, Any]


class _Peer:
    """A pod of this namespace by its labels, or anything in another namespace."""

    def __init__(self, labels: Labels | None, namespace: str) -> None:
        self.labels = labels
        self.namespace: Labels = {names.NAMESPACE_LABEL: namespace}

    def fits(self, peer: Mapping[str, Any], home: bool) -> bool:
        """Whether an entry of ``from`` or ``to`` means it; of strangers' labels the best is believed."""
        if "ipBlock" in peer:
            return False
        if "namespaceSelector" in peer:
            here = selects(peer["namespaceSelector"] or {}, self.namespace)
        else:
            here = home
        return here and (self.labels is None or selects(peer.get("podSelector") or {}, self.labels))


class _Policies:
    """The policies that hold for each pod."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.home = world.inventory.namespace or ""

    @cached_property
    def _by_pods(self) -> dict[tuple[int, str], list[dict[str, Any]]]:
        found: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for made in self._world.of("NetworkPolicy"):
            spec = made.manifest["spec"]
            kinds = spec.get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]
            for pods in self._world.selected(spec.get("podSelector") or {}):
                for kind in kinds:
                    found.setdefault((id(pods), kind), []).append(spec)
        return found

    def of(self, pods: Pods, side: str) -> list[dict[str, Any]]:
        """The policies that close this side of the pods, and say what is open."""
        return self._by_pods.get((id(pods), _SIDES[side][0]), [])

    def allow(
        self, specs: list[dict[str, Any]], side: str, peer: _Peer | None, port: Mapping[str, Any]
    ) -> bool:
        """Whether these policies let the peer (None: anybody at all) pass at the port."""
        home = peer is not None and peer.namespace.get(names.NAMESPACE_LABEL) == self.home
        for spec in specs:
            for rule in spec.get(side) or ():
                peers = rule.get(_SIDES[side][1])
                if (peer is None or not peers or any(peer.fits(one, home) for one in peers)) and _opens(
                    rule.get("ports"), port
                ):
                    return True
        return not specs


def _opens(ports: list[dict[str, Any]] | None, wanted: Mapping[str, Any]) -> bool:
    number, protocol = wanted["containerPort"], wanted.get("protocol", "TCP")
    for port in ports or ():
        low = port.get("port")
        if port.get("protocol", "TCP") != protocol:
            continue
        if low is None or low == number or low == wanted.get("name", object()):
            return True
        if isinstance(low, int) and low <= number <= port.get("endPort", low):
            return True
    return not ports


def check(world: World) -> Iterator[Finding]:
    """Connections, pods that talk among themselves, and scrapes."""
    if not world.has("NetworkPolicy"):
        return
    policies = _Policies(world)
    yield from _connections(world, policies)
    yield from _peers(world, policies)
    yield from _scrapes(world, policies)
    yield from _routes(world, policies)


def _target(pods: Pods, target: int | str | None, protocol: str) -> dict[str, Any] | None:
    """The port of a container that a Service's port leads to; None for a name that no container has."""
    for container in pods.running():
        for port in container.get("ports") or ():
            if (
                target in (port.get("name"), port["containerPort"])
                and port.get("protocol", "TCP") == protocol
            ):
                return dict(port)
    return {"containerPort": target, "protocol": protocol} if isinstance(target, int) else None


def _connections(world: World, policies: _Policies) -> Iterator[Finding]:
    spec = world.platform.spec
    by_source = {pods.made.source: pods for pods in world.pods}
    for name, workload in spec.workloads.items():
        client = by_source.get(("workloads", name))
        for index, target in enumerate(workload.connects if client else ()):
            place = ("connects", index)
            assert client is not None
            server = by_source.get(("workloads", target))
            if server is not None and _ports(server):
                if not any(_passes(policies, client, server, port) for port in _ports(server)):
                    yield _blocked(
                        world,
                        client.made,
                        f"{client.name} connects to {target}, and the network policies let nothing through",
                        place,
                    )
            elif target in spec.datastores:
                port = {"containerPort": spec.datastores[target].ports.client}
                if not policies.allow(policies.of(client, "egress"), "egress", None, port):
                    yield _blocked(
                        world,
                        client.made,
                        f"{client.name} connects to {target}, and no network policy lets it out to port "
                        f"{port['containerPort']} there",
                        place,
                    )


def _peers(world: World, policies: _Policies) -> Iterator[Finding]:
    by_source = {pods.made.source: pods for pods in world.pods}
    for name, workload in world.platform.spec.workloads.items():
        pods = by_source.get(("workloads", name))
        for index, peer in enumerate(workload.peers if pods else ()):
            assert pods is not None
            listens = workload.listens.get(peer)
            port = _target(pods, peer, listens.protocol) if listens else None
            if port is not None and not _passes(policies, pods, pods, port):
                yield _blocked(
                    world,
                    pods.made,
                    f"the pods of {pods.name} talk on port {peer}, and the network policies do not let them",
                    ("peers", index),
                )


def _ports(pods: Pods) -> list[dict[str, Any]]:
    return [port for container in pods.running() for port in container.get("ports") or ()]


def _passes(policies: _Policies, client: Pods, server: Pods, port: Mapping[str, Any]) -> bool:
    return policies.allow(
        policies.of(client, "egress"), "egress", _Peer(server.labels, policies.home), port
    ) and policies.allow(policies.of(server, "ingress"), "ingress", _Peer(client.labels, policies.home), port)


def _scrapes(world: World, policies: _Policies) -> Iterator[Finding]:
    namespace = world.platform.spec.cluster.monitoring_namespace
    prometheus = _Peer(None, namespace)
    for made, pods, port, *places in (*_of_workloads(world), *_of_monitors(world)):
        if not policies.allow(policies.of(pods, "ingress"), "ingress", prometheus, port):
            yield _blocked(
                world,
                made,
                f"Prometheus scrapes {pods.name} from the namespace {namespace}, and no "
                f"network policy lets it in to port {port['containerPort']}",
                *places,
            )


def _routes(world: World, policies: _Policies) -> Iterator[Finding]:
    seen: set[tuple[int, int]] = set()
    for made, name, wanted in backends(world):
        entrance, where = _entrance(world, made)
        service = world.find("Service", name, "") if entrance is not None else None
        for pods, port in _led_to(world, service, wanted):
            if (id(made), id(pods)) in seen or entrance is None:
                continue
            if not policies.allow(policies.of(pods, "ingress"), "ingress", entrance, port):
                seen.add((id(made), id(pods)))
                message = (
                    f"{made.id.kind} {made.id.name} leads to {pods.name} from {where}, and no network policy "
                    f"lets it in to port {port['containerPort']}"
                )
                yield _blocked(world, made, message)


def _entrance(world: World, route: KubeObject) -> tuple[_Peer | None, str]:
    """What requests of a route come from; nothing is said of a way in that the spec does not choose."""
    cluster, home = world.platform.spec.cluster, world.inventory.namespace or ""
    if (route.id.kind == "Ingress") != (cluster.routing == "ingress"):
        return None, ""
    if cluster.routing == "ingress":
        return _Peer(None, cluster.ingress_namespace), f"the namespace {cluster.ingress_namespace}"
    gateway = cluster.gateway
    if gateway is None:
        return None, ""
    namespace = gateway.data_plane_namespace or (gateway.shared.namespace if gateway.shared else home)
    if namespace == home:
        return _Peer({names.GATEWAY_LABEL: world.platform.name}, home), "the pods of the Gateway"
    return _Peer(None, namespace), f"the namespace {namespace}"


def _led_to(
    world: World, service: KubeObject | None, wanted: int | str | None
) -> Iterator[tuple[Pods, dict[str, Any]]]:
    """The pods behind the port of a Service, each with the port of a container."""
    spec = (service.manifest.get("spec") or {}) if service is not None else {}
    for port in spec.get("ports") or ():
        if wanted in (None, port.get("name"), port["port"]) and spec.get("selector"):
            for pods in world.selected({"matchLabels": spec["selector"]}):
                target = _target(pods, port.get("targetPort", port["port"]), port.get("protocol", "TCP"))
                if target is not None:
                    yield pods, target


_Scrape = tuple[Any, ...]
"""What asks for it, the pods, the port of a container, and places in the spec."""


def _of_workloads(world: World) -> Iterator[_Scrape]:
    by_source = {pods.made.source: pods for pods in world.pods}
    for name, workload in world.platform.spec.workloads.items():
        pods = by_source.get(("workloads", name))
        port = _target(pods, workload.metrics.port, "TCP") if pods and workload.metrics else None
        if pods is not None and port is not None:
            yield pods.made, pods, port, ("metrics",)


def _of_monitors(world: World) -> Iterator[_Scrape]:
    for made in world.of("PodMonitor"):
        spec = made.manifest.get("spec") or {}
        for pods in world.selected(spec.get("selector") or {}):
            for endpoint in spec.get("podMetricsEndpoints") or ():
                port = _target(pods, endpoint.get("port") or endpoint.get("portNumber"), "TCP")
                if port is not None:
                    yield made, pods, port
    for made in world.of("ServiceMonitor"):
        spec = made.manifest.get("spec") or {}
        for service in world.of("Service"):
            labels = service.manifest["metadata"].get("labels") or {}
            if selects(spec.get("selector") or {}, labels):
                wanted = {endpoint.get("port") for endpoint in spec.get("endpoints") or ()}
                yield from _of_service(world, made, service.manifest["spec"], wanted)


def _of_service(world: World, made: KubeObject, service: Spec, wanted: set[Any]) -> Iterator[_Scrape]:
    for port in service.get("ports") or ():
        if port.get("name") in wanted and service.get("selector"):
            for pods in world.selected({"matchLabels": service["selector"]}):
                target = _target(pods, port.get("targetPort", port["port"]), port.get("protocol", "TCP"))
                if target is not None:
                    yield made, pods, target


def _blocked(world: World, made: KubeObject, message: str, *places: tuple[str | int, ...]) -> Finding:
    return world.objection(made, "network-blocked", message, _ADVICE, *places)
