"""Quotas: what the namespace may use is enough for what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from typing import Any, Final, NamedTuple

from manifestgen.errors import Finding
from manifestgen.facts.quantities import amount
from manifestgen.kube.objects import KubeObject, Manifest
from manifestgen.kube.pods import all_containers, pod_template
from manifestgen.kube.proxies import PROXY, with_proxy
from manifestgen.kube.requests import of_container, of_pod
from manifestgen.verify.lint.amounts import share
from manifestgen.verify.lint.scale import scale_of
from manifestgen.verify.lint.world import Pods, World

_SHORT: Final = {"cpu": "requests.cpu", "memory": "requests.memory"}
_COUNTED: Final = frozenset({"requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "pods"})


class _Demand(NamedTuple):
    """What all pods need at the least, and at the most, while new versions start beside old ones."""

    least: Decimal
    most: Decimal


def check(world: World) -> Iterator[Finding]:
    """Every quota without a scope, by what it counts of pods."""
    for made in world.of("ResourceQuota"):
        spec = made.manifest.get("spec") or {}
        if spec.get("scopes") or spec.get("scopeSelector"):
            continue
        for key, hard in (spec.get("hard") or {}).items():
            what = _SHORT.get(key, key)
            if what in _COUNTED:
                yield from _unset(world, made, key, what)
                yield from _exceeded(world, made, key, what, str(hard))


def _unset(world: World, made: KubeObject, key: str, what: str) -> Iterator[Finding]:
    """A quota on a resource makes it a duty to say how much of it a container wants."""
    if what == "pods":
        return
    for pods in world.pods:
        lacking = [one["name"] for one in all_containers(_whole(pods)) if _of(world, one, what) is None]
        if lacking:
            kind, _, resource = what.partition(".")
            place = "mesh.proxy" if lacking[0] == PROXY else "resources"
            yield world.objection(
                pods.made,
                "quota-unset",
                f"container {lacking[0]} of {pods.name} has no {what}, and the ResourceQuota {made.id.name} "
                "counts "
                f"{key}: the API server refuses its pods",
                f"add {place}.{what}, or a default by a LimitRange",
                ("resources", kind, resource),
                ("resources",),
            )


def _exceeded(world: World, made: KubeObject, key: str, what: str, hard: str) -> Iterator[Finding]:
    most = amount(hard)
    if most is None:
        return
    demand = _demand(world, what)
    if demand.least > most:
        yield world.objection(
            made,
            "quota-exceeded",
            f"the pods of this platform need {_shown(demand.least, what)} of {key} at the least, and the "
            f"ResourceQuota {made.id.name} ends at {hard}: some are never made",
            "raise the quota, or lower requests or replicas",
            ("hard", key),
            tuple(key.split(".")),
            ("spec", "hard", key),
        )
    elif demand.most > most:
        yield world.objection(
            made,
            "quota-short",
            f"with all autoscalers at their maximum and new versions starting, the pods need "
            f"{_shown(demand.most, what)} of {key}, and the ResourceQuota {made.id.name} ends at {hard}",
            "raise the quota, or lower the maxima: it runs out when the load is highest",
            ("hard", key),
            tuple(key.split(".")),
            ("spec", "hard", key),
        )


def _demand(world: World, what: str) -> _Demand:
    least = most = Decimal(0)
    for pods in world.pods:
        each = Decimal(1) if what == "pods" else _of_pod(world, pods, what)
        fewest, peak = _counts(world, pods)
        least += each * fewest
        most += each * peak
    return _Demand(least, most)


def _counts(world: World, pods: Pods) -> tuple[int, int]:
    """How many pods there are at the least, and at the most for a while."""
    if pods.kind == "CronJob":
        return 0, pods.made.manifest["spec"]["jobTemplate"]["spec"].get("parallelism", 1)
    scale = scale_of(world, pods)
    if scale is None:
        return 1, 1  # one on each node, of which we know nothing
    return scale.fewest, scale.most + _surge(pods, scale.most)


def _surge(pods: Pods, count: int) -> int:
    spec = pods.made.manifest.get("spec") or {}
    strategy = spec.get("strategy") or {}
    if pods.kind not in ("Deployment", "Rollout") or strategy.get("type") == "Recreate":
        return 0
    if "blueGreen" in strategy:
        return count
    rolling = strategy.get("rollingUpdate") or strategy.get("canary") or {}
    surge = rolling.get("maxSurge", "25%")
    return share(surge, count) or 0


def _of_pod(world: World, pods: Pods, what: str) -> Decimal:
    kind, _, resource = what.partition(".")
    return of_pod(_whole(pods), kind, resource, _limit_ranges(world))


def _whole(pods: Pods) -> dict[str, Any]:
    """The pods as the API server gets to see them, with the proxy of a mesh."""
    return with_proxy(pod_template(pods.made.manifest) or {"spec": pods.spec})


def _of(world: World, container: dict[str, Any], what: str) -> Decimal | None:
    kind, _, resource = what.partition(".")
    return of_container(container, kind, resource, _limit_ranges(world))


def _limit_ranges(world: World) -> list[Manifest]:
    return [made.manifest for made in world.of("LimitRange")]


def _shown(total: Decimal, what: str) -> str:
    if what.endswith("cpu"):
        return f"{int(total * 1000)}m" if total % 1 else str(int(total))
    return f"{ceil(total / 2**20)}Mi" if what.endswith("memory") else str(int(total))
