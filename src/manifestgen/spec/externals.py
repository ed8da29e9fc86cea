"""Externals: what lies outside the platform, and how workloads and it may reach each other."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from manifestgen.spec.base import Labels, Model, Name, Network, PortNumber, Text, problem
from manifestgen.spec.ports import Protocol


class PortRange(Model):
    """A port of another protocol, or a range of ports."""

    port: PortNumber
    """The port, or the first of the range."""
    end_port: PortNumber | None = None
    """The last port of the range."""
    protocol: Protocol = "TCP"
    """Protocol."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.end_port is not None and self.end_port < self.port:
            raise problem(
                "port-range",
                f"the range from {self.port} to {self.end_port} ends before it begins",
                "give the smaller one first",
                ("endPort",),
            )
        return self


class Caller(Model):
    """What an external may reach of a workload."""

    ports: list[Name] = []
    """Names of the workload's ports; empty: those that its Services lead to."""


class External(Model):
    """Something outside the platform: pods in another namespace, or machines in networks."""

    description: Text | None = None
    """What it is, in a sentence."""
    namespace: Name | None = None
    """Its namespace, when it runs in the cluster."""
    pods: Labels = {}
    """Labels of its pods in that namespace; empty: all of them."""
    networks: list[Network] = []
    """Its networks in CIDR notation, when it does not; `0.0.0.0/0` for the internet."""
    except_networks: list[Network] = []
    """Networks inside these that stay closed, e.g. the private ones."""
    mesh: bool = False
    """Whether its pods are in the platform's mesh, too, and have identities of their namespace."""
    ports: list[PortNumber | PortRange] = []
    """Ports where workloads reach it; a plain number is TCP. None if it only calls."""

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        if self.except_networks and not self.networks:
            raise problem(
                "external-place",
                "nothing says in which networks these are exceptions",
                "add `networks`, for the internet `networks: [0.0.0.0/0]`",
                ("exceptNetworks",),
            )
        in_networks = bool(self.networks)
        if (self.namespace is None) == (not in_networks) or (in_networks and self.pods):
            raise problem(
                "external-place",
                "it is either in a namespace or in networks",
                "give `namespace: monitoring` or `networks: [10.0.0.0/8]`",
            )
        if self.mesh and in_networks:
            message = "only pods of the cluster are in its mesh"
            raise problem("external-mesh", message, "give its namespace, or remove it", ("mesh",))
        return self


Callers = Annotated[dict[Name, Caller], Field(examples=[{"partners": {"ports": ["http"]}}])]
"""Externals that may call a workload, by name."""
