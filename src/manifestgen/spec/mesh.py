"""The service mesh: mutual TLS, who may call whom, and what becomes of calls that fail."""

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, model_validator

from manifestgen.facts.quantities import check_call_timeout, parse_quantity
from manifestgen.spec.base import (
    Bytes,
    Count,
    Cpu,
    GoDuration,
    LabelValue,
    Model,
    Name,
    Percent,
    PositiveCount,
    checked,
    defaults_of,
    problem,
)
from manifestgen.spec.requests import Method

MeshType = Literal["istio", "linkerd"]
"""A mesh by its name."""


CallTimeout = Annotated[str, checked(check_call_timeout)]
"""How long a call may take: a duration, or `none`."""


class ProxyRequests(Model):
    """What is set aside for a proxy."""

    cpu: Cpu | None = "100m"
    """Cores or millicores."""
    memory: Bytes | None = "128Mi"
    """Bytes."""


class ProxyLimits(Model):
    """What a proxy may not exceed."""

    cpu: Cpu | None = None
    """Cores or millicores; left out, as many as are free: a proxy that is held back slows every call down."""
    memory: Bytes | None = "512Mi"
    """Bytes."""


class Proxy(Model):
    """The size of the proxy in each pod; quotas and `manifestgen cost` count it."""

    requests: ProxyRequests = defaults_of(ProxyRequests)
    """What is set aside for it; the defaults are those of Istio."""
    limits: ProxyLimits = defaults_of(ProxyLimits)
    """What it may not exceed."""

    @model_validator(mode="after")
    def _requests_within_limits(self) -> Self:
        for resource in ("cpu", "memory"):
            asked, most = getattr(self.requests, resource), getattr(self.limits, resource)
            if asked and most and parse_quantity(asked) > parse_quantity(most):
                raise problem(
                    "resources-request-over-limit",
                    f"the request of {asked} is above the limit of {most}",
                    "lower the request or raise the limit",
                    ("requests", resource),
                    ("limits", resource),
                )
        return self


class Retries(Model):
    """Which calls are made again.

    One with another method is made again only by Istio, and only where it has reached no pod: the connection
    was refused, or failed.
    """

    attempts: Annotated[int, Field(ge=0, le=10)] = 2
    """How often; 0 for never. More would multiply the load on what already struggles."""
    methods: Annotated[list[Method], Field(min_length=1)] = ["GET", "HEAD", "OPTIONS"]
    """Methods of the calls. The default are those that change nothing; add others only where a call that is
    made twice does what it does once. Calls of gRPC are POST."""
    retry_on: Literal["gateway-error", "5xx"] = "gateway-error"
    """Answers after which it is tried again: 502, 503 and 504, which mostly mean that another pod would have
    answered; or every error of the server."""
    per_try: GoDuration | None = None
    """How long one try may take; left out, as long as the whole call."""


class CircuitBreaker(Model):
    """When a pod that fails gets no calls for a while, and how many calls there may be at once."""

    errors: Count = 5
    """How many answers in a row must be errors: 502, 503 and 504 with Istio, every 5xx with Linkerd. 0 for
    no such limit. One error is chance, five in a row are not."""
    ejection: GoDuration = "30s"
    """How long the pod gets no calls, at the least; it becomes more each time."""
    max_ejected: Percent = 50
    """Share of the pods that may be left out at once, in per cent (Istio): the others bear the load."""
    connections: PositiveCount | None = None
    """Connections from each client pod, at the most (Istio); left out, the mesh does not limit them."""
    pending: PositiveCount | None = None
    """Requests of each client pod that may wait for a connection (Istio)."""


class Tracing(Model):
    """Where the proxies tell of the calls they see."""

    provider: Name
    """Name of the provider in `meshConfig.extensionProviders` of Istio, e.g. that of OpenTelemetry."""
    to: Name
    """The `externals` entry that it is: the network policies open the way to it."""
    sampling: Percent = 1
    """Share of the calls, in per cent."""


class Mesh(Model):
    """A mesh that is installed in the cluster; `mesh: istio` or `mesh: linkerd` is all that is needed.

    Every pod of a workload gets a proxy as a native sidecar (Kubernetes 1.29), calls between them are
    encrypted, and only what `connects` and the like allow comes through. Data services, and the pods of
    backups, are outside of it.
    """

    type: MeshType
    """Which mesh it is: Istio 1.26 with its sidecars, or Linkerd 2.16, and later ones."""
    namespace: Name | None = None
    """Namespace of its control plane; left out, `istio-system` or `linkerd`."""
    revision: LabelValue | None = None
    """Revision of the control plane that the pods belong to (Istio); left out, the default one."""
    cni: bool = True
    """Its CNI plugin leads the traffic of pods through their proxies. Without, each pod needs an init
    container with rights that no pod security but `privileged` allows."""
    authorization: Literal["connections", "none"] = "connections"
    """Who may call: only what the network policies let in, told by its identity; or everyone."""
    ingress: bool = False
    """Whether what lets requests in has a proxy, too (with Istio: a Gateway of its own); if not, it reaches
    the ports of routes without TLS."""
    ingress_account: Name | None = None
    """ServiceAccount of what lets requests in, with `ingress: true`; left out, any of its namespace."""
    monitoring: bool = False
    """Whether Prometheus has a proxy, too (Linkerd); if not, it reaches ports of metrics without TLS."""
    timeout: GoDuration | None = None
    """How long a call may take with all its tries; left out, as long as it likes: no time fits everything,
    and streams never end."""
    retries: Retries = defaults_of(Retries)
    """Which calls are made again."""
    circuit_breaker: CircuitBreaker = defaults_of(CircuitBreaker)
    """When a pod gets no calls."""
    proxy: Proxy = defaults_of(Proxy)
    """Size of the proxies."""
    tracing: Tracing | None = None
    """Traces of calls (Istio)."""

    @property
    def control_plane(self) -> str:
        """The namespace of its control plane."""
        return self.namespace or ("istio-system" if self.type == "istio" else "linkerd")

    def timeout_of(self, own: "bool | InMesh") -> str | None:
        """How long a call to a workload may take; None for as long as it likes."""
        given = own.timeout if isinstance(own, InMesh) else None
        timeout = given if given is not None else self.timeout
        return timeout if timeout != "none" else None

    def retries_of(self, own: "bool | InMesh") -> Retries:
        """Which calls to a workload are made again."""
        return _over(own.retries if isinstance(own, InMesh) else None, self.retries)

    def circuit_breaker_of(self, own: "bool | InMesh") -> CircuitBreaker:
        """When a pod of a workload gets no calls."""
        return _over(own.circuit_breaker if isinstance(own, InMesh) else None, self.circuit_breaker)

    def proxy_of(self, own: "bool | InMesh") -> Proxy:
        """The size of the proxies of a workload."""
        return _over(own.proxy if isinstance(own, InMesh) else None, self.proxy)


class InMesh(Model):
    """What is different about calls to one workload, or about its proxies; the rest is as in the mesh."""

    timeout: CallTimeout | None = None
    """How long a call to it may take with all its tries; `none` for as long as it likes, as streams do."""
    retries: Retries | None = None
    """Which calls to it are made again."""
    circuit_breaker: CircuitBreaker | None = None
    """When a pod of it gets no calls."""
    plaintext: list[Name] = []
    """Ports that workloads outside of the mesh reach without TLS, by name."""
    proxy: Proxy | None = None
    """Size of its proxies."""


M = TypeVar("M", bound=Model)


def _over(own: M | None, common: M) -> M:
    """What a workload says over what the mesh says, field by field."""
    if own is None:
        return common
    changes: dict[str, Any] = {}
    for field in own.model_fields_set:
        value, below = getattr(own, field), getattr(common, field)
        changes[field] = _over(value, below) if isinstance(value, Model) else value
    return common.model_copy(update=changes)
