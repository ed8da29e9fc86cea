"""Who may talk to whom, read from the network policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from manifestgen.facts.conventions import LABEL_NAME, NAMESPACE_LABEL
from manifestgen.kube.objects import Manifest
from manifestgen.targets.guides.site import Site

_ANY: Final[Sequence[dict[str, Any]]] = ({},)
"""Who is meant where nobody is named."""


class Flow(NamedTuple):
    """Something that a policy opens: from one side to the other, on ports."""

    source: str
    target: str
    ports: str


class Policy(NamedTuple):
    """A network policy in words."""

    name: str
    pods: str
    coming: tuple[str, ...]
    going: tuple[str, ...]


def policies(site: Site) -> list[Policy]:
    """All network policies."""
    return [_policy(one) for one in site.manifests("NetworkPolicy")]


def flows(site: Site) -> list[Flow]:
    """What may come in, by the policies, and what may go out of the namespace."""
    found: dict[Flow, None] = {}
    for one in site.manifests("NetworkPolicy"):
        pods = _pods(one["spec"].get("podSelector") or {})
        for rule in one["spec"].get("ingress") or ():
            for peer in rule.get("from") or _ANY:
                found[Flow(_peer(peer), pods, _ports(rule))] = None
        for rule in one["spec"].get("egress") or ():
            for peer in rule.get("to") or _ANY:
                if "podSelector" not in peer or "namespaceSelector" in peer:
                    found[Flow(pods, _peer(peer), _ports(rule))] = None
    return list(found)


def _policy(manifest: Manifest) -> Policy:
    spec = manifest["spec"]
    return Policy(
        manifest["metadata"]["name"],
        _pods(spec.get("podSelector") or {}),
        tuple(_sides(spec, "ingress", "from")),
        tuple(_sides(spec, "egress", "to")),
    )


def _sides(spec: Mapping[str, Any], side: str, key: str) -> Iterator[str]:
    types = spec.get("policyTypes") or ("Ingress",)
    if side.capitalize() not in types:
        yield "as other policies say"
        return
    rules = spec.get(side) or ()
    if not rules:
        yield "nothing"
    for rule in rules:
        peers = ", ".join(_peer(peer) for peer in rule.get(key) or _ANY)
        ports = _ports(rule)
        yield f"{peers} ({ports})" if ports else peers


def _ports(rule: Mapping[str, Any]) -> str:
    def word(port: Mapping[str, Any]) -> str:
        end = f"-{port['endPort']}" if "endPort" in port else ""
        protocol = port.get("protocol", "TCP")
        return f"{port.get('port', 'all')}{end}" + ("" if protocol == "TCP" else f"/{protocol}")

    return ", ".join(word(port) for port in rule.get("ports") or ())


def _pods(selector: Mapping[str, Any]) -> str:
    labels = selector.get("matchLabels") or {}
    if not labels and not selector.get("matchExpressions"):
        return "every pod"
    return (
        labels.get(LABEL_NAME) or ", ".join(f"{key}={value}" for key, value in labels.items()) or "some pods"
    )


def _peer(peer: Mapping[str, Any]) -> str:
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        rest = " but private networks" if block.get("except") else ""
        return f"{block['cidr']}{rest}"
    if "namespaceSelector" in peer:
        labels = (peer["namespaceSelector"] or {}).get("matchLabels") or {}
        name = labels.get(NAMESPACE_LABEL)
        place = f"namespace {name}" if name else "other namespaces"
        return f"{_pods(peer['podSelector'])} of {place}" if peer.get("podSelector") else place
    if "podSelector" in peer:
        return _pods(peer["podSelector"] or {})
    return "anything"


def opened_by(found: Sequence[Flow]) -> dict[tuple[str, str], list[str]]:
    """The ports of each pair, so that two policies for the same pair give one arrow."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for flow in found:
        pairs.setdefault((flow.source, flow.target), []).append(flow.ports)
    return pairs
