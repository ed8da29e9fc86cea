"""How containers are watched, and what they do when they start and stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifestgen.kinds.views import present, seconds
from manifestgen.spec.ports import Port, as_port
from manifestgen.spec.probes import Hook, HttpCheck, Lifecycle, Probe, Probes

Given = Mapping[str, int | Port]
"""The ports of the container, as the spec has them."""


def probes(given: Probes, ports: Given) -> dict[str, dict[str, Any]]:
    """The probes by the names that Kubernetes gives them."""
    return {f"{kind}Probe": _probe(probe, ports) for kind, probe in given.by_kind().items()}


def _probe(probe: Probe, ports: Given) -> dict[str, Any]:
    return {
        **_way(probe, ports),
        **present(initialDelaySeconds=_seconds(probe.initial_delay)),
        "periodSeconds": seconds(probe.period),
        "timeoutSeconds": seconds(probe.timeout),
        **present(successThreshold=probe.successes),
        "failureThreshold": probe.failures,
        **present(terminationGracePeriodSeconds=_seconds(probe.grace)),
    }


def _way(probe: Probe, ports: Given) -> dict[str, Any]:
    if probe.http is not None:
        return {"httpGet": _http(probe.http)}
    if probe.tcp is not None:
        return {"tcpSocket": {"port": probe.tcp.port}}
    if probe.grpc is not None:  # the one check that takes no name of a port
        number = as_port(ports[probe.grpc.port]).port
        return {"grpc": present(port=number, service=probe.grpc.service)}
    return {"exec": {"command": probe.command}}


def _http(check: HttpCheck) -> dict[str, Any]:
    headers = [{"name": name, "value": value} for name, value in check.headers.items()]
    return {
        "path": check.path,
        "port": check.port,
        **({"scheme": check.scheme} if check.scheme != "HTTP" else {}),
        **({"httpHeaders": headers} if headers else {}),
    }


def lifecycle(given: Lifecycle, delay: str | None = None) -> dict[str, Any] | None:
    """The hooks of a container; ``delay`` is a wait before it is stopped."""
    hooks = {moment: _hook(hook) for moment, hook in given.by_moment().items()}
    if delay is not None:
        hooks["preStop"] = {"sleep": {"seconds": seconds(delay)}}
    return hooks or None


def _hook(hook: Hook) -> dict[str, Any]:
    if hook.http is not None:
        return {"httpGet": _http(hook.http)}
    if hook.sleep is not None:
        return {"sleep": {"seconds": seconds(hook.sleep)}}
    return {"exec": {"command": hook.command}}


def _seconds(duration: str | None) -> int | None:
    return None if duration is None else seconds(duration)
