"""Ports by number: the containers say that they have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.verify.lint.world import Pods, World

_PROBES: Final = ("startupProbe", "readinessProbe", "livenessProbe")


def check(world: World) -> Iterator[Finding]:
    """Numbers that probes ask and Services lead to; where no port is declared at all, nothing is known."""
    for pods in world.pods:
        for container in pods.containers():
            yield from _probes(world, pods, container)
    for made in world.of("Service"):
        spec = made.manifest.get("spec") or {}
        for pods in world.selected({"matchLabels": spec["selector"]}) if spec.get("selector") else ():
            numbers = _numbers(*pods.running())
            for port in spec.get("ports") or ():
                target = port.get("targetPort", port["port"])
                if numbers and isinstance(target, int) and target not in numbers:
                    what = f"Service {made.id.name} leads to port {target} of {pods.name}"
                    yield world.objection(made, "port-undeclared", f"{what}, {_HAS_NONE}", _known(numbers))


_HAS_NONE: Final = "whose containers declare other ports only"


def _probes(world: World, pods: Pods, container: dict[str, Any]) -> Iterator[Finding]:
    numbers = _numbers(container)
    for key in _PROBES:
        probe = container.get(key) or {}
        port = (probe.get("httpGet") or probe.get("tcpSocket") or probe.get("grpc") or {}).get("port")
        if numbers and isinstance(port, int) and port not in numbers:
            kind = key.removesuffix("Probe")
            message = (
                f"the {kind} probe of container {container['name']} in {pods.name} asks port {port}, and the "
                "container declares other ports only"
            )
            yield world.objection(pods.made, "port-undeclared", message, _known(numbers), ("probes", kind))


def _numbers(*containers: dict[str, Any]) -> list[int]:
    return [port["containerPort"] for one in containers for port in one.get("ports") or ()]


def _known(numbers: list[int]) -> str:
    return f"correct the number, or declare the port; known here: {', '.join(map(str, numbers))}"
