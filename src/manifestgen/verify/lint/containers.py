"""Containers: what the API server refuses in them, and what it takes without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import normpath
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.facts.quantities import amount
from manifestgen.verify.lint.world import Pods, World

_QUANTITY: Final = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+)?"
)
"""As ``resource.ParseQuantity`` of Kubernetes reads it."""


def check(world: World) -> Iterator[Finding]:
    """Resources and mounts of every container."""
    for pods in world.pods:
        volumes = {volume["name"] for volume in pods.spec.get("volumes") or ()}
        volumes |= {claim["metadata"]["name"] for claim in _claim_templates(pods)}
        for container in pods.containers():
            yield from _resources(world, pods, container)
            yield from _devices(world, pods, container)
            yield from _mounts(world, pods, container, volumes)


def _claim_templates(pods: Pods) -> list[dict[str, Any]]:
    return (pods.made.manifest.get("spec") or {}).get("volumeClaimTemplates") or []


def _resources(world: World, pods: Pods, container: dict[str, Any]) -> Iterator[Finding]:
    resources = container.get("resources") or {}
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    for name, given in (*requests.items(), *limits.items()):
        if not _QUANTITY.fullmatch(str(given)):
            yield world.objection(
                pods.made,
                "quantity-invalid",
                f"container {container['name']} of {pods.name} has {given!r} as its {name}, which is no "
                "quantity",
                "write e.g. 500m or 2 of cpu, 384Mi or 4Gi of memory, without a space",
                ("resources",),
            )
    for name, request in requests.items():
        asked, most = amount(request), amount(limits.get(name))
        if asked is not None and most is not None and asked > most:
            yield world.objection(
                pods.made,
                "request-over-limit",
                f"container {container['name']} of {pods.name} requests {request} of {name}, above its "
                "limit of "
                f"{limits[name]}; the API server refuses it",
                "lower the request or raise the limit",
                ("resources", "requests", name),
            )


def _devices(world: World, pods: Pods, container: dict[str, Any]) -> Iterator[Finding]:
    """What cannot be shared: the request is the limit."""
    resources = container.get("resources") or {}
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    for name, request in requests.items():
        most = limits.get(name)
        if _is_device(name) and amount(request) != amount(most):
            had = "no limit" if most is None else f"a limit of {most}"
            yield world.objection(
                pods.made,
                "device-limit",
                f"container {container['name']} of {pods.name} requests {request} of {name} and has {had}; "
                "the API server refuses it",
                "give the limit alone: the request is the same by itself",
                ("resources", "devices", name),
            )


def _is_device(name: str) -> bool:
    """Whether nodes give the resource away whole: those of Kubernetes itself have no domain."""
    return "/" in name and not name.split("/")[0].endswith("kubernetes.io")


def _mounts(world: World, pods: Pods, container: dict[str, Any], volumes: set[str]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    where = f"container {container['name']} of {pods.name}"
    for mount in container.get("volumeMounts") or ():
        if mount["name"] not in volumes:
            message = f"{where} mounts the volume {mount['name']!r}, which its pod does not have"
            hint = nearest_hint(mount["name"], sorted(volumes))
            yield world.objection(pods.made, "volume-missing", message, hint, ("volumes",))
        place = normpath(mount["mountPath"])
        other = seen.setdefault(place, mount["name"])
        if other != mount["name"]:
            message = f"{where} mounts {other} and {mount['name']} at {place}; the API server refuses it"
            yield world.objection(pods.made, "mount-clash", message, "give each its own path", ("volumes",))
