"""The Gateway that routes use: one of the platform's own, or one that it shares with others."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import (
    Annotations,
    Form,
    Labels,
    Model,
    Name,
    PortNumber,
    ServerName,
    defaults_of,
    problem,
)
from manifestgen.spec.placement import Address

GatewayVersion = Annotated[
    str, StringConstraints(pattern=r"^1\.[0-9]{1,2}$"), Form('write two numbers, e.g. "1.4"')
]
"""A version of the Gateway API."""


class SharedGateway(Model):
    """A Gateway that somebody else runs; it must let routes of this namespace attach."""

    name: Name
    """Its name."""
    namespace: Name
    """Its namespace."""
    https_listener: Name | None = None
    """Name of its listener for routes with `tls`; left out, those attach wherever their hosts fit."""
    http_listener: Name | None = None
    """Name of its listener for plain HTTP; left out, other routes attach wherever their hosts fit, and
    who runs it sends plain requests to HTTPS."""


class GatewayPorts(Model):
    """Ports that the Gateway listens on."""

    http: PortNumber = 80
    """Port for plain HTTP."""
    https: PortNumber = 443
    """Port for HTTPS."""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.http == self.https:
            message = f"HTTP and HTTPS cannot both be on port {self.http}"
            raise problem("gateway-ports", message, "give each its own", ("http",), ("https",))
        return self


class Infrastructure(Model):
    """What the controller adds to the objects that it makes for the Gateway."""

    labels: Labels = {}
    """Labels."""
    annotations: Annotations = {}
    """Annotations, e.g. for the cloud's load balancer."""


class Gateway(Model):
    """Where the routes attach: `class` gives the platform a Gateway of its own, `shared` names another's."""

    version: GatewayVersion = "1.4"
    """Version of the Gateway API's standard channel in the cluster; quote it: `"1.4"`."""
    class_: Name | None = None
    """GatewayClass of a Gateway of the platform's own."""
    shared: SharedGateway | None = None
    """A Gateway in another namespace instead."""
    implementation: Literal["envoy-gateway", "istio"] | None = None
    """What runs it: Prometheus scrapes its proxies, and they have alerts; left out, nothing is known of them.
    With Envoy Gateway each Gateway has proxies of its own (no `mergeGateways`)."""
    data_plane_namespace: Name | None = None
    """Namespace of the pods that carry the requests, for network policies and for Prometheus; left out, that
    of the Gateway. Envoy Gateway starts them in its own, `envoy-gateway-system`."""
    ports: GatewayPorts = defaults_of(GatewayPorts)
    """Ports that it listens on."""
    addresses: Annotated[list[Address | ServerName], Field(max_length=16)] = []
    """Addresses that are asked for; empty: the controller gives it some."""
    allowed_routes: Literal["Same", "All"] = "Same"
    """Namespaces whose routes may attach: the platform's own, or all."""
    infrastructure: Infrastructure = defaults_of(Infrastructure)
    """Labels and annotations of the load balancer and whatever else the controller makes."""
    annotations: Annotations = {}
    """Annotations of the Gateway itself."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.class_ is None) == (self.shared is None):
            raise problem(
                "gateway-place",
                "it is either of a class or shared",
                "give `class: …` for a Gateway of the platform's own, or `shared: {name: …, namespace: …}`",
                ("class",),
                ("shared",),
            )
        return self

    @property
    def minor(self) -> int:
        """The minor number of the version."""
        return int(self.version.removeprefix("1."))
