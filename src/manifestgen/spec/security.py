"""Security contexts: secure when nothing is said; each exception has a reason."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.spec.base import Count, Form, Model, PositiveCount, Text, problem, refuse


def _without_prefix(name: str) -> str:
    if name.startswith("CAP_"):
        raise problem("format", f"{name!r} has not the right form", f"write {name.removeprefix('CAP_')}")
    return name


Capability = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Z_]{1,40}$"),
    Form("write e.g. NET_BIND_SERVICE, without CAP_"),
    AfterValidator(_without_prefix),
]


class OptIn(Model):
    """Something that takes a guard away, and why that is needed."""

    reason: Text
    """Why it is needed, in a sentence."""


class LocalProfile(Model):
    """A profile that is installed on the nodes."""

    localhost: Annotated[
        str,
        StringConstraints(
            pattern=r"^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$", max_length=253
        ),
        Form("write its name, or a path without . and .. in it"),
    ]
    """Name of the profile; of seccomp, its path below the kubelet's folder."""


Profile = Literal["RuntimeDefault"] | LocalProfile


class SELinux(Model):
    """Labels of SELinux."""

    level: Text | None = None
    """Level, e.g. `s0:c123,c456`."""
    role: Text | None = None
    """Role."""
    type: Text | None = None
    """Type, e.g. `container_t`."""
    user: Text | None = None
    """User."""


class ContainerSecurity(Model):
    """Security context of a container; the defaults meet the `restricted` standard."""

    run_as_user: PositiveCount | None = None
    """User id, never 0; left out, that of the pod."""
    run_as_group: PositiveCount | None = None
    """Group id; left out, that of the pod."""
    run_as_root: OptIn | None = None
    """Run as user and group 0."""
    read_only_root_filesystem: bool = True
    """Make the image's file system read-only; give `scratch` folders for what must be written."""
    capabilities: dict[Capability, Text] = {}
    """Capabilities of Linux that it keeps, each with the reason; all others are dropped."""
    privileged: OptIn | None = None
    """Take all guards away: the container may do on the node whatever root may."""
    privilege_escalation: OptIn | None = None
    """Let a process gain more rights than its parent, by setuid programs for example."""
    seccomp_profile: Profile | None = None
    """Which system calls are let through; left out, those of the container runtime's own profile."""
    app_armor_profile: Profile | None = None
    """Profile of AppArmor; left out, that of the container runtime where the nodes have AppArmor."""
    se_linux_options: SELinux | None = None
    """Labels of SELinux; left out, the container runtime chooses."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        refuse(self._contradictions())
        return self

    def _contradictions(self) -> Iterator[PydanticCustomError]:
        if self.run_as_root is not None:
            for field, key in (("run_as_user", "runAsUser"), ("run_as_group", "runAsGroup")):
                if field in self.model_fields_set and getattr(self, field) is not None:
                    advice = f"keep one of the two; `{key}: null` removes what is inherited"
                    yield problem(
                        "security-root", f"{key} and root cannot both be", advice, (key,), ("runAsRoot",)
                    )
        if self.privileged is not None:
            for key, given in (
                ("capabilities", self.capabilities),
                ("privilegeEscalation", self.privilege_escalation),
                ("seccompProfile", self.seccomp_profile),
                ("appArmorProfile", self.app_armor_profile),
            ):
                if given:
                    message = f"a privileged container has no use for {key}"
                    yield problem(
                        "security-privileged", message, "keep one of the two", ("privileged",), (key,)
                    )


class Security(ContainerSecurity):
    """Security context of the pod and of its own container; the defaults meet the `restricted` standard."""

    run_as_user: PositiveCount | None = 10001
    """User id; never 0."""
    run_as_group: PositiveCount | None = 10001
    """Group id."""
    fs_group: PositiveCount | None = 10001
    """Group that owns mounted volumes."""
    supplemental_groups: Annotated[list[Count], Field(max_length=100)] = []
    """More groups of all processes."""
