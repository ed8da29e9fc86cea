"""Containers: image, resources, and those that run beside or before a workload's own."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from manifestgen.facts.quantities import parse_quantity
from manifestgen.spec.base import (
    Bytes,
    Cpu,
    Form,
    Image,
    LabelKey,
    Model,
    Name,
    PositiveCount,
    Text,
    camel_case,
    defaults_of,
    problem,
    refuse,
)
from manifestgen.spec.files import Files, Mount
from manifestgen.spec.late import Env
from manifestgen.spec.ports import Ports
from manifestgen.spec.probes import Lifecycle, Probes, lost_calls
from manifestgen.spec.security import ContainerSecurity


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
    def _names_a_version(self) -> Self:
        if self.tag is None and self.digest is None:
            raise problem(
                "image-version", "the image has neither tag nor digest", "add `tag: 1.4.2` or a digest"
            )
        return self

    @property
    def reference(self) -> str:
        """The image as a container names it."""
        tag = f":{self.tag}" if self.tag is not None else ""
        digest = f"@{self.digest}" if self.digest is not None else ""
        return f"{self.repository}{tag}{digest}"


class Amounts(Model):
    """Amounts of the resources of a container."""

    cpu: Cpu | None = None
    """Cores or millicores: `500m`, `2`."""
    memory: Bytes | None = None
    """Bytes: `384Mi`, `1Gi`."""
    ephemeral_storage: Bytes | None = None
    """Space on the node's disk: `1Gi`."""


def _is_no_native_resource(name: str) -> str:
    domain = name.partition("/")[0]
    if "/" not in name or domain.endswith("kubernetes.io") or domain.startswith("requests."):
        raise problem("format", f"{name!r} is no device", "write e.g. nvidia.com/gpu")
    return name


DeviceName = Annotated[LabelKey, AfterValidator(_is_no_native_resource), Field(examples=["nvidia.com/gpu"])]


class Resources(Model):
    """What a container asks for and what it may use at the most."""

    requests: Amounts = defaults_of(Amounts)
    """What the scheduler sets aside."""
    limits: Amounts = defaults_of(Amounts)
    """What the container may not exceed."""
    devices: dict[DeviceName, PositiveCount] = {}
    """Devices that nodes offer, and how many: `nvidia.com/gpu: 1`; they are set aside for it alone."""

    @model_validator(mode="after")
    def _requests_within_limits(self) -> Self:
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


class Container(Model):
    """A further container of the pod. It sees the volumes it mounts and the settings it reads, no others."""

    image: ImageRef
    """The image it runs."""
    command: list[str] | None = None
    """Command instead of the image's entry point; no shell is involved."""
    args: list[str] | None = None
    """Arguments instead of the image's."""
    env: Env = {}
    """Environment variables, in this order."""
    settings: list[Name] = []
    """Sets of `settings` it reads, the later ones win; the workload's own go by the workload's name."""
    ports: Ports = {}
    """Its ports by name; Services and metrics of the workload may name them."""
    probes: Probes = defaults_of(Probes)
    """Startup, readiness and liveness probe."""
    lifecycle: Lifecycle = defaults_of(Lifecycle)
    """What it does right after its start and before its end."""
    resources: Resources
    """Requests and limits."""
    files: Files = {}
    """Files whose contents stand here, by path."""
    mounts: dict[Name, Mount] = {}
    """Volumes of the pod that it sees: `volumes` and `scratch` folders by name."""
    security: ContainerSecurity = defaults_of(ContainerSecurity)
    """Security context."""

    @model_validator(mode="after")
    def _has_the_ports_it_is_called_at(self) -> Self:
        refuse(lost_calls(self.probes, self.ports))
        return self


class InitContainer(Model):
    """A container that must succeed before the workload starts.

    Without an image of its own it is the workload with another command: it sees all settings and volumes.
    With one, it sees the settings it reads and the volumes it mounts.
    """

    image: ImageRef | None = None
    """An image of its own; left out, the workload's."""
    command: Annotated[list[Text], Field(min_length=1)] | None = None
    """The command with its arguments; no shell is involved. Only an image of its own can do without."""
    args: list[str] | None = None
    """Arguments instead of the image's."""
    env: Env = {}
    """Environment variables, in this order; without an image of its own, after those of the workload."""
    settings: list[Name] = []
    """Sets of `settings` it reads, with an image of its own; the workload's own go by the workload's name."""
    resources: Resources | None = None
    """Resources of its own; left out, those of the workload."""
    files: Files = {}
    """Files whose contents stand here, by path."""
    mounts: dict[Name, Mount] = {}
    """Volumes of the pod that it sees, in other places than the workload, or with an image of its own."""
    security: ContainerSecurity | None = None
    """Security context of its own; left out, the workload's, or with an image of its own the defaults."""

    @model_validator(mode="after")
    def _does_something_else(self) -> Self:
        if self.image is None and self.command is None:
            message = "it would run the workload itself and never end"
            raise problem("init-command", message, "give it a command, or an image of its own")
        if self.image is None and self.settings:
            message = "it runs as the workload and reads the settings of that"
            raise problem("init-command", message, "remove `settings`, or give it an image", ("settings",))
        return self


class Wait(Model):
    """Waiting for connections before the workload starts."""

    services: Annotated[list[Name], Field(min_length=1)]
    """Data services and workloads that must accept TCP connections; each must stand in `connects`."""
    image: ImageRef
    """A small image with a shell and `nc`."""
    resources: Resources = defaults_of(
        Resources,
        requests=defaults_of(Amounts, cpu="10m", memory="16Mi"),
        limits=defaults_of(Amounts, cpu="50m", memory="32Mi"),
    )
    """Resources of the waiting container."""
