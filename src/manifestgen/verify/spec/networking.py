"""Externals: their networks are networks, and who calls or is called is known."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from manifestgen.errors import Finding
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import External
from manifestgen.verify.spec.finding import finding


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Exceptions outside of their networks."""
    for name, external in platform.spec.externals.items():
        yield from _exceptions(platform, name, external)


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
