"""Routes: how requests from outside reach workloads."""

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from manifestgen.spec.base import (
    Annotations,
    Bytes,
    Host,
    HttpPath,
    Model,
    Name,
    Network,
    Seconds,
    Text,
    problem,
)
from manifestgen.spec.late import (
    Auth,
    Cors,
    Firewall,
    HeaderChanges,
    Match,
    Mirror,
    RateLimit,
    Redirect,
    Rewrite,
    SessionCookie,
    Tls,
)

Weight = Annotated[int, Field(ge=0, le=1_000_000)]
"""A share of requests, in proportion to the other weights."""


class Backend(Model):
    """One of several workloads that share the requests."""

    port: Name
    """Name of the port of the workload's `main` Service."""
    weight: Weight = 1
    """Its share, in proportion to the other weights; `0` for none."""


class Destination(NamedTuple):
    """A workload that a rule leads to, and where in the spec that is said, below the rule."""

    workload: str
    port: str
    weight: int | None
    workload_place: tuple[str, ...]
    port_place: tuple[str, ...]


class RouteRule(Model):
    """Some requests and where they go: to `workload` and `port`, to `backends`, or by `redirect`."""

    paths: Annotated[list[HttpPath], Field(min_length=1)] = ["/"]
    """Paths; each takes what lies below it, too, unless `pathType` says otherwise."""
    path_type: Literal["Prefix", "Exact"] = "Prefix"
    """Whether paths are prefixes (of whole parts between slashes) or exactly what is asked for."""
    match: Match | None = None
    """What the requests must have besides (`routing: gateway`)."""
    workload: Name | None = None
    """Workload that answers."""
    port: Name | None = None
    """Name of the port of the workload's `main` Service."""
    backends: Annotated[dict[Name, Backend], Field(max_length=16)] = {}
    """Several workloads that share the requests, by name (`routing: gateway`)."""
    redirect: Redirect | None = None
    """Send clients to another address instead of answering."""
    rewrite: Rewrite | None = None
    """Change what the workload is asked for."""
    request_headers: HeaderChanges | None = None
    """Change headers of requests (`routing: gateway`)."""
    response_headers: HeaderChanges | None = None
    """Change headers of answers (`routing: gateway`)."""
    mirror: Mirror | None = None
    """Send copies to another workload (`routing: gateway`)."""

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """The workloads that it leads to; none for a redirect."""
        if self.workload is not None and self.port is not None:
            return (Destination(self.workload, self.port, None, ("workload",), ("port",)),)
        return tuple(
            Destination(name, one.port, one.weight, ("backends", name), ("backends", name, "port"))
            for name, one in self.backends.items()
        )

    @property
    def asked(self) -> tuple[Destination, ...]:
        """All workloads that get requests by it, also copies of them."""
        if self.mirror is None:
            return self.destinations
        place = ("mirror", "workload"), ("mirror", "port")
        return (*self.destinations, Destination(self.mirror.workload, self.mirror.port, None, *place))

    @property
    def leads_somewhere(self) -> bool:
        """Whether it says what becomes of its requests."""
        return bool(self.workload or self.port or self.backends or self.redirect)

    @model_validator(mode="after")
    def _leads_to_one_thing(self) -> Self:
        if bool(self.workload) != bool(self.port):
            message = "a workload is reached at one of its ports, and a port is one of a workload"
            raise problem("route-destination", message, "give both `workload` and `port`")
        ways = {
            "workload": self.workload,
            "backends": self.backends,
            "redirect": self.redirect,
        }
        given = [name for name, way in ways.items() if way]
        if len(given) > 1:
            message = f"it has both {given[0]} and {given[1]}, and requests can go only one way"
            raise problem("route-destinations", message, "remove one", *((name,) for name in given))
        if self.redirect and (self.rewrite or self.mirror):
            message = (
                "a request that is sent elsewhere reaches no workload, so it is neither rewritten nor copied"
            )
            raise problem(
                "redirect-and-rewrite", message, "remove one", ("redirect",), ("rewrite",), ("mirror",)
            )
        self._replaces_one_prefix()
        return self

    def _replaces_one_prefix(self) -> None:
        for name, change in (("redirect", self.redirect), ("rewrite", self.rewrite)):
            has_several = self.paths[1:] or (self.match and self.match.methods[1:])
            if change is not None and change.prefix and (has_several or self.path_type == "Exact"):
                message = "a prefix can be replaced only where there is just one, and a method at the most"
                raise problem(
                    "prefix-ambiguous", message, "make a rule of its own for each path", (name, "prefix")
                )


class HostRule(RouteRule):
    """One more rule of a route."""

    hosts: list[Host] = []
    """Hosts of the route that it is for; empty: all."""

    @model_validator(mode="after")
    def _leads_on(self) -> Self:
        if not self.leads_somewhere:
            raise problem(
                "route-destination",
                "it leads nowhere",
                "give `workload` and `port`, `backends` or `redirect`",
            )
        return self


class Route(RouteRule):
    """Hosts, and which workloads answer for them: an Ingress, or an HTTPRoute with `routing: gateway`."""

    description: Text | None = None
    """What is behind it, in a sentence."""
    hosts: Annotated[list[Host], Field(min_length=1)]
    """Host names."""
    protocol: Literal["HTTP", "GRPC"] = "HTTP"
    """What the workloads speak; for gRPC a path is `/service` or `/service/method`."""
    rules: dict[Name, HostRule] = {}
    """More rules, for other paths or some of the hosts."""
    tls: Tls | None = None
    """Certificates; without, the route speaks plain HTTP."""
    auth: Auth | None = None
    """Who may come in (`routing: ingress`)."""
    allow_from: list[Network] = []
    """Networks of clients that may come in, in CIDR notation; empty: all (`routing: ingress`)."""
    rate_limit: RateLimit | None = None
    """Limits for each client (`routing: ingress`)."""
    firewall: Firewall | None = None
    """Web application firewall (`routing: ingress`)."""
    cors: Cors | None = None
    """Cross-origin requests."""
    session_cookie: SessionCookie | None = None
    """Keep each browser at one pod (`routing: ingress`)."""
    max_body: Bytes | None = None
    """Largest body of a request; left out, the controller's limit, 1 MiB with ingress-nginx."""
    timeout: Seconds | None = None
    """How long an answer may take; left out, the controller's limit, 60s with ingress-nginx."""
    backend_timeout: Seconds | None = None
    """How long one attempt at a workload may take, of several (`routing: gateway`)."""
    annotations: Annotations = {}
    """More annotations for the Ingress or HTTPRoute; they win."""

    @model_validator(mode="after")
    def _has_rules(self) -> Self:
        idle = [("paths",), ("pathType",), ("match",), ("rewrite",), ("mirror",)]
        idle += [("requestHeaders",), ("responseHeaders",)]
        if not self.leads_somewhere and not self.rules:
            raise problem(
                "route-destination",
                "it leads nowhere",
                "give `workload` and `port`, `backends`, `redirect` or `rules`",
            )
        own = {"paths", "path_type", "match", "rewrite", "mirror", "request_headers", "response_headers"}
        if not self.leads_somewhere and own & self.model_fields_set:
            message = "what stands beside `rules` is about a rule of the route itself, which leads nowhere"
            raise problem("route-rule", message, "move it into the rules", *idle)
        return self

    def all_rules(self) -> Iterator[tuple[str | None, RouteRule]]:
        """Its rules by name; that of the route itself has none."""
        if self.leads_somewhere:
            yield None, self
        yield from self.rules.items()

    def hosts_of(self, rule: RouteRule) -> list[str]:
        """The hosts that a rule is for."""
        return (rule.hosts or self.hosts) if isinstance(rule, HostRule) else self.hosts
