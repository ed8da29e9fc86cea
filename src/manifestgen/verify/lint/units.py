"""Quantities that are valid and hardly meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts.quantities import amount
from manifestgen.verify.lint.world import Pods, World

_MOST_CORES: Final = 128
"""More than this in one container is a missing `m`: machines of public clouds with more are a handful."""
_LEAST_BYTES: Final = 1024 * 1024
"""No container runs in less; a kubelet refuses limits below some MiB."""


def check(world: World) -> Iterator[Finding]:
    """CPU and memory of every container."""
    for pods in world.pods:
        for container in pods.containers():
            resources = container.get("resources") or {}
            for kind in ("requests", "limits"):
                yield from _amounts(world, pods, container["name"], kind, resources.get(kind) or {})


def _amounts(
    world: World, pods: Pods, container: str, kind: str, amounts: dict[str, Any]
) -> Iterator[Finding]:
    cpu, memory = (amount(amounts.get(resource)) for resource in ("cpu", "memory"))
    where = f"container {container} in {pods.name} has {kind}"
    if cpu is not None and cpu >= _MOST_CORES:
        yield world.objection(
            pods.made,
            "cpu-unit",
            f"{where} of {amounts['cpu']} cores, more than a node has",
            f"write {amounts['cpu']}m if millicores are meant",
            ("resources", kind, "cpu"),
        )
    if memory is not None and memory < _LEAST_BYTES:
        yield world.objection(
            pods.made,
            "memory-unit",
            f"{where} of {amounts['memory']} bytes of memory, in which nothing runs",
            f"write {str(amounts['memory']).rstrip('mkK')}Mi if MiB are meant",
            ("resources", kind, "memory"),
        )
