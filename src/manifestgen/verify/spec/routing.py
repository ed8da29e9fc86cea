"""What the way in that ``cluster.routing`` chose cannot do, and how much of it there can be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Gateway
from manifestgen.spec.routes import Destination, HostRule, Route, RouteRule
from manifestgen.spec.services import ServerTls
from manifestgen.spec.workloads import Served
from manifestgen.verify.spec.finding import Step, finding
from manifestgen.verify.spec.routes import rule_place

_RULES_OF_GATEWAYS: Final = ("match", "backends", "request_headers", "response_headers", "mirror")
_OF_NGINX: Final = (
    *("auth", "allow_from", "rate_limit", "firewall", "cors", "session_cookie", "max_body", "timeout"),
)
_NOT_OF_GATEWAYS: Final = ("auth", "allow_from", "rate_limit", "firewall", "session_cookie", "max_body")
_NOT_OF_GRPC: Final = ("cors", "timeout", "backend_timeout")
_SINCE: Final = {"cors": 5, "mirror.percent": 3, "tls of Services": 4, "timeout": 2, "GRPC": 1}
"""Minor version of the Gateway API from which its standard channel has it (its release notes)."""
_MOST: Final = {
    "hosts": (16, "split the route in two"),
    "rules": (16, "split the route in two"),
    "matches of a rule": (64, "split the rule in two"),
    "matches": (128, "split the route in two"),
    "listeners": (64, "let hosts share a wildcard"),
}
"""How much the Gateway API takes (validation of HTTPRoute and Gateway), and what to do about more."""
_ORIGIN: Final = re.compile(
    r"\*|https?://((\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\*)(:[0-9]{1,5})?", re.ASCII
)


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """The routes by what lets requests in."""
    cluster = platform.spec.cluster
    if cluster.routing == "ingress":
        for name, route in platform.spec.routes.items():
            yield from _ingress(platform, name, route)
        return
    if cluster.gateway is None:
        message = "routes lead through a Gateway, and none is given"
        advice = "add `gateway: {class: …}`, or `gateway: {shared: {name: …, namespace: …}}`"
        yield finding(platform, ("cluster", "gateway"), "gateway-missing", message, advice)
        return
    for name, route in platform.spec.routes.items():
        yield from _gateway(platform, name, route, cluster.gateway)
    yield from _shared(platform, cluster.gateway)
    yield from _listeners(platform, cluster.gateway)


# --- Ingress ---------------------------------------------------------------------------------------


def _ingress(platform: ResolvedPlatform, name: str, route: Route) -> Iterator[Finding]:
    why = "no Ingress can say it; `cluster.routing: gateway` can"
    place: tuple[str, ...] = ("routes", name)
    if route.backend_timeout is not None:
        yield _lacks(platform, (*place, "backendTimeout"), "route-ingress", why)
    nginx = platform.spec.cluster.has_ingress_nginx
    strange = f"there is no telling what the controller of {platform.spec.cluster.ingress_class} reads"
    for field in () if nginx else _given(route, _OF_NGINX):
        yield _lacks(platform, (*place, field), "route-ingress", strange, "use `annotations`")
    if route.protocol != "HTTP" and not nginx:
        yield _lacks(platform, (*place, "protocol"), "route-ingress", strange, "use `annotations`")
    for key, rule in route.all_rules():
        for field in _given(rule, _RULES_OF_GATEWAYS):
            yield _lacks(platform, (*rule_place(name, key), field), "route-ingress", why)
        for field in () if nginx else _given(rule, ("redirect", "rewrite")):
            yield _lacks(
                platform, (*rule_place(name, key), field), "route-ingress", strange, "use `annotations`"
            )
        yield from _ingress_rule(platform, rule_place(name, key), rule)


def _ingress_rule(platform: ResolvedPlatform, place: tuple[str, ...], rule: RouteRule) -> Iterator[Finding]:
    if rule.redirect is not None:
        if rule.redirect.prefix is not None:
            why = "ingress-nginx replaces the whole path of a redirect"
            path = (*place, "redirect", "prefix")
            yield _lacks(platform, path, "route-ingress", why, "use `path`")
        if not _leads_anywhere(platform):
            message = "an Ingress has to name a Service where it redirects, too, and no route leads to one"
            advice = "add a route that leads to a workload"
            yield finding(platform, (*place, "redirect"), "route-ingress", message, advice, on_key=True)
    for target in rule.destinations:
        tls = _tls_at(platform, target)
        if tls is not None and tls.ca_config_map is not None:
            path = ("workloads", target.workload, "services", "main", "tls", "caConfigMap")
            why = "ingress-nginx reads authorities from Secrets whose namespace it is told"
            yield _lacks(platform, path, "route-ingress", why)


def _leads_anywhere(platform: ResolvedPlatform) -> bool:
    rules = (rule for route in platform.spec.routes.values() for _, rule in route.all_rules())
    return any(rule.destinations for rule in rules)


# --- Gateway API -----------------------------------------------------------------------------------


def _gateway(platform: ResolvedPlatform, name: str, route: Route, gateway: Gateway) -> Iterator[Finding]:
    place = ("routes", name)
    why = "the Gateway API does not have it"
    for field in _given(route, _NOT_OF_GATEWAYS):
        advice = "attach a policy of the Gateway's controller to the HTTPRoute, and remove it here"
        yield _lacks(platform, (*place, field), "route-gateway", why, advice)
    for field in _given(route, _NOT_OF_GRPC) if route.protocol == "GRPC" else ():
        yield _lacks(platform, (*place, field), "route-gateway", "a GRPCRoute does not have it")
    yield from _too_new(platform, name, route, gateway)
    for key, rule in route.all_rules():
        yield from _gateway_rule(platform, rule_place(name, key), route, rule)
    yield from _limits(platform, name, route)


def _gateway_rule(
    platform: ResolvedPlatform, place: tuple[str, ...], route: Route, rule: RouteRule
) -> Iterator[Finding]:
    if route.protocol != "GRPC":
        return
    for field in _given(rule, ("redirect", "rewrite")):
        yield _lacks(platform, (*place, field), "route-gateway", "a GRPCRoute does not have it")
    for field in _given(rule.match, ("methods", "query")) if rule.match is not None else ():
        yield _lacks(platform, (*place, "match", field), "route-gateway", "a GRPCRoute does not have it")


def _too_new(platform: ResolvedPlatform, name: str, route: Route, gateway: Gateway) -> Iterator[Finding]:
    for what, path in _used(platform, name, route).items():
        if gateway.minor < _SINCE[what]:
            since = f"1.{_SINCE[what]}"
            message = f"version {gateway.version} of the Gateway API has no {what}; {since} and later do"
            advice = "remove it, or raise `cluster.gateway.version` if the cluster has a later one"
            yield finding(platform, path, "gateway-version", message, advice, on_key=True)


def _used(platform: ResolvedPlatform, name: str, route: Route) -> dict[str, tuple[Step, ...]]:
    """What a route uses that came with a later version, and where it does."""
    place: tuple[str, ...] = ("routes", name)
    used: dict[str, tuple[Step, ...]] = {}
    for field in _given(route, ("cors", "timeout")):
        used[field] = (*place, field)
    if route.protocol == "GRPC":
        used["GRPC"] = (*place, "protocol")
    for key, rule in route.all_rules():
        if rule.mirror is not None and rule.mirror.percent is not None:
            used["mirror.percent"] = (*rule_place(name, key), "mirror", "percent")
        for target in rule.asked:
            if _tls_at(platform, target) is not None:
                used["tls of Services"] = ("workloads", target.workload, "services", "main", "tls")
    return used


def _limits(platform: ResolvedPlatform, name: str, route: Route) -> Iterator[Finding]:
    place: tuple[str, ...] = ("routes", name)
    shared = [(k, r) for k, r in route.all_rules() if not (isinstance(r, HostRule) and r.hosts)]
    amounts: dict[str, tuple[tuple[Step, ...], int]] = {
        "hosts": ((*place, "hosts"), len(route.hosts)),
        "rules": ((*place, "rules"), len(shared)),
        "matches": ((*place, "rules"), sum(_matches(rule) for _, rule in shared)),
    }
    for what, (path, amount) in amounts.items():
        yield from _too_many(platform, path, what, amount)
    for key, rule in route.all_rules():
        yield from _too_many(platform, (*rule_place(name, key), "paths"), "matches of a rule", _matches(rule))
    for index, origin in enumerate(route.cors.origins if route.cors is not None else ()):
        alone = origin != "*" or len(route.cors.origins if route.cors else ()) == 1
        if not _ORIGIN.fullmatch(origin) or not alone:
            path = (*place, "cors", "origins", index)
            message = f"{origin} is no origin that an HTTPRoute takes"
            advice = (
                "write scheme, host and port; a star stands for the first part of the host, or for all alone"
            )
            yield finding(platform, path, "route-gateway", message, advice)


def _matches(rule: RouteRule) -> int:
    return len(rule.paths) * max(1, len(rule.match.methods) if rule.match is not None else 1)


def _listeners(platform: ResolvedPlatform, gateway: Gateway) -> Iterator[Finding]:
    if gateway.class_ is not None:
        routes = platform.spec.routes.values()
        hosts = {host for route in routes if route.tls is not None for host in route.hosts}
        # One more is for plain HTTP.
        yield from _too_many(platform, ("cluster", "gateway"), "listeners", len(hosts) + 1)


def _too_many(
    platform: ResolvedPlatform, path: tuple[Step, ...], what: str, amount: int
) -> Iterator[Finding]:
    most, advice = _MOST[what]
    if amount > most:
        message = f"there are {amount} {what}; the Gateway API takes {most}"
        yield finding(platform, path, "gateway-limit", message, advice, on_key=True)


def _shared(platform: ResolvedPlatform, gateway: Gateway) -> Iterator[Finding]:
    """What only a Gateway of the platform's own has."""
    if gateway.shared is None:
        return
    for field in _given(gateway, ("addresses", "infrastructure", "annotations")):
        message = "a shared Gateway is of who runs it"
        yield finding(
            platform, ("cluster", "gateway", field), "gateway-field", message, "remove it", on_key=True
        )


def _tls_at(platform: ResolvedPlatform, target: Destination) -> ServerTls | None:
    workload = platform.spec.workloads.get(target.workload)
    return workload.tls_at(target.port) if isinstance(workload, Served) else None


# --- Common ----------------------------------------------------------------------------------------


def _given(part: object, fields: tuple[str, ...]) -> Iterator[str]:
    """The keys of those fields that say something."""
    models = type(part).model_fields  # type: ignore[attr-defined]
    for field in fields:
        value = getattr(part, field)
        if value and value != models[field].default:
            yield models[field].alias or field


def _lacks(
    platform: ResolvedPlatform, path: tuple[Step, ...], rule: str, why: str, advice: str = "remove it"
) -> Finding:
    key = path[-1] if isinstance(path[-1], str) else path[-2]
    return finding(platform, path, rule, f"{key} has no effect: {why}", advice, on_key=True)
