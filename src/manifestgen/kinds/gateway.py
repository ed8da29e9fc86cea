"""The Gateway, its certificates, and the routes that attach to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.httproutes import http_route_views, parent, tls_policies
from manifestgen.kinds.views import Owner, View, owner_of, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Gateway
from manifestgen.spec.routes import Route


def gateway_views(platform: ResolvedPlatform) -> Iterator[View]:
    """Everything of the Gateway API; where no Gateway is given, the checks have a finding for it."""
    gateway = platform.spec.cluster.gateway
    if gateway is None:
        return
    if gateway.class_ is not None:
        yield _gateway_view(platform, gateway)
        yield from _certificates(platform)
    redirected: set[str] = set()
    for name, route in platform.spec.routes.items():
        owner = owner_of(platform, "routes", name)
        yield from http_route_views(platform, owner, route, gateway)
        yield from _redirect_view(platform, owner, route, redirected)
    yield from tls_policies(platform)


def _gateway_view(platform: ResolvedPlatform, gateway: Gateway) -> View:
    owner = Owner(platform.name, names.PLATFORM, "platform", ("cluster", "gateway"))
    return owner.view(
        "gateway",
        platform.name,
        description="Where requests come in; the routes attach to its listeners.",
        annotations=gateway.annotations,
        class_name=gateway.class_,
        addresses=[_address(one) for one in gateway.addresses],
        infrastructure=_filled(gateway.infrastructure.labels, gateway.infrastructure.annotations),
        listeners=list(_listeners(platform, gateway)),
    )


def _filled(labels: Mapping[str, str], annotations: Mapping[str, str]) -> dict[str, Any]:
    return present(labels=labels or None, annotations=annotations or None)


def _address(address: str) -> dict[str, str]:
    try:
        ip_address(address)
    except ValueError:
        return {"type": "Hostname", "value": address}
    return {"type": "IPAddress", "value": address}


def _listeners(platform: ResolvedPlatform, gateway: Gateway) -> Iterator[dict[str, Any]]:
    allowed = {"namespaces": {"from": gateway.allowed_routes}}
    yield {
        "name": names.HTTP_LISTENER,
        "port": gateway.ports.http,
        "protocol": "HTTP",
        "allowedRoutes": allowed,
    }
    for host, secret in secure_hosts(platform).items():
        yield {
            "name": names.https_listener(host),
            "hostname": host,
            "port": gateway.ports.https,
            "protocol": "HTTPS",
            "tls": {"mode": "Terminate", "certificateRefs": [{"name": secret}]},
            "allowedRoutes": allowed,
        }


def secure_hosts(platform: ResolvedPlatform) -> dict[str, str]:
    """The hosts with a certificate and the Secret that holds it; without those that the base leaves open."""
    found: dict[str, str] = {}
    for name, route in platform.spec.routes.items():
        if route.tls is not None and not _is_incomplete(platform, name):
            for host in route.hosts:
                found.setdefault(host, route.tls.secret or names.tls_secret(name))
    return found


def _is_incomplete(platform: ResolvedPlatform, route: str) -> bool:
    return any(path[:2] == ("routes", route) for path in platform.incomplete)


def _certificates(platform: ResolvedPlatform) -> Iterator[View]:
    """One certificate for each Secret; routes that share a Secret share it."""
    hosts: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for name, route in platform.spec.routes.items():
        if route.tls is not None and route.tls.issuer is not None:
            secret = route.tls.secret or names.tls_secret(name)
            first.setdefault(secret, name)
            if first[secret] == name or not _is_incomplete(platform, name):
                hosts.setdefault(secret, []).extend(route.hosts)
    for secret, name in first.items():
        tls = platform.spec.routes[name].tls
        yield owner_of(platform, "routes", name).view(
            "certificate",
            secret,
            secret=secret,
            issuer=tls.issuer if tls else None,
            hosts=list(dict.fromkeys(hosts[secret])),
        )


def _redirect_view(
    platform: ResolvedPlatform, owner: Owner, route: Route, redirected: set[str]
) -> Iterator[View]:
    """Plain requests are sent to HTTPS; a host that another route does this for is left out."""
    gateway = platform.spec.cluster.gateway
    listener = names.HTTP_LISTENER
    if gateway is not None and gateway.shared is not None:
        listener = gateway.shared.http_listener or ""
    if route.tls is None or not route.tls.redirect or not listener or route.protocol == "GRPC":
        return
    hosts = [host for host in route.hosts if host not in redirected]
    redirected.update(hosts)
    if hosts:
        port = gateway.ports.https if gateway else 443
        to = present(scheme="https", port=port if port != 443 else None, statusCode=301)
        yield owner.view(
            "http-route",
            f"{owner.name}-redirect",
            description="Sends plain requests to HTTPS.",
            annotations={},
            parents=[parent(platform, listener)],
            hosts=hosts,
            rules=[{"filters": [{"type": "RequestRedirect", "requestRedirect": to}]}],
        )
