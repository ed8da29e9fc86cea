"""The platform: the root of the spec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.spec.alerting import Alerting
from manifestgen.spec.base import Form, Model, Name, Network, PortNumber, Text, WebUrl, problem, refuse
from manifestgen.spec.datastores import Datastore, Vault
from manifestgen.spec.lint import Lint
from manifestgen.spec.monitoring import Monitoring
from manifestgen.spec.routes import Route
from manifestgen.spec.settings import Settings
from manifestgen.spec.workloads import Workload


class Metadata(Model):
    """What the platform is and whose."""

    name: Name
    """Name of the platform; the chart is called so."""
    description: Text = "A platform described by one manifestgen spec"
    """What it is, in a sentence."""
    owner: Name
    """Team that answers for it."""
    version: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"),
        Form("write three numbers, e.g. 1.4.2"),
    ] = "0.1.0"
    """Version of the chart (semantic versioning)."""
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
    ingress_class: Name = "nginx"
    """IngressClass of the routes."""
    ingress_namespace: Name = "ingress-nginx"
    """Namespace of the ingress controller."""
    monitoring_namespace: Name = "monitoring"
    """Namespace of Prometheus."""
    dns_namespace: Name = "kube-system"
    """Namespace of the cluster's DNS."""
    keda_namespace: Name = "keda"
    """Namespace of KEDA."""
    api_server: ApiServer = ApiServer()
    """Where the Kubernetes API is reached."""


class External(Model):
    """Something outside the platform that workloads talk to: in another namespace, or in networks."""

    description: Text | None = None
    """What it is, in a sentence."""
    namespace: Name | None = None
    """Its namespace, when it runs in the cluster."""
    networks: list[Network] = []
    """Its networks in CIDR notation, when it does not; `0.0.0.0/0` for the internet."""
    except_networks: list[Network] = []
    """Networks inside these that stay closed, e.g. the private ones."""
    ports: Annotated[list[PortNumber], Field(min_length=1)]
    """TCP ports."""

    @model_validator(mode="after")
    def _is_in_one_place(self) -> External:
        in_networks = bool(self.networks or self.except_networks)
        if (self.namespace is None) == (not in_networks):
            raise problem(
                "external-place",
                "it is either in a namespace or in networks",
                "give `namespace: monitoring` or `networks: [10.0.0.0/8]`",
            )
        return self


class Platform(Model):
    """A platform in one environment: everything that is generated comes from here."""

    api_version: Literal["manifestgen/v1"]
    """Version of the format of this file."""
    kind: Literal["Platform"]
    """Always `Platform`."""
    metadata: Metadata
    """Name, owner, version."""
    cluster: Cluster
    """What the cluster offers."""
    namespace: Name | None = None
    """Namespace that everything is deployed to; each environment needs one."""
    vault: Vault | None = None
    """Where secrets come from."""
    settings: dict[Name, Settings] = {}
    """Settings and secrets that workloads share."""
    workloads: dict[Name, Workload] = {}
    """What runs."""
    datastores: dict[Name, Datastore] = {}
    """Databases, caches, queues and object stores."""
    externals: dict[Name, External] = {}
    """What lies outside the cluster."""
    routes: dict[Name, Route] = {}
    """How requests from outside come in."""
    monitoring: Monitoring = Monitoring()
    """Prometheus, its alerts and Grafana."""
    alerting: Alerting | None = None
    """Who is told about alerts, and how."""
    lint: Lint = Lint()
    """Exceptions from the rules of `manifestgen lint`."""

    @model_validator(mode="after")
    def _names_differ(self) -> Platform:
        refuse(self._clashing_names())
        return self

    def _clashing_names(self) -> Iterator[PydanticCustomError]:
        seen: dict[str, str] = {}
        for section in ("settings", "workloads", "datastores", "externals", "routes"):
            for name in getattr(self, section):
                if name in seen:
                    message = f"{name!r} is both in {seen[name]} and in {section}"
                    yield problem(
                        "name-clash", message, "rename one of them", (seen[name], name), (section, name)
                    )
                seen[name] = section
