"""Services: under which address, and how, the pods of a workload are reached."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import (
    Annotations,
    Form,
    Model,
    Name,
    Network,
    PortNumber,
    Seconds,
    ServerName,
    problem,
)

NodePort = Annotated[int, Field(ge=30000, le=32767, examples=[30080])]
"""A port of the nodes, in the range that Kubernetes keeps for them."""

LoadBalancerClass = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$"
    ),
    Form("write e.g. service.k8s.aws/nlb"),
]
"""The name of an implementation of load balancers."""


class ServicePort(Model):
    """A port of a Service of which more is to be said than its number."""

    port: PortNumber
    """Port of the Service."""
    node_port: NodePort | None = None
    """Port that every node opens for it; left out, Kubernetes chooses one."""


class SessionAffinity(Model):
    """Requests from one address go to one pod (`sessionAffinity: ClientIP`)."""

    timeout: Seconds = "3h"
    """How long after its last request an address is remembered; at most a day."""


class ServerTls(Model):
    """The pods speak TLS themselves; whoever comes from outside reaches them so."""

    port: Name
    """Name of the port that speaks it."""
    hostname: ServerName
    """Name in the pods' certificate; it is asked for (SNI) and checked."""
    ca_config_map: Name | None = None
    """ConfigMap whose `ca.crt` has signed it; left out, one of the system's authorities has."""


class Service(Model):
    """A Service of a workload; the one called `main` has the name of the workload itself."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer", "Headless"] = "ClusterIP"
    """Kind of Service; `Headless` gives the addresses of the pods."""
    ports: Annotated[dict[Name, PortNumber | ServicePort], Field(min_length=1)]
    """Ports of the Service by the name of the workload's port that each leads to."""
    annotations: Annotations = {}
    """Annotations, e.g. for the cloud's load balancer."""
    load_balancer_class: LoadBalancerClass | None = None
    """Implementation of the LoadBalancer, when it is not the cluster's default; it cannot change later."""
    allow_from: list[Network] = []
    """Networks that may reach a LoadBalancer or NodePort, in CIDR notation; empty: all."""
    external_traffic_policy: Literal["Cluster", "Local"] | None = None
    """`Local` keeps the client's address and avoids a second hop (LoadBalancer and NodePort)."""
    internal_traffic_policy: Literal["Cluster", "Local"] | None = None
    """`Local` keeps requests on the client's node, and drops them where no pod runs."""
    traffic_distribution: Literal["PreferClose", "PreferSameZone", "PreferSameNode"] | None = None
    """Which pods are preferred: `PreferClose` from Kubernetes 1.31 on, the others from 1.34 on."""
    session_affinity: SessionAffinity | None = None
    """Send the requests of one address to one pod."""
    ip_family_policy: Literal["SingleStack", "PreferDualStack", "RequireDualStack"] | None = None
    """Whether it has addresses of IPv4, IPv6 or both; left out, what the cluster gives."""
    publish_not_ready: bool = False
    """Give the addresses of pods that are not ready, too (Headless only)."""
    tls: ServerTls | None = None
    """The pods speak TLS themselves."""

    @property
    def numbers(self) -> dict[str, int]:
        """The ports of the Service by name."""
        return {name: one if isinstance(one, int) else one.port for name, one in self.ports.items()}

    @property
    def faces_outside(self) -> bool:
        """Whether clients outside of the cluster reach it without a route."""
        return self.type in ("NodePort", "LoadBalancer")

    @model_validator(mode="after")
    def _speaks_tls_on_a_port_it_has(self) -> Self:
        if self.tls is not None and self.tls.port not in self.ports:
            raise problem(
                "service-tls",
                f"TLS is spoken on the port {self.tls.port}, which the Service does not have",
                f"use one of {', '.join(self.ports)}",
                ("tls", "port"),
            )
        return self
