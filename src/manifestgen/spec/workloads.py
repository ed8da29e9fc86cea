"""Workloads: a union by `type`, each with just its fields."""

from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.conventions import MAIN_SERVICE
from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import (
    Annotations,
    Count,
    Form,
    HttpPath,
    Model,
    Name,
    PositiveCount,
    Seconds,
    defaults_of,
    problem,
    refuse,
)
from manifestgen.spec.late import (
    Callers,
    ClaimTemplate,
    ClusterPermission,
    CronJob,
    Daemon,
    InMesh,
    Job,
    Permission,
    Stateful,
)
from manifestgen.spec.ondemand import BY_TYPE
from manifestgen.spec.pods import Pod
from manifestgen.spec.ports import as_port
from manifestgen.spec.rollout import PROGRESSIVE, Rollout, Strategy, wrong_details
from manifestgen.spec.scaling import Autoscaling, DisruptionBudget, RollingUpdate, Spread
from manifestgen.spec.services import ServerTls, Service
from manifestgen.spec.vertical import VerticalAutoscaling, VerticalMode


class CloudIdentity(Model):
    """What a workload is to the cloud it runs in."""

    aws: (
        Annotated[
            str,
            StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$"),
            Form("write arn:aws:iam::ACCOUNT:role/NAME"),
        ]
        | None
    ) = None
    """IAM role on EKS (IRSA)."""
    google: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[a-z][a-z0-9-]*@[a-z0-9.-]+\.iam\.gserviceaccount\.com$"),
            Form("write NAME@PROJECT.iam.gserviceaccount.com"),
        ]
        | None
    ) = None
    """IAM service account on GKE (Workload Identity)."""
    azure: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
            Form("write the client id, a UUID in lower case"),
        ]
        | None
    ) = None
    """Client id of the managed identity on AKS (Workload Identity)."""


class ServiceAccount(Model):
    """The workload's own service account."""

    identity: CloudIdentity = defaults_of(CloudIdentity)
    """Who it is to the cloud: nothing else is needed to let its pods log in there."""
    annotations: Annotations = {}
    """Annotations."""
    mount_token: bool = False
    """Mount its token although there are no `permissions`: roles from elsewhere give it some."""


class Metrics(Model):
    """Where the workload tells Prometheus its figures."""

    port: Name
    """Name of the port."""
    path: HttpPath = "/metrics"
    """Path of the request."""


class WorkloadBase(Pod):
    """What all workloads have in common."""

    connects: list[Name] = []
    """Workloads, data services and `externals` it talks to; all else is closed by network policies."""
    peers: list[Name] = []
    """Ports on which its pods talk among themselves."""
    callers: Callers = {}
    """Externals that may call it, by name."""
    metrics: Metrics | None = None
    """Where Prometheus scrapes it."""
    service_account: ServiceAccount = defaults_of(ServiceAccount)
    """Its service account."""
    permissions: dict[Name, Permission] = {}
    """What it may do with the Kubernetes API; nothing when left out, and then no token is mounted."""
    cluster_permissions: dict[Name, ClusterPermission] = {}
    """What it may do in the whole cluster, by names of your own, each with its reason."""
    vertical_autoscaling: VerticalMode | VerticalAutoscaling | None = None
    """Let a VerticalPodAutoscaler watch it: the mode in one word, or a map with more."""
    mesh: bool | InMesh = True
    """Its place in the `mesh`, where there is one: false keeps its pods out, a map changes what calls get."""

    @property
    def claim_templates(self) -> dict[str, ClaimTemplate]:
        """Storage that each of its pods has for itself."""
        return {}

    @property
    def uses_kubernetes_api(self) -> bool:
        """Whether its pods get a token, and a way to the API server."""
        return bool(self.permissions or self.cluster_permissions) or self.service_account.mount_token


class LongRunning(WorkloadBase):
    """A workload whose pods run until they are stopped."""

    min_ready: Seconds | None = None
    """How long a new pod must be ready before it counts as available."""
    revision_history_limit: Count = 5
    """How many old versions are kept to go back to."""


class Scalable(LongRunning):
    """A workload of several equal pods, whose number is chosen."""

    replicas: PositiveCount | None = None
    """A fixed number of pods."""
    autoscaling: Autoscaling | None = None
    """A number of pods that follows the load."""
    disruption_budget: DisruptionBudget | None = None
    """Pods that may be away at once when nodes are drained."""
    spread: Spread = "nodes"
    """How the pods are spread."""

    @model_validator(mode="after")
    def _has_one_size(self) -> Self:
        if self.replicas is not None and self.autoscaling is not None:
            raise problem(
                "replicas-and-autoscaling",
                "it has both replicas and autoscaling, which would fight over the number of pods",
                "remove one; an environment removes what it inherits with `replicas: null`",
                ("replicas",),
                ("autoscaling",),
            )
        if self.replicas is None and self.autoscaling is None:
            raise problem("replicas-missing", "it has no size", "give `replicas: 2` or `autoscaling:`")
        return self

    @property
    def fewest(self) -> int:
        """The smallest number of pods that may run."""
        return self.autoscaling.min if self.autoscaling else self.replicas or 0


class Deployed(LongRunning):
    """A workload whose pods are all alike and come and go (a Deployment)."""

    progress_deadline: Seconds | None = None
    """How long a new version may take to get on before it counts as failed; left out, ten minutes."""

    @model_validator(mode="after")
    def _can_become_available(self) -> Self:
        wait, deadline = (
            parse_duration(self.min_ready or "0s"),
            parse_duration(self.progress_deadline or "10m"),
        )
        if wait >= deadline:
            raise problem(
                "progress-deadline",
                f"a pod that must be ready for {self.min_ready} is not available before the deadline "
                f"of {self.progress_deadline or '10m'}",
                "make progressDeadline longer than minReady",
                ("minReady",),
                ("progressDeadline",),
            )
        return self


class Replicated(Deployed, Scalable):
    """A workload whose pods are all alike and come and go: a Deployment, or a Rollout of Argo Rollouts."""

    strategy: Strategy = "rolling"
    """How a new version takes over: `rolling` replaces pod by pod, `recreate` stops all of them first,
    `blue-green` switches when all new ones are ready, `canary` gives it more and more of the requests. The
    last two need Argo Rollouts in the cluster."""
    rollout: Rollout | None = None
    """Details of `canary` and `blue-green`."""
    update: RollingUpdate = defaults_of(RollingUpdate)
    """How many pods are replaced at a time (`rolling`, and `canary` without routes)."""

    @model_validator(mode="after")
    def _details_are_of_the_strategy(self) -> Self:
        refuse(wrong_details(self.strategy, self.rollout, updates="update" in self.model_fields_set))
        return self

    @property
    def is_progressive(self) -> bool:
        """Whether Argo Rollouts brings its new versions out."""
        return self.strategy in PROGRESSIVE


class Served(WorkloadBase):
    """A workload that other things reach through its Services."""

    has_service: ClassVar[bool] = True
    """Whether it has a Service when it names none."""

    services: dict[Name, Service] = {}
    """Its Services; left out, one ClusterIP Service with all ports (a daemon: none)."""

    @cached_property
    def all_services(self) -> dict[str, Service]:
        """Its Services, also the one that it has when it names none."""
        if self.services or not self.ports or not self.has_service:
            return self.services
        return {MAIN_SERVICE: defaults_of(Service, ports=dict(self._own_ports))}

    @property
    def _own_ports(self) -> dict[str, int]:
        return {name: as_port(port).port for name, port in self.ports.items()}

    @property
    def main_ports(self) -> dict[str, int]:
        """The ports of its main Service by name; none when it has only Services of other names."""
        main = self.all_services.get(MAIN_SERVICE)
        return main.numbers if main is not None else {}

    def tls_at(self, port: str) -> ServerTls | None:
        """How its pods speak TLS at a port of the main Service; None when they do not."""
        main = self.services.get(MAIN_SERVICE)
        return main.tls if main is not None and main.tls is not None and main.tls.port == port else None


class Web(Served, Replicated):
    """A workload that answers requests."""

    type: Literal["web"]


class Worker(Replicated):
    """A workload that takes its work from a queue."""

    type: Literal["worker"]

    @model_validator(mode="after")
    def _has_nothing_to_switch(self) -> Self:
        if self.strategy == "blue-green":
            raise problem(
                "rollout-service",
                "blue-green switches a Service over, and a worker has none",
                "use strategy: canary, or type: web",
                ("strategy",),
            )
        return self


class Scheduler(Deployed):
    """A workload of which exactly one pod may run: it is stopped before its successor starts."""

    type: Literal["scheduler"]


Workload = Annotated[
    Web | Worker | Scheduler | Job | CronJob | Daemon | Stateful,
    Field(discriminator="type"),
    BY_TYPE,
]
