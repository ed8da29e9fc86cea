"""HTTPRoutes and GRPCRoutes: the rules of routes in the words of the Gateway API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.facts.quantities import parse_duration
from manifestgen.kinds.routes import NamedRule, known_rules, port_number, tls_at
from manifestgen.kinds.sharing import shares_routes
from manifestgen.kinds.views import Owner, View, owner_of, present, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Cors, Gateway, HeaderChanges, Match, Redirect, Rewrite
from manifestgen.spec.routes import Destination, HostRule, Route, RouteRule
from manifestgen.spec.workloads import Served

Part = dict[str, Any]

NAMED_RULES_SINCE: Final = 4
"""Minor version of the Gateway API from which rules have names."""
_DURATION: Final = re.compile(r"([0-9]{1,5}(h|m|s|ms)){1,4}")


def http_route_views(
    platform: ResolvedPlatform, owner: Owner, route: Route, gateway: Gateway
) -> Iterator[View]:
    """The HTTPRoute of a route, or GRPCRoute, and one more for each rule that is for some of its hosts."""
    kind = "grpc-route" if route.protocol == "GRPC" else "http-route"
    shared: list[NamedRule] = []
    alone: list[NamedRule] = []
    for name, rule in known_rules(platform, route):
        (alone if isinstance(rule, HostRule) and rule.hosts else shared).append((name, rule))
    groups = [(owner.name, route.hosts, shared)] if shared else []
    groups += [(f"{owner.name}-{name}", route.hosts_of(rule), [(name, rule)]) for name, rule in alone]
    for index, (name, hosts, rules) in enumerate(groups):
        yield owner.view(
            kind,
            name,
            description=route.description if index == 0 else None,
            annotations=route.annotations,
            parents=list(_parents(platform, route, gateway, hosts)),
            hosts=hosts,
            rules=[_rule(platform, route, one, named=gateway.minor >= NAMED_RULES_SINCE) for one in rules],
        )


def parent(platform: ResolvedPlatform, listener: str | None) -> Part:
    """A reference to the Gateway, to one of its listeners or to all that fit."""
    gateway = platform.spec.cluster.gateway
    shared = gateway.shared if gateway is not None else None
    return present(
        name=shared.name if shared else platform.name,
        namespace=shared.namespace if shared else None,
        sectionName=listener,
    )


def _parents(platform: ResolvedPlatform, route: Route, gateway: Gateway, hosts: list[str]) -> Iterator[Part]:
    if gateway.shared is not None:
        listener = gateway.shared.https_listener if route.tls else gateway.shared.http_listener
        yield parent(platform, listener)
        plain = gateway.shared.http_listener
        if route.tls and not route.tls.redirect and listener is not None and plain is not None:
            yield parent(platform, plain)
        return
    if route.tls is None or not route.tls.redirect:
        yield parent(platform, names.HTTP_LISTENER)
    for host in hosts if route.tls is not None else ():
        yield parent(platform, names.https_listener(host))


def _rule(platform: ResolvedPlatform, route: Route, named_rule: NamedRule, *, named: bool) -> Part:
    name, rule = named_rule
    is_grpc = route.protocol == "GRPC"
    matches = list(_grpc_matches(rule) if is_grpc else _matches(rule))
    backends = [backend for one in rule.destinations for backend in _backends(platform, one)]
    return present(
        name=name if named else None,
        matches=matches or None,
        filters=list(_filters(platform, route, rule)) or None,
        backendRefs=backends or None,
        timeouts=_timeouts(route) or None if not is_grpc and backends else None,
    )


def _matches(rule: RouteRule) -> Iterator[Part]:
    match = rule.match or Match()
    kind = {"Prefix": "PathPrefix", "Exact": "Exact"}[rule.path_type]
    for path in rule.paths:
        for method in match.methods or (None,):
            yield present(
                path={"type": kind, "value": path},
                headers=_exact(match.headers) or None,
                queryParams=_exact(match.query) or None,
                method=method,
            )


def _grpc_matches(rule: RouteRule) -> Iterator[Part]:
    """A path of gRPC is a service and a method; `/` is all of them."""
    headers = _exact(rule.match.headers if rule.match else {})
    for path in rule.paths:
        service, _, method = path[1:].partition("/")
        wanted = {"type": "Exact", **present(service=service or None, method=method or None)}
        part = present(method=wanted if service else None, headers=headers or None)
        if part:
            yield part


def _exact(values: dict[str, str]) -> list[Part]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _filters(platform: ResolvedPlatform, route: Route, rule: RouteRule) -> Iterator[Part]:
    for word, changes in (("request", rule.request_headers), ("response", rule.response_headers)):
        said = _headers(changes) if changes is not None else {}
        if said:  # a filter that changes nothing is refused
            yield {"type": f"{word.title()}HeaderModifier", f"{word}HeaderModifier": said}
    if route.cors is not None and rule.redirect is None:
        yield {"type": "CORS", "cors": _cors(route.cors)}
    if rule.rewrite is not None:
        yield {"type": "URLRewrite", "urlRewrite": _rewrite(rule.rewrite)}
    if rule.redirect is not None:
        yield {"type": "RequestRedirect", "requestRedirect": _redirect(rule.redirect)}
    if rule.mirror is not None:
        (target,) = rule.asked[len(rule.destinations) :]
        copy = present(backendRef=_backend(platform, target), percent=rule.mirror.percent)
        yield {"type": "RequestMirror", "requestMirror": copy}


def _headers(changes: HeaderChanges) -> Part:
    return present(
        set=_exact(changes.set) or None, add=_exact(changes.add) or None, remove=changes.remove or None
    )


def _cors(cors: Cors) -> Part:
    return present(
        allowOrigins=cors.origins,
        allowMethods=cors.methods,
        allowHeaders=cors.headers or None,
        allowCredentials=cors.credentials or None,
        maxAge=seconds(cors.max_age),
    )


def _path(path: str | None, prefix: str | None) -> Part | None:
    if path is not None:
        return {"type": "ReplaceFullPath", "replaceFullPath": path}
    return {"type": "ReplacePrefixMatch", "replacePrefixMatch": prefix} if prefix is not None else None


def _rewrite(rewrite: Rewrite) -> Part:
    return present(hostname=rewrite.host, path=_path(rewrite.path, rewrite.prefix))


def _redirect(redirect: Redirect) -> Part:
    return present(
        scheme=redirect.scheme,
        hostname=redirect.host,
        path=_path(redirect.path, redirect.prefix),
        port=redirect.port,
        statusCode=redirect.status,
    )


def _backends(platform: ResolvedPlatform, target: Destination) -> Iterator[Part]:
    """The Service of a workload; beside it that of its new version, which Argo Rollouts gives weight."""
    backend = _backend(platform, target)
    yield backend
    if shares_routes(platform, target.workload):
        canary = names.new_version_service(target.workload, "canary")
        yield {**backend, "name": canary, "weight": 0}


def _backend(platform: ResolvedPlatform, target: Destination) -> Part:
    return present(name=target.workload, port=port_number(platform, target), weight=target.weight)


def _timeouts(route: Route) -> Part:
    return present(
        request=gateway_duration(route.timeout), backendRequest=gateway_duration(route.backend_timeout)
    )


def gateway_duration(duration: str | None) -> str | None:
    """A duration as the Gateway API reads it (GEP-2257): at most four parts of five digits, no days."""
    if duration is None or _DURATION.fullmatch(duration):
        return duration
    whole = round(parse_duration(duration))
    parts = {"h": whole // 3600, "m": whole % 3600 // 60, "s": whole % 60}
    return "".join(f"{amount}{unit}" for unit, amount in parts.items() if amount)


def tls_policies(platform: ResolvedPlatform) -> Iterator[View]:
    """How the Gateway speaks TLS to the Services whose pods speak it themselves."""
    routed = {
        (target.workload, target.port)
        for route in platform.spec.routes.values()
        for _, rule in known_rules(platform, route)
        for target in rule.asked
        if tls_at(platform, target)
    }
    for name, workload in platform.spec.workloads.items():
        main = workload.services.get(names.MAIN_SERVICE) if isinstance(workload, Served) else None
        tls = main.tls if main is not None else None
        if tls is None or (name, tls.port) not in routed:
            continue
        authority = {"group": "", "kind": "ConfigMap", "name": tls.ca_config_map}
        yield owner_of(platform, "workloads", name).view(
            "backend-tls-policy",
            service=name,
            port=tls.port,
            validation=present(
                caCertificateRefs=[authority] if tls.ca_config_map else None,
                wellKnownCACertificates=None if tls.ca_config_map else "System",
                hostname=tls.hostname,
            ),
        )
