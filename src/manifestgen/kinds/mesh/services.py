"""What a mesh changes about the Services of its workloads."""

from __future__ import annotations

from typing import Any

from manifestgen.facts.quantities import parse_duration
from manifestgen.kinds.mesh.durations import plain
from manifestgen.kinds.mesh.linkerd import timeouts
from manifestgen.kinds.mesh.members import (
    calls_to,
    is_called_in_mesh,
    is_declared,
    spoken_at,
)
from manifestgen.kinds.views import View
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import CircuitBreaker, Mesh

_SHOWN = {"http": "http", "grpc": "grpc"}
_BREAKER = "balancer.linkerd.io/failure-accrual"


def service_in_mesh(platform: ResolvedPlatform, mesh: Mesh, name: str, view: View) -> View:
    """The view of a Service of a workload, with what a mesh reads there; the spec's own annotations win."""
    if not platform.spec.in_mesh(name):
        return view
    context = dict(view.context)
    context["ports"] = [_declared(platform, name, port) for port in context["ports"]]
    if mesh.type == "linkerd" and not context["headless"] and is_called_in_mesh(platform, mesh, name):
        calls = calls_to(mesh, platform.spec.workloads[name])
        made = {**_circuit_breaker(calls.circuit_breaker), **timeouts(calls)}
        context["annotations"] = {**made, **context["annotations"]}
    return view._replace(context=context)


def _declared(platform: ResolvedPlatform, name: str, port: dict[str, Any]) -> dict[str, Any]:
    """A port with what is spoken there, where that is known and its name does not say it."""
    key = port["name"]
    shown = _SHOWN.get(spoken_at(platform, name, key) or "")
    if shown is None or is_declared(platform.spec.workloads[name], key):
        return port
    return {**port, "appProtocol": shown}


def _circuit_breaker(breaker: CircuitBreaker) -> dict[str, str]:
    if not breaker.errors:
        return {}
    # It doubles each time, up to a minute by default.
    longest = plain(max("1m", breaker.ejection, key=parse_duration))
    return {
        _BREAKER: "consecutive",
        f"{_BREAKER}-consecutive-max-failures": str(breaker.errors),
        f"{_BREAKER}-consecutive-min-penalty": plain(breaker.ejection),
        f"{_BREAKER}-consecutive-max-penalty": longest,
    }
