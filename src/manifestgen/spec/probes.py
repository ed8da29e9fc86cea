"""How a container is watched: probes, and what it does when it starts and stops."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.nearest import nearest_hint
from manifestgen.spec.base import Form, HttpPath, Model, Name, PositiveCount, Seconds, Text, problem, refuse

HeaderName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$"), Form("use letters, digits and hyphens")
]


class HttpCheck(Model):
    """A GET that must answer with a status from 200 to 399."""

    path: HttpPath
    """Path of the request, e.g. `/health/ready`."""
    port: Name
    """Name of the container's port."""
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"
    """`HTTPS` asks through TLS; the certificate is not verified."""
    headers: dict[HeaderName, str] = {}
    """Headers of the request, e.g. `Host`."""


class TcpCheck(Model):
    """A TCP connection that must be accepted."""

    port: Name
    """Name of the container's port."""


class GrpcCheck(Model):
    """A call of gRPC's own health service that must answer SERVING."""

    port: Name
    """Name of the container's port."""
    service: Text | None = None
    """Which service to ask about; left out, the server as a whole."""


class Probe(Model):
    """One probe: how it checks (`http`, `tcp`, `grpc` or `command`) and how patiently."""

    http: HttpCheck | None = None
    """Check by an HTTP request."""
    tcp: TcpCheck | None = None
    """Check by a TCP connection."""
    grpc: GrpcCheck | None = None
    """Check by a call of gRPC's health service."""
    command: Annotated[list[str], Field(min_length=1)] | None = None
    """Check by a command that must exit with 0; no shell is involved."""
    initial_delay: Seconds | None = None
    """Wait before the first check."""
    period: Seconds = "10s"
    """Time between two checks."""
    timeout: Seconds = "3s"
    """How long one check may take."""
    failures: PositiveCount = 3
    """How many checks in a row must fail."""
    successes: PositiveCount | None = None
    """How many checks in a row must succeed after a failure; left out, one (`readiness` only)."""
    grace: Seconds | None = None
    """Time to stop in when this probe restarts the container; left out, that of `stop` (not `readiness`)."""

    @model_validator(mode="after")
    def _checks_one_way(self) -> Self:
        ways = [way for way in (self.http, self.tcp, self.grpc, self.command) if way is not None]
        if len(ways) != 1:
            raise problem(
                "probe-check",
                "it checks in several ways" if ways else "it does not say what to check",
                "give exactly one of http, tcp, grpc and command",
            )
        return self

    @property
    def way(self) -> str:
        """The key of the spec that says how it checks."""
        return next(way for way in ("http", "tcp", "grpc", "command") if getattr(self, way) is not None)

    @property
    def port(self) -> str | None:
        """The name of the port it asks, None for a command."""
        check = self.http or self.tcp or self.grpc
        return check.port if check else None


class Probes(Model):
    """The three probes of a container."""

    startup: Probe | None = None
    """Holds the other two back until the application is up."""
    readiness: Probe | None = None
    """Takes the pod out of its Services while it fails."""
    liveness: Probe | None = None
    """Restarts the container when it fails; must not depend on other services."""

    @model_validator(mode="after")
    def _thresholds_fit(self) -> Self:
        refuse(self._misfits())
        return self

    def _misfits(self) -> Iterator[PydanticCustomError]:
        for kind, probe in self.by_kind().items():
            if kind == "readiness" and probe.grace is not None:
                message = "a readiness probe restarts nothing"
                yield problem("probe-field", message, "remove grace", (kind, "grace"))
            if kind != "readiness" and probe.successes not in (None, 1):
                message = f"one success is enough for a {kind} probe"
                yield problem("probe-field", message, "remove successes", (kind, "successes"))

    def by_kind(self) -> dict[str, Probe]:
        """The probes there are, by the key of the spec."""
        kinds = {"startup": self.startup, "readiness": self.readiness, "liveness": self.liveness}
        return {kind: probe for kind, probe in kinds.items() if probe is not None}


def lost_calls(probes: Probes, ports: Collection[str]) -> Iterator[PydanticCustomError]:
    """Calls of gRPC to a port that the container has not.

    Other ports are looked for across the whole spec, but a call of gRPC names a number: without it there is
    nothing that the base could say.
    """
    for kind, probe in probes.by_kind().items():
        if probe.grpc is not None and probe.grpc.port not in ports:
            message = f"there is no port {probe.grpc.port!r}"
            hint = nearest_hint(probe.grpc.port, ports)
            yield problem("probe-port", message, hint, ("probes", kind, "grpc", "port"))


class Hook(Model):
    """What is done at a moment of a container's life: a `command`, an `http` request or a `sleep`."""

    command: Annotated[list[str], Field(min_length=1)] | None = None
    """Run a command in the container; no shell is involved."""
    http: HttpCheck | None = None
    """Send a GET to the container."""
    sleep: Seconds | None = None
    """Just wait."""

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        ways = [way for way in (self.command, self.http, self.sleep) if way is not None]
        if len(ways) != 1:
            raise problem(
                "hook-action",
                "it does several things" if ways else "it does nothing",
                "give exactly one of command, http and sleep",
            )
        return self


class Lifecycle(Model):
    """What a container does right after its start and before its end."""

    post_start: Hook | None = None
    """Right after the start, beside the container's own command; a failure restarts the container."""
    pre_stop: Hook | None = None
    """Before the signal to stop; its time counts against that of `stop`."""

    def by_moment(self) -> dict[str, Hook]:
        """The hooks there are, by the key of the spec."""
        moments = {"postStart": self.post_start, "preStop": self.pre_stop}
        return {moment: hook for moment, hook in moments.items() if hook is not None}


class GracefulStop(Model):
    """How a pod is stopped."""

    period: Seconds = "30s"
    """Time from the signal to the kill."""
    delay: Seconds | None = None
    """Wait before the signal, so that load balancers notice that the pod is leaving."""
