"""The proxies of a Gateway: how Prometheus finds them, and what each implementation calls its figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from manifestgen.facts import conventions as names
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Gateway

GATEWAY_JOB: Final = "gateway-proxy"
"""The job of the proxies, whichever implementation they are of."""


class Proxies(NamedTuple):
    """What the proxies of an implementation of the Gateway API are known by.

    ``backend`` is the label that says where a request went, ``same`` those that tell backends apart;
    ``served`` takes the requests to the backends of a namespace, ``failed`` those that ended with 5xx.
    """

    exporter: str
    port: str
    labels: Mapping[str, str]
    requests: str
    durations: str
    backend: str
    same: str
    served: str
    failed: str
    rejections: tuple[str, ...]
    lacks: frozenset[str] = frozenset()
    """Alerts on what it does not tell."""

    def served_in(self, namespace: str) -> str:
        """The matcher for requests to a namespace."""
        return self.served.format(namespace=namespace)

    @property
    def values(self) -> dict[str, str]:
        """What fills the rules of the preset, but the matchers for one platform."""
        found = [f"sum by (instance) (increase({name}{{@of}}[1h])) > 0" for name in self.rejections]
        return {
            "requests": self.requests,
            "durations": self.durations,
            "backend": self.backend,
            "same": self.same,
            "failed": self.failed,
            "rejected": "\n  or\n".join(found),
        }


_OF_ENVOY: Final = (
    "envoy_listener_manager_lds_update_rejected",
    "envoy_cluster_manager_cds_update_rejected",
)
IMPLEMENTATIONS: Final[Mapping[str, Proxies]] = MappingProxyType(
    {
        "envoy-gateway": Proxies(
            exporter="envoy-gateway",
            port="metrics",
            labels={
                "gateway.envoyproxy.io/owning-gateway-name": "{name}",
                "gateway.envoyproxy.io/owning-gateway-namespace": "{namespace}",
            },
            requests="envoy_cluster_upstream_rq_xx",
            durations="envoy_cluster_upstream_rq_time",
            backend="envoy_cluster_name",
            same="envoy_cluster_name",
            served='envoy_cluster_name=~"(http|grpc)route/{namespace}/.+"',
            failed='envoy_response_code_class="5"',
            rejections=(*_OF_ENVOY, "envoy_http_rds_update_rejected"),
        ),
        "istio": Proxies(
            exporter="istio",
            port="http-envoy-prom",
            labels={names.GATEWAY_LABEL: "{name}"},
            requests="istio_requests_total",
            durations="istio_request_duration_milliseconds",
            backend="destination_service_name",
            same="destination_service_namespace, destination_service_name",
            served='destination_service_namespace="{namespace}"',
            failed='response_code=~"5.."',
            rejections=_OF_ENVOY,
            lacks=frozenset({"GatewayControlPlaneLost"}),
        ),
    }
)
"""By the word of the spec."""


def gateway_of(platform: ResolvedPlatform) -> Gateway | None:
    """The Gateway that answers the routes, if its implementation is told."""
    cluster = platform.spec.cluster
    if cluster.routing != "gateway" or cluster.gateway is None or not platform.spec.routes:
        return None
    return cluster.gateway if cluster.gateway.implementation is not None else None


def proxies_of(platform: ResolvedPlatform) -> Proxies | None:
    """What is known of the proxies of the platform's Gateway; None when there is none or none is known."""
    gateway = gateway_of(platform)
    return IMPLEMENTATIONS[gateway.implementation or ""] if gateway is not None else None


def pods_of(platform: ResolvedPlatform, gateway: Gateway, home: str) -> tuple[str, dict[str, str]]:
    """The namespace of the proxies and their labels; ``home`` is the namespace of the platform."""
    name, namespace = platform.name, home
    if gateway.shared is not None:
        name, namespace = gateway.shared.name, gateway.shared.namespace
    labels = IMPLEMENTATIONS[gateway.implementation or ""].labels
    own = {key: value.format(name=name, namespace=namespace) for key, value in labels.items()}
    return gateway.data_plane_namespace or namespace, own


def discovered(label: str) -> str:
    """What Prometheus' discovery calls a label of a pod."""
    return "__meta_kubernetes_pod_label_" + re.sub(r"[^a-zA-Z0-9_]", "_", label)
