"""The Ingresses of routes: one for each, and more where annotations are about some of its rules only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from manifestgen.facts import conventions as names
from manifestgen.kinds import nginx
from manifestgen.kinds.routes import NamedRule, known_rules, tls_at
from manifestgen.kinds.views import View, owner_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.routes import Destination, Route, RouteRule


class Part(NamedTuple):
    """Rules of a route that one Ingress can say: they share all that annotations say."""

    protocol: str
    rules: list[NamedRule]

    @property
    def first(self) -> RouteRule:
        """The rule that annotations are taken from."""
        return self.rules[0][1]


def ingress_views(platform: ResolvedPlatform) -> Iterator[View]:
    """The Ingresses of all routes."""
    placeholder = _any_destination(platform)
    for name, route in platform.spec.routes.items():
        parts = list(_parts(platform, route))
        for index, part in enumerate(parts):
            paths = list(_rules(platform, route, part, placeholder))
            if paths:
                yield _view(platform, name, (index, part), paths)


def _view(
    platform: ResolvedPlatform, name: str, numbered: tuple[int, Part], rules: list[dict[str, Any]]
) -> View:
    route, (index, part) = platform.spec.routes[name], numbered
    cluster = platform.spec.cluster
    annotations: dict[str, str] = {}
    if route.tls is not None and route.tls.issuer is not None and index == 0:
        annotations["cert-manager.io/cluster-issuer"] = route.tls.issuer
    if cluster.has_ingress_nginx:
        annotations |= nginx.annotations_for(route, part.first, part.protocol, _server_name(platform, part))
    rule_name = part.rules[0][0]
    is_main = index == 0 or rule_name is None
    return owner_of(platform, "routes", name).view(
        "ingress",
        name if is_main else f"{name}-{rule_name}",
        description=route.description if index == 0 else None,
        annotations=annotations | route.annotations,
        ingress_class=cluster.ingress_class,
        tls_secret=(route.tls.secret or names.tls_secret(name)) if route.tls else None,
        # The first one asks for the certificate, which is for all hosts.
        tls_hosts=route.hosts if index == 0 else [rule["host"] for rule in rules],
        redirects=part.first.redirect is not None,
        rules=rules,
    )


def _parts(platform: ResolvedPlatform, route: Route) -> Iterator[Part]:
    """The rules, those that nothing is done with together, each of the others by itself."""
    together: dict[str, list[NamedRule]] = {}
    for name, rule in known_rules(platform, route):
        secure = any(tls_at(platform, one) for one in rule.destinations)
        protocol = {"HTTP": "HTTPS", "GRPC": "GRPCS"}[route.protocol] if secure else route.protocol
        if rule.rewrite is not None or rule.redirect is not None:
            yield Part(protocol, [(name, rule)])
        elif protocol in together:
            together[protocol].append((name, rule))
        else:
            together[protocol] = [(name, rule)]
            yield Part(protocol, together[protocol])


def _rules(
    platform: ResolvedPlatform, route: Route, part: Part, placeholder: Destination | None
) -> Iterator[dict[str, Any]]:
    is_nginx = platform.spec.cluster.has_ingress_nginx
    for host in route.hosts:
        paths: list[dict[str, Any]] = []
        for _, rule in part.rules:
            target = next(iter(rule.destinations), placeholder)
            if target is not None and host in route.hosts_of(rule):
                paths += [
                    {
                        "path": nginx.path(path, rule.rewrite) if is_nginx else path,
                        "type": "ImplementationSpecific"
                        if is_nginx and nginx.is_pattern(rule.rewrite)
                        else rule.path_type,
                        "service": target.workload,
                        "port": target.port,
                    }
                    for path in rule.paths
                ]
        if paths:
            yield {"host": host, "paths": paths}


def _any_destination(platform: ResolvedPlatform) -> Destination | None:
    """A Service to name where requests are sent elsewhere: an Ingress cannot be without one."""
    routes = platform.spec.routes.values()
    rules = (rule for route in routes for _, rule in known_rules(platform, route))
    return next((target for rule in rules for target in rule.destinations), None)


def _server_name(platform: ResolvedPlatform, part: Part) -> str | None:
    """The name that the pods' certificate has."""
    found = (tls_at(platform, target) for target in part.first.destinations)
    return next((tls.hostname for tls in found if tls is not None), None)
