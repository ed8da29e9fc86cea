"""What routes ask for, in the annotations of ingress-nginx.

Names and values are those of its documentation ("Annotations", controller 1.9 and later).
"""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts.quantities import parse_quantity
from manifestgen.kinds.views import seconds
from manifestgen.spec.late import Auth, Cors, Firewall, RateLimit, Redirect, Rewrite, SessionCookie
from manifestgen.spec.routes import Route, RouteRule

_BLOCKING = "Include /etc/nginx/modsecurity/modsecurity.conf\nSecRuleEngine On\n"
_PREFIX = "nginx.ingress.kubernetes.io/"
_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in ".$*+()"})

Named = Iterator[tuple[str, str]]


def annotations_for(route: Route, rule: RouteRule, protocol: str, server_name: str | None) -> dict[str, str]:
    """The annotations for the rules of a route that are like ``rule``."""
    found = [*_of_route(route), *_of_rule(rule), *_backend(protocol, server_name)]
    if route.firewall is not None:
        found += _firewall(route.firewall)
    return {_PREFIX + name: value for name, value in found}


def path(wanted: str, rewrite: Rewrite | None) -> str:
    """A path as the Ingress says it: a pattern that takes what stands behind a prefix that is replaced."""
    if not is_pattern(rewrite):
        return wanted
    return wanted.rstrip("/").translate(_SPECIAL) + "(/|$)(.*)"


def is_pattern(rewrite: Rewrite | None) -> bool:
    """Whether paths have to be patterns for it."""
    return rewrite is not None and rewrite.prefix is not None


def _of_route(route: Route) -> Named:
    if route.tls is not None:
        yield ("force-ssl-redirect", "true") if route.tls.redirect else ("ssl-redirect", "false")
    if route.max_body is not None:
        yield "proxy-body-size", _size(route.max_body)
    if route.timeout is not None:
        yield "proxy-read-timeout", str(seconds(route.timeout))
        yield "proxy-send-timeout", str(seconds(route.timeout))
    yield from _guards(route)
    if route.cors is not None:
        yield from _cors(route.cors)
    if route.session_cookie is not None:
        yield from _session_cookie(route.session_cookie)


def _guards(route: Route) -> Named:
    """Who is let in, and how often."""
    if route.rate_limit is not None:
        yield from _rate_limit(route.rate_limit)
    if route.allow_from:
        yield "whitelist-source-range", ",".join(route.allow_from)
    if route.auth is not None:
        yield from _auth(route.auth)


def _of_rule(rule: RouteRule) -> Named:
    if rule.redirect is not None:
        kind = "permanent-redirect" if rule.redirect.status == 301 else "temporal-redirect"
        yield kind, _address(rule.redirect)
    if rule.rewrite is not None:
        yield from _rewrite(rule.rewrite)


def _address(redirect: Redirect) -> str:
    """Where a redirect leads; what it leaves out is what was asked for, in variables of nginx."""
    port = f":{redirect.port}" if redirect.port is not None else ""
    return (
        f"{redirect.scheme or '$scheme'}://{redirect.host or '$host'}{port}{redirect.path or '$request_uri'}"
    )


def _rewrite(rewrite: Rewrite) -> Named:
    if rewrite.prefix is not None:
        yield "use-regex", "true"
        yield "rewrite-target", rewrite.prefix.rstrip("/") + "/$2"
    if rewrite.path is not None:
        yield "rewrite-target", rewrite.path
    if rewrite.host is not None:
        yield "upstream-vhost", rewrite.host


def _backend(protocol: str, server_name: str | None) -> Named:
    if protocol != "HTTP":
        yield "backend-protocol", protocol
    if server_name is not None:
        yield "proxy-ssl-server-name", "on"
        yield "proxy-ssl-name", server_name


def _rate_limit(limit: RateLimit) -> Named:
    yield "limit-rps", str(limit.requests_per_second)
    yield "limit-burst-multiplier", str(limit.burst)
    if limit.connections is not None:
        yield "limit-connections", str(limit.connections)


def _auth(auth: Auth) -> Named:
    if auth.basic is not None:
        yield "auth-type", "basic"
        yield "auth-secret", auth.basic.secret
        yield "auth-realm", auth.basic.realm
    if auth.external is not None:
        yield "auth-url", auth.external.url
        if auth.external.signin is not None:
            yield "auth-signin", auth.external.signin
        if auth.external.response_headers:
            yield "auth-response-headers", ",".join(auth.external.response_headers)


def _session_cookie(cookie: SessionCookie) -> Named:
    yield "affinity", "cookie"
    yield "session-cookie-name", cookie.name
    if cookie.max_age is not None:
        yield "session-cookie-max-age", str(seconds(cookie.max_age))


def _firewall(firewall: Firewall) -> Named:
    yield "enable-modsecurity", "true"
    yield "enable-owasp-core-rules", "true"
    if firewall.mode == "block":
        # A snippet stands in for the recommended configuration, which reads the bodies: take it along.
        yield "modsecurity-snippet", _BLOCKING


def _cors(cors: Cors) -> Named:
    yield "enable-cors", "true"
    yield "cors-allow-origin", ", ".join(cors.origins)
    yield "cors-allow-methods", ", ".join(cors.methods)
    yield "cors-allow-headers", ", ".join(cors.headers)
    yield "cors-allow-credentials", "true" if cors.credentials else "false"
    yield "cors-max-age", str(seconds(cors.max_age))


def _size(size: str) -> str:
    """A size as nginx reads it: whole bytes, or with its own k, m (1024-based) where that is exact."""
    amount = int(parse_quantity(size))
    for unit, factor in (("m", 1024 * 1024), ("k", 1024)):
        if amount % factor == 0:
            return f"{amount // factor}{unit}"
    return str(amount)
