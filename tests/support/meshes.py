"""Who may call whom, read from the objects alone: by the network policies, and by the policies of a mesh.

A caller is a ServiceAccount of a workload with a proxy, or ``OUTSIDE``: whatever has no proxy here. A call is
(workload that is called, caller, port).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from manifestgen.kube.pods import pod_template

OUTSIDE: Final = "(outside)"
PROXY_PORTS: Final = {4143, 4191, 15020}
"""Ports of proxies, by which nobody comes to a workload that its own policies do not let in."""
SAFE: Final = {"GET", "HEAD", "OPTIONS"}
NEVER_ARRIVED: Final = {"connect-failure", "refused-stream"}

Object = Mapping[str, Any]
Call = tuple[str, str, int]


class Member(NamedTuple):
    """The pods of a workload."""

    account: str
    labels: Mapping[str, str]
    has_proxy: bool
    template: Mapping[str, Any]


class Mesh(NamedTuple):
    """The objects of one environment, as far as they are about calls."""

    objects: list[Object]
    members: list[Member]

    def of(self, kind: str, group: str) -> Iterator[Object]:
        """The objects of a kind."""
        for one in self.objects:
            if one["kind"] == kind and one["apiVersion"].startswith(f"{group}/"):
                yield one

    def selected(self, selector: Mapping[str, str]) -> list[Member]:
        """The workloads whose pods have these labels."""
        return [one for one in self.members if selector.items() <= one.labels.items()]


def mesh_of(manifests: Iterable[Object]) -> Mesh:
    """What the objects of an environment say."""
    objects = list(manifests)
    return Mesh(objects, [_member(pod) for one in objects if (pod := pod_template(dict(one))) is not None])


def _member(template: Mapping[str, Any]) -> Member:
    metadata, spec = template["metadata"], template["spec"]
    labels, annotations = metadata["labels"], metadata.get("annotations") or {}
    injected = labels.get("sidecar.istio.io/inject") == "true"
    has_proxy = injected or annotations.get("linkerd.io/inject") == "enabled"
    return Member(spec["serviceAccountName"], labels, has_proxy, template)


def by_network_policies(mesh: Mesh) -> set[Call]:
    """The calls that network policies let into pods with a proxy."""
    found: set[Call] = set()
    for policy in mesh.of("NetworkPolicy", "networking.k8s.io"):
        spec = policy["spec"]
        called = mesh.selected(spec["podSelector"].get("matchLabels") or {})
        for rule in spec.get("ingress") or ():
            ports = {one["port"] for one in rule.get("ports") or () if one["protocol"] == "TCP"}
            callers = {caller for peer in rule.get("from") or () for caller in _callers(mesh, peer)}
            found |= {
                (one.account, caller, port)
                for one in called
                if one.has_proxy
                for caller in callers
                for port in ports - PROXY_PORTS
            }
    return found


def _callers(mesh: Mesh, peer: Mapping[str, Any]) -> set[str]:
    if set(peer) != {"podSelector"}:
        return {OUTSIDE}
    pods = mesh.selected(peer["podSelector"]["matchLabels"])
    return {one.account if one.has_proxy else OUTSIDE for one in pods} or {OUTSIDE}


def by_istio(mesh: Mesh) -> set[Call]:
    """The calls that AuthorizationPolicies let in; without one for all of them, everything would be."""
    policies = list(mesh.of("AuthorizationPolicy", "security.istio.io"))
    assert any(one["spec"] == {} for one in policies), "nothing denies by default"
    known = {one.account for one in mesh.members}
    found: set[Call] = set()
    for policy in policies:
        called = mesh.selected(policy["spec"]["selector"]["matchLabels"]) if policy["spec"] else []
        for rule in policy["spec"]["rules"] if called else ():
            ports = {int(port) for to in rule["to"] for port in to["operation"]["ports"]}
            accounts = {
                one if one in known else OUTSIDE
                for source in (origin["source"] for origin in rule["from"])
                for one in source.get("serviceAccounts", [OUTSIDE])
            }
            found |= {(one.account, who, port) for one in called for who in accounts for port in ports}
    return found


def plaintext_of_istio(mesh: Mesh) -> set[tuple[str, int]]:
    """The ports that take calls without TLS; the namespace takes none."""
    policies = list(mesh.of("PeerAuthentication", "security.istio.io"))
    assert any(one["spec"] == {"mtls": {"mode": "STRICT"}} for one in policies)
    return {
        (one.account, int(port))
        for policy in policies
        for port, mtls in policy["spec"].get("portLevelMtls", {}).items()
        if mtls["mode"] == "PERMISSIVE"
        for one in mesh.selected(policy["spec"]["selector"]["matchLabels"])
    }


def by_linkerd(mesh: Mesh) -> set[Call]:
    """The calls that policies of Linkerd let in, to ports with a Server in pods that deny by default."""
    group = "policy.linkerd.io"
    for one in mesh.members:
        if one.has_proxy:
            annotations = one.template["metadata"]["annotations"]
            assert annotations["config.linkerd.io/default-inbound-policy"] == "deny"
    servers = {one["metadata"]["name"]: one["spec"] for one in mesh.of("Server", group)}
    known = {one.account for one in mesh.members}
    identities = {
        one["metadata"]["name"]: {
            ref["name"] if ref["kind"] == "ServiceAccount" and ref["name"] in known else OUTSIDE
            for ref in one["spec"]["identityRefs"]
            if "namespace" not in ref
        }
        | {OUTSIDE for ref in one["spec"]["identityRefs"] if "namespace" in ref}
        for one in mesh.of("MeshTLSAuthentication", group)
    }
    found: set[Call] = set()
    for policy in mesh.of("AuthorizationPolicy", group):
        server = servers[policy["spec"]["targetRef"]["name"]]
        (needed,) = policy["spec"]["requiredAuthenticationRefs"]
        is_network = needed["kind"] == "NetworkAuthentication"
        callers = {OUTSIDE} if is_network else identities[needed["name"]]
        called = mesh.selected(server["podSelector"]["matchLabels"])
        found |= {(one.account, who, server["port"]) for one in called for who in callers}
    return found


def asked_by_kubelet(mesh: Mesh) -> set[tuple[str, int]]:
    """What the kubelet asks otherwise than by plain HTTP in a probe; no network policy keeps it out."""
    found: set[tuple[str, int]] = set()
    for one in mesh.members:
        spec = one.template["spec"]
        containers = [*spec.get("initContainers", ()), *spec["containers"]]
        numbers = {port["name"]: port["containerPort"] for c in containers for port in c.get("ports", ())}
        for container in containers:
            probes = [container.get(f"{moment}Probe", {}) for moment in ("startup", "readiness", "liveness")]
            asked = [probe["grpc"]["port"] for probe in probes if "grpc" in probe]
            https = [probe["httpGet"] for probe in probes if "httpGet" in probe]
            asked += [get["port"] for get in https if get.get("scheme") == "HTTPS"]
            hooks = (container.get("lifecycle") or {}).values()
            asked += [hook["httpGet"]["port"] for hook in hooks if "httpGet" in hook]
            found |= {(one.account, numbers.get(port, port)) for port in asked}
    return found


def inside(calls: set[Call]) -> set[Call]:
    """The calls of what has a proxy."""
    return {call for call in calls if call[1] != OUTSIDE}


def agree(manifests: Iterable[Object], kind: str) -> None:
    """Both let in the same calls."""
    mesh = mesh_of(manifests)
    network = by_network_policies(mesh)
    calls = by_istio(mesh) if kind == "istio" else by_linkerd(mesh)
    assert inside(calls) == inside(network)
    without = {(called, port) for called, who, port in calls if who == OUTSIDE}
    open_to = {(called, port) for called, who, port in network if who == OUTSIDE}
    kubelet = asked_by_kubelet(mesh) if kind == "linkerd" else set()
    assert without <= open_to | kubelet
    # What is outside of the mesh in the namespace itself reaches the ports that are named for it, no others.
    assert {one for one in open_to if _is_from_afar(mesh, one)} <= without
    if kind == "istio":
        assert plaintext_of_istio(mesh) <= open_to


def only_safe_calls_are_made_again(manifests: Iterable[Object]) -> None:
    """No call that may change something is made again once it has reached a pod."""
    for method, conditions in made_again(mesh_of(manifests)):
        assert method in SAFE or conditions <= NEVER_ARRIVED, (method, conditions)


def _is_from_afar(mesh: Mesh, called: tuple[str, int]) -> bool:
    """Whether somebody comes to a port who is no workload of the platform."""
    for policy in mesh.of("NetworkPolicy", "networking.k8s.io"):
        accounts = {
            one.account for one in mesh.selected(policy["spec"]["podSelector"].get("matchLabels") or {})
        }
        for rule in policy["spec"].get("ingress") or () if called[0] in accounts else ():
            far = any(set(peer) != {"podSelector"} for peer in rule.get("from") or ())
            if far and any(port.get("port") == called[1] for port in rule.get("ports") or ()):
                return True
    return False


def made_again(mesh: Mesh) -> Iterator[tuple[str, set[str]]]:
    """The methods of calls that are made again, and after what; "*" for every other method."""
    for service in mesh.of("VirtualService", "networking.istio.io"):
        for route in service["spec"]["http"]:
            if route["retries"]["attempts"]:
                for match in route.get("match", [{}]):
                    for method in match.get("method", {"regex": "*"})["regex"].split("|"):
                        yield method, set(route["retries"]["retryOn"].split(","))
    for route in mesh.of("HTTPRoute", "policy.linkerd.io"):
        conditions = (route["metadata"].get("annotations") or {}).get("retry.linkerd.io/http")
        matches = [match for rule in route["spec"]["rules"] for match in rule.get("matches", [{}])]
        for match in matches if conditions else ():
            yield match.get("method", "*"), {conditions}
