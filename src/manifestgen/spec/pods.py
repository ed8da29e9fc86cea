"""What a pod is made of, whatever the type of its workload."""

from collections.abc import Iterator
from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.conventions import LABEL_COMPONENT, LABEL_NAME, LABEL_PART_OF
from manifestgen.spec.base import (
    Annotations,
    EnvVarName,
    LabelKey,
    LabelValue,
    Model,
    Name,
    Place,
    Text,
    defaults_of,
    problem,
    refuse,
)
from manifestgen.spec.containers import Container, ImageRef, InitContainer, Resources, Wait
from manifestgen.spec.files import Files, Scratch
from manifestgen.spec.late import Env, Volume
from manifestgen.spec.placement import Dns, HostAliases, Nodes, TaintKey, Toleration
from manifestgen.spec.ports import Port, Ports, as_port, clashes
from manifestgen.spec.probes import GracefulStop, Lifecycle, Probes, lost_calls
from manifestgen.spec.security import OptIn, Security
from manifestgen.spec.settings import SecretRef, SettingsGroup

SELECTING = frozenset({LABEL_NAME, LABEL_PART_OF, LABEL_COMPONENT})
"""Labels of every pod, which nobody may change."""
FILES = "files"
"""The volume of the files whose contents stand in the spec."""


class Pod(Model):
    """The pod of a workload: its own container, what runs beside and before that, and where."""

    description: Text | None = None
    """What it does, in a sentence; stands above its objects."""
    image: ImageRef
    """The image it runs."""
    command: list[str] | None = None
    """Command instead of the image's entry point; no shell is involved."""
    args: list[str] | None = None
    """Arguments instead of the image's."""
    init: dict[Name, InitContainer] = {}
    """Containers that run before, in this order."""
    wait_for: Wait | None = None
    """Services that must be reachable before anything else runs."""
    sidecars: dict[Name, Container] = {}
    """Containers that start before `init` and the workload and run until these are done (Kubernetes 1.29)."""
    containers: dict[Name, Container] = {}
    """Containers that run beside the workload's own."""
    env: Env = {}
    """Single environment variables, in this order; they win over settings and secrets of the same name."""
    settings: list[Name] = []
    """Sets of `settings` it reads, the later ones win."""
    config: dict[Name, SettingsGroup] = {}
    """Settings of its own, in groups; they win over the shared ones."""
    secrets: dict[EnvVarName, SecretRef] = {}
    """Secrets of its own."""
    ports: Ports = {}
    """Ports of the container by name: a number for TCP, or a map."""
    probes: Probes = defaults_of(Probes)
    """Startup, readiness and liveness probe."""
    lifecycle: Lifecycle = defaults_of(Lifecycle)
    """What the container does right after its start and before its end."""
    resources: Resources
    """Requests and limits of the container."""
    files: Files = {}
    """Files whose contents stand here, by path; the pods restart when one changes."""
    scratch: dict[Name, Scratch] = {}
    """Folders it may write to."""
    volumes: dict[Name, Volume] = {}
    """Other volumes: claims, settings and secrets as files, and more."""
    security: Security = defaults_of(Security)
    """Security context."""
    stop: GracefulStop = defaults_of(GracefulStop)
    """How its pods are stopped."""
    priority_class: Name | None = None
    """PriorityClass of its pods."""
    runtime_class: Name | None = None
    """RuntimeClass of its pods, e.g. `gvisor`."""
    nodes: Nodes = defaults_of(Nodes)
    """Nodes that its pods run on."""
    tolerations: dict[TaintKey, Toleration] = {}
    """Taints of nodes that its pods put up with, by their keys; `*` for all."""
    image_pull_secrets: list[Name] = []
    """Logins of private registries: sets of `settings` whose Secret holds one, or Secrets that are there."""
    host_aliases: HostAliases = {}
    """Host names by the address that they get in `/etc/hosts`."""
    dns: Dns = defaults_of(Dns)
    """How names are looked up."""
    host_network: OptIn | None = None
    """Use the network of the node: its addresses and all its ports; network policies do not hold there."""
    host_pid: OptIn | None = None
    """See all processes of the node."""
    share_processes: bool = False
    """Let the containers of a pod see each other's processes."""
    service_links: bool = False
    """Set environment variables for every Service of the namespace, as Docker once did."""
    pod_labels: dict[LabelKey, LabelValue] = {}
    """More labels of its pods."""
    pod_annotations: Annotations = {}
    """Annotations of its pods, e.g. for a mesh."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse(self._misfits())
        return self

    def _misfits(self) -> Iterator[PydanticCustomError]:
        yield from clashes(self._ports_by_place())
        yield from lost_calls(self.probes, self.ports)
        for name in self.volumes:
            if name in self.scratch:
                message = f"{name!r} is both in scratch and in volumes"
                yield problem(
                    "volume-clash", message, "rename one of them", ("scratch", name), ("volumes", name)
                )
        yield from self._reserved()
        for section in ("scratch", "volumes"):
            if FILES in getattr(self, section):
                message = f"the volume {FILES!r} is that of `files`"
                yield problem("volume-clash", message, "choose another name", (section, FILES))
        if self.stop.delay is not None and self.lifecycle.pre_stop is not None:
            message = "it both waits and does something before it stops"
            delay, hook = ("stop", "delay"), ("lifecycle", "preStop")
            yield problem("stop-twice", message, "keep one of the two", delay, hook)
        if self.host_pid is not None and self.share_processes:
            message = "the processes of the node and of the pod alone cannot both be seen"
            yield problem(
                "process-namespace", message, "keep one of the two", ("hostPid",), ("shareProcesses",)
            )

    def _reserved(self) -> Iterator[PydanticCustomError]:
        for label in self.pod_labels:
            if label in SELECTING:
                message = f"the label {label} is how Services and policies find the pods"
                yield problem("name-reserved", message, "choose another label", ("podLabels", label))
        for annotation in self.pod_annotations:
            if annotation.startswith("checksum/"):
                message = "annotations below checksum/ are those of the settings"
                yield problem("name-reserved", message, "choose another name", ("podAnnotations", annotation))

    def _ports_by_place(self) -> dict[Place, int | Port]:
        found: dict[Place, int | Port] = {("ports", name): port for name, port in self.ports.items()}
        for place, other in self.others.items():
            if isinstance(other, Container):
                found |= {(*place, "ports", name): port for name, port in other.ports.items()}
        return found

    @property
    def others(self) -> dict[tuple[str, str], Container | InitContainer]:
        """All containers but its own, by their places in the spec, in the order in which they start."""
        found: dict[tuple[str, str], Container | InitContainer] = {}
        found.update({("sidecars", name): sidecar for name, sidecar in self.sidecars.items()})
        found.update({("init", name): init for name, init in self.init.items()})
        found.update({("containers", name): container for name, container in self.containers.items()})
        return found

    @property
    def listens(self) -> dict[str, Port]:
        """The ports of all its containers by name, its own first."""
        return {str(place[-1]): as_port(port) for place, port in self._ports_by_place().items()}
