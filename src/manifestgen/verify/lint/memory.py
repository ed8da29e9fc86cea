"""Memory: what the program is told to use fits into what the container may use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts.quantities import amount
from manifestgen.verify.lint.environment import variables, words
from manifestgen.verify.lint.world import Pods, World

_HEAP: Final = re.compile(r"-Xmx(?P<number>[0-9]+)(?P<unit>[kKmMgGtT]?)")
_SHARE: Final = re.compile(r"-XX:MaxRAMPercentage[= ](?P<share>[0-9]+(?:\.[0-9]+)?)")
_NODE: Final = re.compile(r"--max[-_]old[-_]space[-_]size[= ](?P<mebibytes>[0-9]+)")
_GO: Final = re.compile(r"(?P<number>[0-9]+)(?P<unit>B|KiB|MiB|GiB|TiB)?")
_JAVA_OPTIONS: Final = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "JAVA_OPTIONS", "_JAVA_OPTIONS")
_POWERS: Final = {"": 0, "B": 0, **{unit: power for power, unit in enumerate("KMGT", start=1)}}
_GREEDY: Final = 90
"""Per cent of the limit; the JVM needs room for threads, code and buffers beside its heap."""
_WORKER_FLAGS: Final = {
    "gunicorn": ("-w", "--workers"),
    "uvicorn": ("--workers",),
    "celery": ("-c", "--concurrency"),
}
_LEAST_OF_A_WORKER: Final = 48 * 2**20
"""A worker process of Python with a web framework or Celery in it; less is not enough to import them."""
_MIB: Final = 2**20


def check(world: World) -> Iterator[Finding]:
    """Every container with a memory limit."""
    for pods in world.pods:
        for container in pods.containers():
            limit = _limit(container)
            if limit is not None:
                yield from _heap(world, pods, container, limit)
                yield from _workers(world, pods, container, limit)


def _limit(container: dict[str, Any]) -> Decimal | None:
    return amount(((container.get("resources") or {}).get("limits") or {}).get("memory"))


def _heap(world: World, pods: Pods, container: dict[str, Any], limit: Decimal) -> Iterator[Finding]:
    for setting, wanted in _heaps(variables(world, container), " ".join(words(container)), limit):
        if wanted >= limit:
            yield world.objection(
                pods.made,
                "heap-over-limit",
                f"container {container['name']} of {pods.name} is told to use {_shown(wanted)} ({setting}), "
                f"and killed at {_shown(limit)}",
                "raise the memory limit, or leave a quarter of it for what is no heap",
                ("resources", "limits", "memory"),
            )


def _heaps(environment: dict[str, str], line: str, limit: Decimal) -> Iterator[tuple[str, Decimal]]:
    """What each setting makes the program use, in bytes."""
    java = " ".join([line, *(environment.get(name, "") for name in _JAVA_OPTIONS)])
    if heap := _HEAP.search(java):
        yield heap[0], Decimal(int(heap["number"]) * 1024 ** _POWERS[heap["unit"].upper()])
    elif (share := _SHARE.search(java)) and float(share["share"]) > _GREEDY:
        yield f"MaxRAMPercentage {share['share']}", limit
    if node := _NODE.search(f"{line} {environment.get('NODE_OPTIONS', '')}"):
        yield f"--max-old-space-size={node['mebibytes']}", Decimal(int(node["mebibytes"]) * _MIB)
    if go := _GO.fullmatch(environment.get("GOMEMLIMIT", "")):
        unit = (go["unit"] or "B")[0]
        yield f"GOMEMLIMIT={go[0]}", Decimal(int(go["number"]) * 1024 ** _POWERS[unit])


def _workers(world: World, pods: Pods, container: dict[str, Any], limit: Decimal) -> Iterator[Finding]:
    found = _worker_count(variables(world, container), words(container))
    if found is not None and found[1] > 1 and limit / found[1] < _LEAST_OF_A_WORKER:
        yield world.objection(
            pods.made,
            "worker-memory",
            f"container {container['name']} of {pods.name} starts {found[1]} worker processes ({found[0]}) "
            f"in {_shown(limit)}: {_shown(limit / found[1])} for each",
            "run fewer workers in more pods, or raise the memory limit",
            ("resources", "limits", "memory"),
        )


def _worker_count(environment: dict[str, str], line: list[str]) -> tuple[str, int] | None:
    """How many worker processes are started, and what says so; the command line wins."""
    program = next((name for word in line if (name := word.rpartition("/")[2]) in _WORKER_FLAGS), None)
    if program is None or (program == "celery" and "worker" not in line):
        return None
    for flag in _WORKER_FLAGS[program]:
        position = line.index(flag) + 1 if flag in line else len(line)
        if position < len(line) and line[position].isdigit():
            return f"{flag} {line[position]}", int(line[position])
    count = environment.get("WEB_CONCURRENCY", "")
    if program != "celery" and count.isdigit():
        return f"WEB_CONCURRENCY={count}", int(count)
    return None


def _shown(size: Decimal) -> str:
    return f"{int(size / _MIB)}Mi"
