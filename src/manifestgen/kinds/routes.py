"""Objects of a route: the Ingress for ingress-nginx.

Annotations are those of the ingress-nginx documentation ("Annotations", controller 1.9 and later).
"""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts import conventions as names
from manifestgen.facts.quantities import parse_quantity
from manifestgen.kinds.views import View, owner_of, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.routes import Cors, Route
from manifestgen.spec.workloads import Served

_BLOCKING = "Include /etc/nginx/modsecurity/modsecurity.conf\nSecRuleEngine On\n"
_PREFIX = "nginx.ingress.kubernetes.io/"


def route_views(platform: ResolvedPlatform) -> Iterator[View]:
    """The Ingress of each route."""
    for name, route in platform.spec.routes.items():
        workload = platform.spec.workloads.get(route.workload)
        if not isinstance(workload, Served) or route.port not in workload.main_ports:
            continue  # the checks have a finding for it
        yield owner_of(platform, "routes", name).view(
            "ingress",
            description=route.description,
            annotations=dict(_annotations(route)) | route.annotations,
            ingress_class=platform.spec.cluster.ingress_class,
            hosts=route.hosts,
            tls_secret=(route.tls.secret or names.tls_secret(name)) if route.tls else None,
            paths=route.paths,
            service=route.workload,
            port=route.port,
        )


def _annotations(route: Route) -> Iterator[tuple[str, str]]:
    if route.tls is not None:
        yield "cert-manager.io/cluster-issuer", route.tls.issuer
        yield _PREFIX + "force-ssl-redirect", "true"
    yield _PREFIX + "proxy-body-size", _nginx_size(route.max_body)
    yield _PREFIX + "proxy-read-timeout", str(seconds(route.timeout))
    yield _PREFIX + "proxy-send-timeout", str(seconds(route.timeout))
    if route.rate_limit is not None:
        yield _PREFIX + "limit-rps", str(route.rate_limit.requests_per_second)
        yield _PREFIX + "limit-burst-multiplier", str(route.rate_limit.burst)
        if route.rate_limit.connections is not None:
            yield _PREFIX + "limit-connections", str(route.rate_limit.connections)
    if route.cors is not None:
        yield from _cors(route.cors)
    if route.firewall is not None:
        yield _PREFIX + "enable-modsecurity", "true"
        yield _PREFIX + "enable-owasp-core-rules", "true"
        if route.firewall.mode == "block":
            # A snippet stands in for the recommended configuration, which reads the bodies: take it along.
            yield _PREFIX + "modsecurity-snippet", _BLOCKING


def _cors(cors: Cors) -> Iterator[tuple[str, str]]:
    yield _PREFIX + "enable-cors", "true"
    yield _PREFIX + "cors-allow-origin", ", ".join(cors.origins)
    yield _PREFIX + "cors-allow-methods", ", ".join(cors.methods)
    yield _PREFIX + "cors-allow-headers", ", ".join(cors.headers)
    yield _PREFIX + "cors-allow-credentials", "true" if cors.credentials else "false"
    yield _PREFIX + "cors-max-age", str(seconds(cors.max_age))


def _nginx_size(size: str) -> str:
    """A size as nginx reads it: whole bytes, or with its own k, m (1024-based) where that is exact."""
    amount = int(parse_quantity(size))
    for unit, factor in (("m", 1024 * 1024), ("k", 1024)):
        if amount % factor == 0:
            return f"{amount // factor}{unit}"
    return str(amount)
