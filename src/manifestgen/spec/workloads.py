"""Workloads: a union by `type`, each with just its fields."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.conventions import MAIN_SERVICE
from manifestgen.spec.base import (
    Annotations,
    Form,
    HttpPath,
    Model,
    Name,
    Network,
    PortNumber,
    PositiveCount,
    problem,
    refuse,
)
from manifestgen.spec.pods import Pod
from manifestgen.spec.ports import as_port
from manifestgen.spec.rbac import ClusterPermission, Permission
from manifestgen.spec.rollout import PROGRESSIVE, Rollout, Strategy, wrong_details
from manifestgen.spec.scaling import Autoscaling, DisruptionBudget, RollingUpdate, Spread
from manifestgen.spec.vertical import VerticalAutoscaling, VerticalMode


class Service(Model):
    """A Service of a workload; the one called `main` has the name of the workload itself."""

    type: Literal["ClusterIP", "LoadBalancer", "Headless"] = "ClusterIP"
    """Kind of Service; `Headless` gives the addresses of the pods."""
    ports: Annotated[dict[Name, PortNumber], Field(min_length=1)]
    """Ports of the Service by the name of the workload's port that each leads to."""
    annotations: Annotations = {}
    """Annotations, e.g. for the cloud's load balancer."""
    allow_from: list[Network] = []
    """Networks that may reach a LoadBalancer, in CIDR notation; empty: all."""
    external_traffic_policy: Literal["Cluster", "Local"] | None = None
    """`Local` keeps the client's address and avoids a second hop (LoadBalancer only)."""
    publish_not_ready: bool = False
    """Give the addresses of pods that are not ready, too (Headless only)."""


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

    identity: CloudIdentity = CloudIdentity()
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
    metrics: Metrics | None = None
    """Where Prometheus scrapes it."""
    service_account: ServiceAccount = ServiceAccount()
    """Its service account."""
    permissions: dict[Name, Permission] = {}
    """What it may do with the Kubernetes API; nothing when left out, and then no token is mounted."""
    cluster_permissions: dict[Name, ClusterPermission] = {}
    """What it may do in the whole cluster, by names of your own, each with its reason."""
    vertical_autoscaling: VerticalMode | VerticalAutoscaling | None = None
    """Let a VerticalPodAutoscaler watch it: the mode in one word, or a map with more."""

    @property
    def uses_kubernetes_api(self) -> bool:
        """Whether its pods get a token, and a way to the API server."""
        return bool(self.permissions or self.cluster_permissions) or self.service_account.mount_token


class Scalable(WorkloadBase):
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
    def _has_one_size(self) -> Scalable:
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


class Replicated(Scalable):
    """A workload whose pods are all alike and come and go: a Deployment, or a Rollout of Argo Rollouts."""

    strategy: Strategy = "rolling"
    """How a new version takes over: `rolling` replaces pod by pod, `recreate` stops all of them first,
    `blue-green` switches when all new ones are ready, `canary` gives it more and more of the requests. The
    last two need Argo Rollouts in the cluster."""
    rollout: Rollout | None = None
    """Details of `canary` and `blue-green`."""
    update: RollingUpdate = RollingUpdate()
    """How many pods are replaced at a time (`rolling`, and `canary` without routes)."""

    @model_validator(mode="after")
    def _details_are_of_the_strategy(self) -> Replicated:
        refuse(wrong_details(self.strategy, self.rollout, updates="update" in self.model_fields_set))
        return self

    @property
    def is_progressive(self) -> bool:
        """Whether Argo Rollouts brings its new versions out."""
        return self.strategy in PROGRESSIVE


class Served(WorkloadBase):
    """A workload that other things reach through its Services."""

    services: dict[Name, Service] = {}
    """Its Services; left out, one ClusterIP Service with all ports."""

    @property
    def main_ports(self) -> dict[str, int]:
        """The ports of its main Service by name; none when it has only Services of other names."""
        main = self.services.get(MAIN_SERVICE)
        if main is not None:
            return main.ports
        return {} if self.services else {name: as_port(port).port for name, port in self.ports.items()}


class Web(Served, Replicated):
    """A workload that answers requests."""

    type: Literal["web"]


class Worker(Replicated):
    """A workload that takes its work from a queue."""

    type: Literal["worker"]

    @model_validator(mode="after")
    def _has_nothing_to_switch(self) -> Worker:
        if self.strategy == "blue-green":
            raise problem(
                "rollout-service",
                "blue-green switches a Service over, and a worker has none",
                "use strategy: canary, or type: web",
                ("strategy",),
            )
        return self


class Scheduler(WorkloadBase):
    """A workload of which exactly one pod may run: it is stopped before its successor starts."""

    type: Literal["scheduler"]


Workload = Annotated[Web | Worker | Scheduler, Field(discriminator="type")]
