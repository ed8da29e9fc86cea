"""What network policies allow, worked out as Kubernetes does: a small evaluator for tests.

It knows the parts of a NetworkPolicy that there are in networking.k8s.io/v1 and that we emit, and fails
on any other, so that it never takes a policy for something it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from manifestgen.kube.objects import Inventory

Policy = dict[str, Any]
Labels = Mapping[str, str]
NAMESPACE_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Endpoint:
    """A pod (with a namespace and labels) or a machine outside of the cluster (with an address)."""

    name: str
    namespace: str | None = None
    labels: Labels = field(default_factory=dict, hash=False)
    address: str | None = None


class Flow(NamedTuple):
    """One thing that is allowed."""

    source: str
    target: str
    port: int
    protocol: str = "TCP"

    def __str__(self) -> str:
        protocol = "" if self.protocol == "TCP" else f"/{self.protocol}"
        return f"{self.source} -> {self.target}:{self.port}{protocol}"


def policies(inventory: Inventory) -> list[Policy]:
    """The network policies among the objects."""
    return [made.manifest for made in inventory.objects.values() if made.id.kind == "NetworkPolicy"]


def flows(
    inventory: Inventory,
    endpoints: Iterable[Endpoint],
    ports: Iterable[int],
    protocols: Iterable[str] = ("TCP",),
) -> set[Flow]:
    """All flows among the endpoints that the policies of the inventory's namespace allow.

    Between two endpoints that are both outside of the namespace nothing is said, so nothing is listed.
    """
    cluster = _Cluster(inventory.namespace or "", policies(inventory))
    places = list(endpoints)
    wanted = [(port, protocol) for port in ports for protocol in protocols]
    return {
        Flow(source.name, target.name, port, protocol)
        for source in places
        for target in places
        if cluster.inside(source) or cluster.inside(target)
        for port, protocol in wanted
        if cluster.allows(source, target, port, protocol)
    }


class _Cluster:
    def __init__(self, namespace: str, policies: list[Policy]) -> None:
        self._namespace = namespace
        self._policies = policies

    def inside(self, endpoint: Endpoint) -> bool:
        return endpoint.namespace == self._namespace

    def allows(self, source: Endpoint, target: Endpoint, port: int, protocol: str) -> bool:
        return self._side("egress", source, target, port, protocol) and self._side(
            "ingress", target, source, port, protocol
        )

    def _side(self, side: str, pod: Endpoint, other: Endpoint, port: int, protocol: str) -> bool:
        """Whether ``pod`` may send to (egress) or receive from (ingress) ``other``."""
        if not self.inside(pod):
            return True  # policies of other namespaces are not ours
        chosen = [policy["spec"] for policy in self._policies if self._selects(policy["spec"], pod, side)]
        rules = [rule for spec in chosen for rule in spec.get(side, [])]
        return not chosen or any(self._matches(rule, side, other, port, protocol) for rule in rules)

    def _selects(self, spec: Policy, pod: Endpoint, side: str) -> bool:
        assert set(spec) <= {"podSelector", "policyTypes", "ingress", "egress"}, spec
        return side.capitalize() in spec["policyTypes"] and _chosen(spec["podSelector"], pod.labels)

    def _matches(self, rule: Policy, side: str, other: Endpoint, port: int, protocol: str) -> bool:
        key = {"ingress": "from", "egress": "to"}[side]
        assert set(rule) <= {key, "ports"}, rule
        peers, ports = rule.get(key), rule.get("ports")
        # Both lists mean "all" when they are missing or empty.
        peer_fits = not peers or any(self._is_peer(peer, other) for peer in peers)
        return peer_fits and (not ports or (protocol, port) in set(_ports(ports)))

    def _is_peer(self, peer: Policy, other: Endpoint) -> bool:
        assert set(peer) in (
            {"ipBlock"},
            {"podSelector"},
            {"namespaceSelector"},
            {"podSelector", "namespaceSelector"},
        )
        if "ipBlock" in peer:
            return other.address is not None and _in_block(peer["ipBlock"], other.address)
        if other.namespace is None:
            return False
        if "namespaceSelector" in peer:
            here = _chosen(peer["namespaceSelector"], {NAMESPACE_LABEL: other.namespace})
        else:
            here = self.inside(other)
        return here and _chosen(peer.get("podSelector", {}), other.labels)


def _chosen(selector: Policy, labels: Labels) -> bool:
    assert set(selector) <= {"matchLabels"}, selector
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def _ports(ports: list[Policy]) -> Iterator[tuple[str, int]]:
    for port in ports:
        assert {"protocol", "port"} <= set(port) <= {"protocol", "port", "endPort"}, port
        for number in range(port["port"], port.get("endPort", port["port"]) + 1):
            yield port["protocol"], number


def _in_block(block: Policy, address: str) -> bool:
    assert set(block) <= {"cidr", "except"}, block
    inside = [
        ip_address(address) in ip_network(network) for network in (block["cidr"], *block.get("except", []))
    ]
    return inside[0] and not any(inside[1:])
