"""A canary gets its share of the requests from the routes that lead to its workload, whatever makes them."""

from __future__ import annotations

from typing import Any

import pytest

from support.specs import inventory_of, platform_of, spec_of

WEB = {
    "type": "web",
    "image": {"repository": "ghcr.io/example/web", "tag": "1.0.0"},
    "ports": {"http": 8080},
    "replicas": 4,
    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
}
CANARY = {**WEB, "strategy": "canary"}
ROUTE = {"hosts": ["web.example.com"], "workload": "web", "port": "http"}
GATEWAY = {"routing": "gateway", "gateway": {"class": "envoy"}}


def objects(cluster: dict[str, Any], web: dict[str, Any], **routes: Any) -> dict[tuple[str, str], Any]:
    spec = spec_of(cluster=cluster, workloads={"web": web, "other": WEB}, routes=routes)
    found = inventory_of(platform_of(spec)).objects
    return {(identity.kind, identity.name): made.manifest for identity, made in found.items()}


def routing_of(found: dict[tuple[str, str], Any]) -> Any:
    return found["Rollout", "web"]["spec"]["strategy"]["canary"].get("trafficRouting")


def test_an_ingress_of_nginx_is_named_to_the_rollout() -> None:
    assert routing_of(objects({}, CANARY, public=ROUTE)) == {"nginx": {"stableIngress": "public"}}


def test_a_route_of_a_gateway_has_the_new_version_beside_the_old_without_weight() -> None:
    found = objects(GATEWAY, CANARY, public=ROUTE)
    backends = found["HTTPRoute", "public"]["spec"]["rules"][0]["backendRefs"]
    assert backends == [
        {"name": "web", "port": 8080},
        {"name": "web-canary", "port": 8080, "weight": 0},
    ]
    plugin = {"httpRoutes": [{"name": "public"}], "namespace": "shop"}
    assert routing_of(found) == {"plugins": {"argoproj-labs/gatewayAPI": plugin}}
    assert ("Service", "web-canary") in found


def test_the_redirect_to_https_is_no_route_to_the_workload() -> None:
    found = objects(GATEWAY, CANARY, public={**ROUTE, "tls": {"issuer": "letsencrypt"}})
    assert ("HTTPRoute", "public-redirect") in found
    plugin = routing_of(found)["plugins"]["argoproj-labs/gatewayAPI"]
    assert plugin["httpRoutes"] == [{"name": "public"}]


def test_grpc_routes_are_named_as_such() -> None:
    route = {**ROUTE, "protocol": "GRPC", "tls": {"issuer": "letsencrypt"}}
    plugin = routing_of(objects(GATEWAY, CANARY, public=route))["plugins"]["argoproj-labs/gatewayAPI"]
    assert plugin == {"grpcRoutes": [{"name": "public"}], "namespace": "shop"}


@pytest.mark.parametrize(
    ("cluster", "routes"),
    [
        (GATEWAY, {}),
        ({"ingressClass": "traefik"}, {"public": ROUTE}),
        (
            GATEWAY,
            {
                "public": {
                    "hosts": ["web.example.com"],
                    "rules": {
                        "both": {
                            "backends": {
                                "web": {"port": "http", "weight": 3},
                                "other": {"port": "http", "weight": 1},
                            }
                        }
                    },
                }
            },
        ),
    ],
    ids=["no route", "a controller that it does not know", "weights of the spec"],
)
def test_elsewhere_pods_share_the_requests(cluster: dict[str, Any], routes: dict[str, Any]) -> None:
    found = objects(cluster, CANARY, **routes)
    assert routing_of(found) is None
    assert ("Service", "web-canary") not in found


def test_without_a_canary_a_route_knows_one_service_only() -> None:
    found = objects(GATEWAY, WEB, public=ROUTE)
    assert found["HTTPRoute", "public"]["spec"]["rules"][0]["backendRefs"] == [{"name": "web", "port": 8080}]
