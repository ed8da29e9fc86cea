"""The platform: the root of the spec."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts import semver
from manifestgen.spec.base import (
    Form,
    Labels,
    Model,
    Name,
    Network,
    PortNumber,
    Text,
    WebUrl,
    camel_case,
    defaults_of,
    problem,
    refuse,
)
from manifestgen.spec.late import (
    Alerting,
    Backup,
    Chaos,
    Ci,
    Claim,
    Cost,
    Datastore,
    Deployment,
    Documentation,
    External,
    Gateway,
    GitOps,
    Issuer,
    LoadTests,
    Manifest,
    Mesh,
    Patch,
    PriorityClass,
    SecretStore,
    Slo,
    Vault,
    VaultSetup,
    VaultStore,
)
from manifestgen.spec.lint import Lint
from manifestgen.spec.monitoring import Monitoring
from manifestgen.spec.placement import Address
from manifestgen.spec.routes import Route
from manifestgen.spec.settings import SecretRef, SecretSource, Settings
from manifestgen.spec.tenancy import Tenancy
from manifestgen.spec.workloads import Workload

TargetName = Literal[
    "kustomize",
    "helm",
    "prometheus",
    "alertmanager",
    "grafana",
    "backup",
    "deployment",
    "runbooks",
    "vault",
    "gitops",
    "loadtests",
    "ci",
    "guides",
]
"""A kind of output; a test holds these to the registry of targets."""


ChartVersion = Annotated[
    str,
    StringConstraints(pattern=rf"^{semver.VERSION}$"),
    Form("write three numbers, e.g. 1.4.2"),
]
"""A semantic version as Helm reads it, e.g. `1.4.2` or `2.0.0-rc.1`."""


class Metadata(Model):
    """What the platform is and whose."""

    name: Name
    """Name of the platform; the chart is called so."""
    description: Text = "A platform described by one manifestgen spec"
    """What it is, in a sentence."""
    owner: Name
    """Team that answers for it."""
    version: ChartVersion = "0.1.0"
    """Version of the chart."""
    app_version: Text | None = None
    """Version of the application that the chart deploys."""
    home: WebUrl | None = None
    """Web page of the platform."""


class ApiServer(Model):
    """Where pods that use the Kubernetes API find it; narrow the networks to those of your cluster."""

    networks: Annotated[list[Network], Field(min_length=1)] = ["0.0.0.0/0"]
    """Its networks in CIDR notation."""
    ports: Annotated[list[PortNumber], Field(min_length=1)] = [443, 6443]
    """Its ports; a network policy sees the one behind the Service, often 6443."""


class Cluster(Model):
    """What the cluster offers; network policies name these namespaces."""

    kubernetes_version: Annotated[
        str, StringConstraints(pattern=r"^1\.[0-9]+$"), Form('write two numbers, e.g. "1.32"')
    ]
    """Version of Kubernetes that the objects are checked against; quote it: `"1.32"`."""
    routing: Literal["ingress", "gateway"] = "ingress"
    """What lets requests in: routes become Ingresses, or HTTPRoutes of the Gateway API (`gateway`)."""
    ingress_class: Name = "nginx"
    """IngressClass of the routes."""
    ingress_controller: Literal["ingress-nginx", "other"] | None = None
    """Controller of that class; left out, `ingress-nginx` if `nginx` is in the name of the class."""
    ingress_namespace: Name = "ingress-nginx"
    """Namespace of the ingress controller."""
    gateway: Gateway | None = None
    """Gateway that the routes use, with `routing: gateway`."""
    monitoring_namespace: Name = "monitoring"
    """Namespace of Prometheus."""
    dns_namespace: Name = "kube-system"
    """Namespace of the cluster's DNS."""
    dns_pods: Annotated[Labels, Field(min_length=1)] = {"k8s-app": "kube-dns"}
    """Labels of its pods; CoreDNS has these on nearly every cluster."""
    node_local_dns: list[Address] = []
    """Addresses of NodeLocal DNSCache, if nodes have one: `169.254.20.10`."""
    keda_namespace: Name = "keda"
    """Namespace of KEDA."""
    cnpg_namespace: Name = "cnpg-system"
    """Namespace of CloudNativePG, which runs PostgreSQL by `provider: operator`."""
    rabbitmq_namespace: Name = "rabbitmq-system"
    """Namespace of the RabbitMQ Cluster Operator, which runs RabbitMQ by `provider: operator`."""
    api_server: ApiServer = defaults_of(ApiServer)
    """Where the Kubernetes API is reached."""

    @property
    def has_ingress_nginx(self) -> bool:
        """Whether the routes are answered by ingress-nginx."""
        known = self.ingress_controller or ("ingress-nginx" if "nginx" in self.ingress_class else "other")
        return self.routing == "ingress" and known == "ingress-nginx"


class Platform(Model):
    """A platform in one environment: everything that is generated comes from here."""

    api_version: Literal["manifestgen/v1"]
    """Version of the format of this file."""
    kind: Literal["Platform"]
    """Always `Platform`."""
    metadata: Metadata
    """Name, owner, version."""
    targets: Annotated[list[TargetName], Field(min_length=1)] | None = None
    """Kinds of output that are made; left out, all that `manifestgen targets` lists."""
    cluster: Cluster
    """What the cluster offers."""
    namespace: Name | None = None
    """Namespace that everything is deployed to; each environment needs one."""
    tenancy: Tenancy = defaults_of(Tenancy)
    """What the cluster is told about the namespace: the object itself, quotas, who may come in."""
    priority_classes: dict[Name, PriorityClass] = {}
    """PriorityClasses of the cluster."""
    issuers: dict[Name, Issuer] = {}
    """ClusterIssuers of cert-manager, who sign the certificates of routes."""
    vault: Vault | None = None
    """Where secrets come from, when it is one Vault: short for a store of type `vault` under that name."""
    secret_stores: dict[Name, SecretStore] = {}
    """Where secrets come from."""
    vault_setup: VaultSetup | None = None
    """How the Vault of one of these stores is set up."""
    settings: dict[Name, Settings] = {}
    """Settings and secrets that workloads share."""
    workloads: dict[Name, Workload] = {}
    """What runs."""
    datastores: dict[Name, Datastore] = {}
    """Databases, caches, queues and object stores."""
    externals: dict[Name, External] = {}
    """What lies outside the cluster."""
    claims: dict[Name, Claim] = {}
    """Storage that workloads mount and that outlives their pods."""
    backups: dict[Name, Backup] = {}
    """Backups of databases, each a CronJob of that name."""
    routes: dict[Name, Route] = {}
    """How requests from outside come in."""
    slos: dict[Name, Slo] = {}
    """How good workloads shall be; canaries and blue-green switches are measured by it."""
    monitoring: Monitoring = defaults_of(Monitoring)
    """Prometheus, its alerts and Grafana."""
    alerting: Alerting | None = None
    """Who is told about alerts, and how."""
    deployment: Deployment | None = None
    """How it is deployed by script; left out, there are no such scripts."""
    ci: Ci | None = None
    """Pipelines that check each change, and deploy by these scripts."""
    mesh: Literal["istio", "linkerd"] | Mesh | None = None
    """Service mesh: its name in one word, or a map with more; left out, there is none."""
    chaos: Chaos | None = None
    """What is broken on purpose, to see that it heals."""
    load_tests: LoadTests | None = None
    """Load tests of what is behind a route."""
    cost: Cost | None = None
    """Prices, for `manifestgen cost`."""
    gitops: GitOps | None = None
    """Who applies the output to the cluster: Argo CD or Flux."""
    manifests: dict[Name, Manifest] = {}
    """Objects of your own."""
    patches: dict[Name, Patch] = {}
    """Changes to objects, made in this order."""
    lint: Lint = defaults_of(Lint)
    """Exceptions from the rules of `manifestgen lint`."""
    documentation: Documentation | None = None
    """What only people know, for the guide and the runbook of deployments; left out, there are neither."""

    @cached_property
    def asked_by_routes(self) -> dict[str, list[str]]:
        """The ports, by name, that routes lead to, of each workload that gets requests by one."""
        found: dict[str, list[str]] = {}
        for route in self.routes.values():
            for _, rule in route.all_rules():
                for asked in rule.asked:
                    found.setdefault(asked.workload, []).append(asked.port)
        return found

    @cached_property
    def clients(self) -> dict[str, list[str]]:
        """The workloads that connect to a workload, data service or external, by its name."""
        found: dict[str, list[str]] = {}
        for name, workload in self.workloads.items():
            for target in dict.fromkeys(workload.connects):
                found.setdefault(target, []).append(name)
        return found

    @cached_property
    def service_mesh(self) -> Mesh | None:
        """The service mesh with everything that a word leaves to its defaults."""
        return Mesh(type=self.mesh) if isinstance(self.mesh, str) else self.mesh

    @property
    def release(self) -> str:
        """What the release of Helm is called: as the scripts of deployments call it, or like the platform."""
        return (self.deployment.release if self.deployment is not None else None) or self.metadata.name

    def in_mesh(self, name: str) -> bool:
        """Whether the pods of a workload get a proxy.

        Those in the network of their node cannot, and a backup talks only to what is outside of the mesh.
        """
        workload = self.workloads.get(name)
        return (
            self.mesh is not None
            and workload is not None
            and workload.mesh is not False
            and workload.host_network is None
            and name not in self.backups
        )

    @cached_property
    def stores(self) -> dict[str, SecretStore]:
        """All stores of secrets by their names."""
        if self.vault is None:
            return self.secret_stores
        return {"vault": VaultStore(type="vault", **dict(self.vault)), **self.secret_stores}

    def stores_for(self, reference: SecretRef | SecretSource) -> dict[str, SecretStore]:
        """The stores that ``reference`` may mean; it is sound when there is exactly one."""
        wanted = reference.provider
        return {
            name: store
            for name, store in self.stores.items()
            if reference.store in (name, None)
            and (wanted in ("remote", store.type) or (store.type == "existing" and reference.store == name))
        }

    @model_validator(mode="after")
    def _priorities_are_ours(self) -> Self:
        defaults = [name for name, one in self.priority_classes.items() if one.global_default]
        if len(defaults) > 1:
            raise problem(
                "priority-class-default",
                f"{' and '.join(defaults)} are both the default",
                "let one of them be",
                *(("priorityClasses", name, "globalDefault") for name in defaults),
            )
        for name in self.priority_classes:
            if name.startswith("system-"):
                message = f"{name!r} begins with system-, which only Kubernetes' own classes do"
                raise problem("priority-class-name", message, "rename it", ("priorityClasses", name))
        return self

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        refuse(self._clashing_names())
        return self

    def _clashing_names(self) -> Iterator[PydanticCustomError]:
        seen = {"vault": "vault"} if self.vault is not None and "vault" in self.secret_stores else {}
        for field in (
            "settings",
            "workloads",
            "datastores",
            "externals",
            "claims",
            "backups",
            "routes",
            "secret_stores",
            "manifests",
        ):
            section = camel_case(field)
            for name in getattr(self, field):
                if name in seen:
                    message = f"{name!r} is both in {seen[name]} and in {section}"
                    places = (seen[name], name) if seen[name] != name else (name,), (section, name)
                    yield problem("name-clash", message, "rename one of them", *places)
                seen[name] = section
