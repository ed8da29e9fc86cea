"""Networks and hosts: no two routes answer for the same address, and networks are networks."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from manifestgen.errors import Finding
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.platform import External
from manifestgen.verify.spec.finding import finding


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Clashes of routes, exceptions outside of their networks."""
    yield from _route_clashes(platform)
    for name, external in platform.spec.externals.items():
        yield from _exceptions(platform, name, external)


def _route_clashes(platform: ResolvedPlatform) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for name, route in platform.spec.routes.items():
        for index, host in enumerate(route.hosts):
            for path in route.paths:
                owner = seen.setdefault((host, path), name)
                twice = owner == name and host in route.hosts[:index]
                if owner != name or twice:
                    message = f"{host}{path} is already routed by routes.{owner}"
                    place = ("routes", name, "hosts", index)
                    yield finding(
                        platform, place, "route-clash", message, "give one of them another host or path"
                    )


def _exceptions(platform: ResolvedPlatform, name: str, external: External) -> Iterator[Finding]:
    """Kubernetes refuses an exception that is not inside the network (API validation of ipBlock)."""
    for index, exception in enumerate(external.except_networks):
        inner = ip_network(exception, strict=False)
        outer = [ip_network(network, strict=False) for network in external.networks]
        if not all(inner.version == net.version and inner.subnet_of(net) for net in outer):  # type: ignore[arg-type]
            message = f"{exception} does not lie inside every one of the networks"
            path = ("externals", name, "exceptNetworks", index)
            yield finding(
                platform, path, "network-exception", message, "split the external in two, or remove it"
            )
