"""Routes: they lead to workloads and ports that there are, and no two answer for the same address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts import conventions
from manifestgen.facts.nearest import nearest_hint
from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.routes import Destination, HostRule, Route, RouteRule
from manifestgen.spec.workloads import Served
from manifestgen.verify.spec.finding import finding
from manifestgen.verify.spec.ports import served_ports

Path = tuple[str, ...]

_STRANGE_PATH: Final = re.compile(r"//|/\.\.?(/|$)|%2f", re.IGNORECASE)
"""What neither an Ingress nor an HTTPRoute takes in a path (API validation of both)."""
_ESCAPED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LONGEST_PATH: Final = 1024
_GRPC_PATH: Final = re.compile(r"/([A-Za-z_]\w*(\.[A-Za-z_]\w*)*(/[A-Za-z_]\w*)?)?", re.ASCII)


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Each route by itself, then all of them against each other."""
    for name, route in platform.spec.routes.items():
        for key, rule in route.all_rules():
            place = rule_place(name, key)
            for target in rule.asked:
                yield from _destination(platform, place, target)
            yield from _paths(platform, place, route, rule)
            yield from _hosts(platform, place, route, rule)
        yield from _tls(platform, name, route)
        yield from _timeouts(platform, name, route)
    yield from _clashes(platform)
    yield from _certificates(platform)


def rule_place(route: str, rule: str | None) -> Path:
    """Where in the spec a rule of a route stands."""
    return ("routes", route) if rule is None else ("routes", route, "rules", rule)


def _destination(platform: ResolvedPlatform, place: Path, target: Destination) -> Iterator[Finding]:
    workloads = platform.spec.workloads
    found = workloads.get(target.workload)
    path = (*place, *target.workload_place)
    on_key = target.workload_place[0] == "backends"
    if found is None:
        known = [key for key, one in workloads.items() if isinstance(one, Served)]
        message, hint = f"there is no workload {target.workload!r}", nearest_hint(target.workload, known)
        yield finding(platform, path, "route-workload", message, hint, on_key=on_key)
    elif not isinstance(found, Served):
        message = f"{target.workload!r} is of type {found.type}, which answers no requests"
        yield finding(
            platform,
            path,
            "route-workload",
            message,
            "name a workload of type web or stateful",
            on_key=on_key,
        )
    elif target.port not in served_ports(found):
        message = f"the main Service of workloads.{target.workload} has no port {target.port!r}"
        hint = nearest_hint(target.port, served_ports(found))
        yield finding(platform, (*place, *target.port_place), "route-port", message, hint)
    elif target.port in found.listens and found.listens[target.port].protocol != "TCP":
        protocol = found.listens[target.port].protocol
        message = f"port {target.port!r} of workloads.{target.workload} speaks {protocol}"
        advice = "routes lead to ports of TCP; use a Service of type LoadBalancer for others"
        yield finding(platform, (*place, *target.port_place), "route-port", message, advice)


def _paths(platform: ResolvedPlatform, place: Path, route: Route, rule: RouteRule) -> Iterator[Finding]:
    for index, path in enumerate(rule.paths):
        where: tuple[str | int, ...] = (*place, "paths", index)
        if _STRANGE_PATH.search(path) or _ESCAPED.search(path) or len(path) > _LONGEST_PATH:
            message = (
                "a route takes no path with //, /./, /../, an escaped slash or a lone %, and none that long"
            )
            advice = f"write it as browsers ask for it, in at most {_LONGEST_PATH} characters"
            yield finding(platform, where, "route-path", message, advice)
        elif route.protocol == "GRPC" and not _GRPC_PATH.fullmatch(path):
            message = f"{path} is no service of gRPC, and no method of one"
            yield finding(
                platform, where, "route-path", message, "write e.g. /shop.v1.Orders or /shop.v1.Orders/Get"
            )


def _hosts(platform: ResolvedPlatform, place: Path, route: Route, rule: RouteRule) -> Iterator[Finding]:
    for index, host in enumerate(rule.hosts if isinstance(rule, HostRule) else ()):
        if host not in route.hosts:
            path: tuple[str | int, ...] = (*place, "hosts", index)
            message, hint = f"{host!r} is no host of the route", nearest_hint(host, route.hosts)
            yield finding(platform, path, "route-host", message, hint)


def _tls(platform: ResolvedPlatform, name: str, route: Route) -> Iterator[Finding]:
    if route.tls is None:
        return
    cluster = platform.spec.cluster
    shared = (
        cluster.routing == "gateway" and cluster.gateway is not None and cluster.gateway.shared is not None
    )
    has_source = bool(route.tls.issuer or route.tls.secret)
    path = ("routes", name, "tls")
    if shared and has_source:
        message = "the certificate of a shared Gateway is with the Gateway, in its namespace"
        yield finding(platform, path, "route-tls", message, "write `tls: {}`", on_key=True)
    elif not shared and not has_source:
        message = "it says neither who signs the certificate nor which Secret holds it"
        advice = "give `issuer: …` for cert-manager, or `secret: …`"
        yield finding(platform, path, "route-tls", message, advice, on_key=True)


def _timeouts(platform: ResolvedPlatform, name: str, route: Route) -> Iterator[Finding]:
    if (
        route.timeout is not None
        and route.backend_timeout is not None
        and parse_duration(route.backend_timeout) > parse_duration(route.timeout)
    ):
        message = f"one attempt may take {route.backend_timeout}, but all of them together {route.timeout}"
        path = ("routes", name, "backendTimeout")
        yield finding(platform, path, "route-timeout", message, "make `timeout` the longer one")


def _clashes(platform: ResolvedPlatform) -> Iterator[Finding]:
    """No address is answered twice; what differs in its match is another address."""
    seen: dict[tuple[str, str, str, str], Path] = {}
    protocols: dict[str, tuple[str, str]] = {}
    for name, route in platform.spec.routes.items():
        for index, host in enumerate(route.hosts):
            if host in route.hosts[:index]:
                message = f"{host} is listed twice"
                yield finding(
                    platform, ("routes", name, "hosts", index), "route-clash", message, "remove one"
                )
                continue
            yield from _mixed(platform, (name, index), protocols)
            for key, rule in route.all_rules():
                if host in route.hosts_of(rule):
                    yield from _answered(platform, (name, key, rule), host, seen)


def _answered(
    platform: ResolvedPlatform,
    where: tuple[str, str | None, RouteRule],
    host: str,
    seen: dict[tuple[str, str, str, str], Path],
) -> Iterator[Finding]:
    name, key, rule = where
    place = rule_place(name, key)
    match = repr(rule.match.model_dump()) if rule.match is not None else ""
    for index, path in enumerate(rule.paths):
        owner = seen.setdefault((host, path, rule.path_type, match), place)
        if owner != place or path in rule.paths[:index]:
            message = f"{host}{path} is already routed by {'.'.join(owner)}"
            at = ("routes", name, "hosts", platform.spec.routes[name].hosts.index(host))
            shown: tuple[str | int, ...] = at if key is None and owner != place else (*place, "paths", index)
            advice = "give one of them another host or path"
            yield finding(platform, shown, "route-clash", message, advice)


def _mixed(
    platform: ResolvedPlatform, place: tuple[str, int], protocols: dict[str, tuple[str, str]]
) -> Iterator[Finding]:
    """A listener takes either an HTTPRoute or a GRPCRoute for a host (GRPCRoute, "hostnames")."""
    name, index = place
    route = platform.spec.routes[name]
    owner, protocol = protocols.setdefault(route.hosts[index], (name, route.protocol))
    if protocol != route.protocol and platform.spec.cluster.routing == "gateway":
        message = f"{route.hosts[index]} speaks {protocol} in routes.{owner}; a host of a Gateway speaks one"
        path = ("routes", name, "hosts", index)
        yield finding(platform, path, "route-clash", message, "give one of them another host")


def _certificates(platform: ResolvedPlatform) -> Iterator[Finding]:
    """A host of a Gateway has one certificate, and a Secret is filled by one issuer."""
    hosts: dict[str, tuple[str, str]] = {}
    issuers: dict[str, tuple[str, str | None]] = {}
    for name, route in platform.spec.routes.items():
        if route.tls is None:
            continue
        secret = route.tls.secret or conventions.tls_secret(name)
        other, issuer = issuers.setdefault(secret, (name, route.tls.issuer))
        if issuer != route.tls.issuer:
            message = f"routes.{other} fills the Secret {secret} by another issuer"
            path = ("routes", name, "tls")
            yield finding(platform, path, "route-tls", message, "give both the same issuer", on_key=True)
        for index, host in enumerate(route.hosts if platform.spec.cluster.routing == "gateway" else ()):
            owner, known = hosts.setdefault(host, (name, secret))
            if known != secret:
                message = f"{host} has the certificate in the Secret {known} already, by routes.{owner}"
                path = ("routes", name, "hosts", index)  # type: ignore[assignment]
                advice = f"give both `tls: {{secret: {known}}}`, and the same issuer"
                yield finding(platform, path, "route-tls", message, advice)
