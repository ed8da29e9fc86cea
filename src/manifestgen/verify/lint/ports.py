"""Ports: what is asked by name is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.kube.objects import KubeObject
from manifestgen.verify.lint.world import Pods, World

_PROBES: Final = ("startupProbe", "readinessProbe", "livenessProbe")


def check(world: World) -> Iterator[Finding]:
    """Ports of probes and Services, by name; two containers that want the same one."""
    for pods in world.pods:
        for container in pods.containers():
            yield from _probes(world, pods, container)
        yield from _clashes(world, pods)
    for made in world.of("Service"):
        yield from _service(world, made)
    yield from _node_ports(world)


def _probes(world: World, pods: Pods, container: dict[str, Any]) -> Iterator[Finding]:
    names = [port["name"] for port in container.get("ports") or () if "name" in port]
    for key in _PROBES:
        probe = container.get(key) or {}
        port = (probe.get("httpGet") or probe.get("tcpSocket") or {}).get("port")
        if isinstance(port, str) and not port.isdigit() and port not in names:
            kind = key.removesuffix("Probe")
            yield world.objection(
                pods.made,
                "probe-port-missing",
                f"the {kind} probe of container {container['name']} in {pods.name} asks the port {port!r}, "
                "which the container does not have: it fails every time",
                nearest_hint(port, names),
                ("probes", kind),
            )


def _clashes(world: World, pods: Pods) -> Iterator[Finding]:
    seen: dict[tuple[int, str], str] = {}
    for container in pods.running():
        for port in container.get("ports") or ():
            key = (port["containerPort"], port.get("protocol", "TCP"))
            other = seen.setdefault(key, container["name"])
            if other != container["name"]:
                yield world.objection(
                    pods.made,
                    "container-port-clash",
                    f"the containers {other} and {container['name']} of {pods.name} both listen on {key[0]}; "
                    "containers of a pod share its network, so the second cannot start",
                    "give one of them another port",
                    ("ports",),
                )


def _service(world: World, made: KubeObject) -> Iterator[Finding]:
    spec = made.manifest.get("spec") or {}
    selector = spec.get("selector")
    if not selector or spec.get("type") == "ExternalName":
        return
    pods = world.selected({"matchLabels": selector})
    if not pods:
        return
    names = {
        port["name"]
        for one in pods
        for container in one.running()
        for port in container.get("ports") or ()
        if "name" in port
    }
    for port in spec.get("ports") or ():
        target = port.get("targetPort")
        if isinstance(target, str) and not target.isdigit() and target not in names:
            yield world.objection(
                made,
                "service-port-missing",
                f"Service {made.id.name} leads to the port {target!r}, which no container of "
                f"{pods[0].name} has: nobody answers",
                nearest_hint(target, sorted(names)),
                ("services",),
                ("ports",),
            )


def _node_ports(world: World) -> Iterator[Finding]:
    seen: dict[tuple[int, str], KubeObject] = {}
    for made in world.of("Service"):
        for port in (made.manifest.get("spec") or {}).get("ports") or ():
            if "nodePort" not in port:
                continue
            key = (port["nodePort"], port.get("protocol", "TCP"))
            other = seen.setdefault(key, made)
            if other is not made:
                yield world.objection(
                    made,
                    "node-port-clash",
                    f"the Services {other.id.name} and {made.id.name} both want node port {key[0]}; "
                    "the API server refuses the second",
                    "give one of them another number, or none: then Kubernetes chooses",
                    ("services",),
                )
