"""What runs in a pod: image, probes, resources, writable folders, security."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.quantities import parse_quantity
from manifestgen.spec.base import (
    Bytes,
    Cpu,
    Form,
    HttpPath,
    Image,
    Model,
    Name,
    PositiveCount,
    Seconds,
    Text,
    camel_case,
    problem,
)


class ImageRef(Model):
    """An image: its repository, and a tag or a digest."""

    repository: Image
    """Repository without tag, e.g. `ghcr.io/example/api`."""
    tag: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"),
            Form("write e.g. 1.4.2, without spaces and colons"),
        ]
        | None
    ) = None
    """Tag, e.g. `1.4.2`; quote it when it looks like a number."""
    digest: (
        Annotated[
            str,
            StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$"),
            Form("write sha256: and 64 hexadecimal digits"),
        ]
        | None
    ) = None
    """Digest, `sha256:…`; it wins over the tag, which then only tells people the version."""
    pull_policy: Literal["IfNotPresent", "Always", "Never"] = "IfNotPresent"
    """When the node pulls the image."""

    @model_validator(mode="after")
    def _names_a_version(self) -> ImageRef:
        if self.tag is None and self.digest is None:
            raise problem(
                "image-version", "the image has neither tag nor digest", "add `tag: 1.4.2` or a digest"
            )
        return self

    @property
    def reference(self) -> str:
        """The image as a container names it."""
        version = f":{self.tag}" if self.digest is None else f"@{self.digest}"
        return self.repository + version


class HttpCheck(Model):
    """A GET that must answer with a status from 200 to 399."""

    path: HttpPath
    """Path of the request, e.g. `/health/ready`."""
    port: Name
    """Name of the workload's port."""


class TcpCheck(Model):
    """A TCP connection that must be accepted."""

    port: Name
    """Name of the workload's port."""


class Probe(Model):
    """One probe: how it checks (`http`, `tcp` or `command`) and how patiently."""

    http: HttpCheck | None = None
    """Check by an HTTP request."""
    tcp: TcpCheck | None = None
    """Check by a TCP connection."""
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

    @model_validator(mode="after")
    def _checks_one_way(self) -> Probe:
        ways = [way for way in (self.http, self.tcp, self.command) if way is not None]
        if len(ways) != 1:
            raise problem(
                "probe-check",
                "it checks in several ways" if ways else "it does not say what to check",
                "give exactly one of http, tcp and command",
            )
        return self

    @property
    def port(self) -> str | None:
        """The name of the port it asks, None for a command."""
        check = self.http or self.tcp
        return check.port if check else None


class Probes(Model):
    """The three probes of a container."""

    startup: Probe | None = None
    """Holds the other two back until the application is up."""
    readiness: Probe | None = None
    """Takes the pod out of its Services while it fails."""
    liveness: Probe | None = None
    """Restarts the container when it fails; must not depend on other services."""

    def by_kind(self) -> dict[str, Probe]:
        """The probes there are, by the key of the spec."""
        kinds = {"startup": self.startup, "readiness": self.readiness, "liveness": self.liveness}
        return {kind: probe for kind, probe in kinds.items() if probe is not None}


class Amounts(Model):
    """Amounts of the resources of a container."""

    cpu: Cpu | None = None
    """Cores or millicores: `500m`, `2`."""
    memory: Bytes | None = None
    """Bytes: `384Mi`, `1Gi`."""
    ephemeral_storage: Bytes | None = None
    """Space on the node's disk: `1Gi`."""


class Resources(Model):
    """What a container asks for and what it may use at the most."""

    requests: Amounts = Amounts()
    """What the scheduler sets aside."""
    limits: Amounts = Amounts()
    """What the container may not exceed."""

    @model_validator(mode="after")
    def _requests_within_limits(self) -> Resources:
        for field in ("cpu", "memory", "ephemeral_storage"):
            asked, most = getattr(self.requests, field), getattr(self.limits, field)
            if asked and most and parse_quantity(asked) > parse_quantity(most):
                raise problem(
                    "resources-request-over-limit",
                    f"the request of {asked} is above the limit of {most}",
                    "lower the request or raise the limit",
                    ("requests", camel_case(field)),
                    ("limits", camel_case(field)),
                )
        return self


class Scratch(Model):
    """A folder the container may write to; it is empty when the pod starts and gone with it."""

    path: Annotated[
        str, StringConstraints(pattern=r"^/[^:\x00-\x1f]*$"), Form("write an absolute path, e.g. /tmp")
    ]
    """Where it is mounted."""
    size: Bytes
    """How much it may hold before the pod is evicted."""
    memory: bool = False
    """Keep it in memory; counts towards the memory limit."""


class InitContainer(Model):
    """A container that must succeed before the workload starts; runs the workload's image and settings."""

    command: Annotated[list[Text], Field(min_length=1)]
    """The command with its arguments; no shell is involved."""
    resources: Resources | None = None
    """Resources of its own; left out, those of the workload."""


class Security(Model):
    """Security context of the pod and its containers; the defaults meet the `restricted` standard."""

    run_as_user: PositiveCount = 10001
    """User id; never 0."""
    run_as_group: PositiveCount = 10001
    """Group id."""
    fs_group: PositiveCount | None = 10001
    """Group that owns mounted volumes."""
    read_only_root_filesystem: bool = True
    """Make the image's file system read-only; give `scratch` folders for what must be written."""


class GracefulStop(Model):
    """How a pod is stopped."""

    period: Seconds = "30s"
    """Time from the signal to the kill."""
    delay: Seconds | None = None
    """Wait before the signal, so that load balancers notice that the pod is leaving."""


class Wait(Model):
    """Waiting for connections before the workload starts."""

    services: Annotated[list[Name], Field(min_length=1)]
    """Data services and workloads that must accept TCP connections; each must stand in `connects`."""
    image: ImageRef
    """A small image with a shell and `nc`."""
    resources: Resources = Resources(
        requests=Amounts(cpu="10m", memory="16Mi"), limits=Amounts(cpu="50m", memory="32Mi")
    )
    """Resources of the waiting container."""
