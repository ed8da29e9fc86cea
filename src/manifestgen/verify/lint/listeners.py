"""Gateways: routes attach to listeners that there are and that take their hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.kube.objects import KubeObject
from manifestgen.verify.lint.world import World

GROUP: Final = "gateway.networking.k8s.io"
ROUTES: Final = ("HTTPRoute", "GRPCRoute", "TLSRoute")


def check(world: World) -> Iterator[Finding]:
    """Every route that attaches to a Gateway of the platform."""
    for made in world.of(*ROUTES):
        spec = made.manifest.get("spec") or {}
        for parent in spec.get("parentRefs") or ():
            gateway = world.find("Gateway", parent.get("name", ""), GROUP)
            at_home = parent.get("namespace") in (None, world.inventory.namespace)
            if gateway is not None and at_home and parent.get("kind", "Gateway") == "Gateway":
                yield from _attaches(world, made, gateway, parent)
    for gateway in world.of("Gateway"):
        yield from _clashes(world, gateway)


def _attaches(
    world: World, made: KubeObject, gateway: KubeObject, parent: dict[str, Any]
) -> Iterator[Finding]:
    listeners = _listeners(gateway)
    names = [one["name"] for one in listeners]
    wanted, route = parent.get("sectionName"), f"{made.id.kind} {made.id.name}"
    if wanted is not None and wanted not in names:
        message = (
            f"{route} attaches to the listener {wanted} of Gateway {gateway.id.name}, which it does not have"
        )
        yield world.objection(made, "listener-missing", message, nearest_hint(wanted, names))
        return
    hosts = (made.manifest.get("spec") or {}).get("hostnames") or ()
    taken = [one.get("hostname") for one in listeners if wanted in (None, one["name"])]
    if hosts and not any(_meet(host, listener) for host in hosts for listener in taken):
        where = f"the listener {wanted}" if wanted else "no listener"
        message = (
            f"{route} is for {', '.join(hosts)}, and {where} of Gateway {gateway.id.name} "
            f"{'is for ' + str(taken[0]) if wanted else 'takes them'}: nothing reaches it"
        )
        advice = "give the Gateway a listener for the host, or the route another host"
        yield world.objection(made, "listener-missing", message, advice, ("hosts",))


def _listeners(gateway: KubeObject) -> list[dict[str, Any]]:
    return (gateway.manifest.get("spec") or {}).get("listeners") or []


def _meet(host: str, listener: str | None) -> bool:
    """Whether there is a name that both mean; a star stands for one part or more of it."""
    if not listener or host == listener:
        return True
    if listener.startswith("*."):
        return host.removeprefix("*").endswith(listener[1:])
    return host.startswith("*.") and listener.endswith(host[1:])


def _clashes(world: World, gateway: KubeObject) -> Iterator[Finding]:
    seen: dict[tuple[Any, ...], str] = {}
    for one in _listeners(gateway):
        key = (one.get("port"), one.get("protocol"), one.get("hostname"))
        other = seen.setdefault(key, one["name"])
        if other != one["name"]:
            yield world.objection(
                gateway,
                "host-clash",
                f"the listeners {other} and {one['name']} of Gateway {gateway.id.name} are both for "
                f"{one.get('hostname') or 'all hosts'} on port {one.get('port')}; the API server refuses it",
                "give one of them another host or port",
            )
