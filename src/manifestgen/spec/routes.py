"""Routes: how requests from outside reach a workload."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import (
    Annotations,
    Bytes,
    Form,
    Host,
    HttpPath,
    Model,
    Name,
    PositiveCount,
    Seconds,
    Text,
    problem,
)


class Tls(Model):
    """Certificates by cert-manager."""

    issuer: Name
    """ClusterIssuer that signs them."""
    secret: Name | None = None
    """Secret that holds them; left out, `<route>-tls`."""


class RateLimit(Model):
    """Limits for each client address (each replica of the controller counts for itself)."""

    requests_per_second: PositiveCount
    """Requests a second."""
    burst: PositiveCount = 5
    """How many times the rate may come at once."""
    connections: PositiveCount | None = None
    """Connections at the same time."""


class Firewall(Model):
    """ModSecurity with the OWASP core rule set.

    ``block`` needs a snippet: the controller must run with ``allow-snippet-annotations: true`` and, since
    1.12, ``annotations-risk-level: Critical``. ``detect`` is what ModSecurity does by itself and needs none.
    """

    mode: Literal["detect", "block"]
    """`detect` only logs what it would refuse; `block` refuses it."""


class Cors(Model):
    """Which other web sites' scripts may call."""

    origins: Annotated[
        list[
            Annotated[
                str,
                StringConstraints(pattern=r"^(\*|https?://[A-Za-z0-9*.:-]+)$"),
                Form("write scheme and host, e.g. https://app.example.com"),
            ]
        ],
        Field(min_length=1),
    ]
    """Origins with scheme: `https://app.example.com`."""
    methods: Annotated[
        list[Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]], Field(min_length=1)
    ] = [
        "GET",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
    ]
    """Methods that are allowed."""
    headers: list[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$"), Form("write e.g. X-Request-ID")]
    ] = [
        "Authorization",
        "Content-Type",
    ]
    """Request headers that are allowed."""
    credentials: bool = False
    """Let cookies and client certificates pass."""
    max_age: Seconds = "10m"
    """How long a browser may remember the answer."""

    @model_validator(mode="after")
    def _is_accepted_by_browsers(self) -> Cors:
        if self.credentials and "*" in self.origins:
            raise problem(
                "cors-credentials",
                "browsers refuse credentials for the origin *",
                "name the origins, or set credentials: false",
                ("origins",),
                ("credentials",),
            )
        return self


class Route(Model):
    """One Ingress: hosts and paths that lead to a workload."""

    description: Text | None = None
    """What is behind it, in a sentence."""
    hosts: Annotated[list[Host], Field(min_length=1)]
    """Host names."""
    paths: Annotated[list[HttpPath], Field(min_length=1)] = ["/"]
    """Path prefixes."""
    workload: Name
    """Workload of type web that answers."""
    port: Name
    """Name of the port of the workload's `main` Service."""
    tls: Tls | None = None
    """Certificates; without, the route speaks plain HTTP."""
    rate_limit: RateLimit | None = None
    """Limits for each client."""
    firewall: Firewall | None = None
    """Web application firewall."""
    cors: Cors | None = None
    """Cross-origin requests."""
    max_body: Bytes = "1Mi"
    """Largest body of a request."""
    timeout: Seconds = "60s"
    """How long the workload may take to answer."""
    annotations: Annotations = {}
    """More annotations for the Ingress; they win."""
