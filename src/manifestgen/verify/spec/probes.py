"""Probes, hooks and ports of containers: each asks its own container, at a port that it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.containers import Container
from manifestgen.spec.ports import Ports, as_port
from manifestgen.spec.probes import Lifecycle, Probes
from manifestgen.spec.workloads import Workload
from manifestgen.verify.spec.finding import finding

Path = tuple[str, ...]


class _Running(NamedTuple):
    path: Path
    ports: Ports
    probes: Probes
    lifecycle: Lifecycle


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Every container that can be asked."""
    for name, workload in platform.spec.workloads.items():
        for container in _running(name, workload):
            for path, port in _asked(container):
                yield from _port(platform, container, path, port)
            if workload.host_network is not None:
                yield from _host_ports(platform, container)


def _running(name: str, workload: Workload) -> Iterator[_Running]:
    path = ("workloads", name)
    yield _Running(path, workload.ports, workload.probes, workload.lifecycle)
    for step, other in workload.others.items():
        if isinstance(other, Container):
            yield _Running((*path, *step), other.ports, other.probes, other.lifecycle)


def _asked(container: _Running) -> Iterator[tuple[Path, str]]:
    for kind, probe in container.probes.by_kind().items():
        if probe.port is not None:
            yield (*container.path, "probes", kind, probe.way, "port"), probe.port
    for moment, hook in container.lifecycle.by_moment().items():
        if hook.http is not None:
            yield (*container.path, "lifecycle", moment, "http", "port"), hook.http.port


def _port(platform: ResolvedPlatform, container: _Running, path: Path, port: str) -> Iterator[Finding]:
    if port not in container.ports:
        message = f"{'.'.join(container.path)} has no port {port!r}"
        yield finding(platform, path, "probe-port", message, nearest_hint(port, container.ports))
    elif as_port(container.ports[port]).protocol != "TCP":
        message = f"the port {port!r} is {as_port(container.ports[port]).protocol}; what asks it speaks TCP"
        yield finding(platform, path, "probe-port", message, "name a port of TCP, or use a command")


def _host_ports(platform: ResolvedPlatform, container: _Running) -> Iterator[Finding]:
    """On the network of the node, a port is that of the node already."""
    for name, given in container.ports.items():
        port = as_port(given)
        if port.host_port not in (None, port.port):
            path = (*container.path, "ports", name, "hostPort")
            message = f"on the network of the node it is {port.port} already"
            yield finding(platform, path, "host-port", message, "remove it")
