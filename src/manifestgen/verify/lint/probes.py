"""Probes: each does its own work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.verify.lint.world import World

_WAYS: Final = ("httpGet", "tcpSocket", "grpc", "exec")


def check(world: World) -> Iterator[Finding]:
    """A container is taken out of its Services before it is restarted."""
    for pods in world.pods:
        for container in pods.containers():
            ready, alive = container.get("readinessProbe") or {}, container.get("livenessProbe") or {}
            if ready and alive and _way(ready) == _way(alive) and _patience(alive) <= _patience(ready):
                yield world.objection(
                    pods.made,
                    "liveness-like-readiness",
                    f"container {container['name']} of {pods.name} is restarted by the same check, as soon "
                    "as it is taken out of its Services: a slow moment becomes an outage",
                    "let liveness ask something that depends on nothing else, or fail later",
                    ("probes", "liveness"),
                )


def _way(probe: dict[str, Any]) -> list[Any]:
    return [probe.get(way) for way in _WAYS]


def _patience(probe: dict[str, Any]) -> int:
    """Seconds of failure until it acts, by the defaults of the API."""
    seconds: int = probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)
    return seconds
