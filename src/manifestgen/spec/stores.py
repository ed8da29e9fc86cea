"""What data services have in common, by what they are and by who runs them."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.services import PORTS, ServicePorts
from manifestgen.spec.base import (
    Address,
    Bytes,
    Host,
    Model,
    Name,
    Network,
    PortNumber,
    Text,
    problem,
    refuse,
)
from manifestgen.spec.containers import Resources
from manifestgen.spec.prometheus import HostPort

MAX_ADDRESSES = 100
"""As many addresses fit into one EndpointSlice."""


class Storage(Model):
    """Where the data lies: a volume that outlives the pod, or nothing that lasts."""

    size: Bytes | None = None
    """Size of the volume of each pod."""
    storage_class: Name | None = None
    """StorageClass; left out, the cluster's default."""
    ephemeral: bool = False
    """Keep the data only as long as the pod lives."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if not self.ephemeral and self.size is None:
            raise problem("storage", "it has no size", "give `size: 10Gi`, or `ephemeral: true`")
        if self.ephemeral and self.size is not None:
            raise problem(
                "storage",
                "it has a size and is ephemeral",
                "keep one; an environment removes what it inherits with `ephemeral: null`",
                ("size",),
                ("ephemeral",),
            )
        return self


class DatastoreBase(Model):
    """What all data services have in common."""

    description: Text | None = None
    """What it holds, in a sentence."""
    type: str
    """What it is; together with `provider` it decides about the other keys."""

    @property
    def ports(self) -> ServicePorts:
        """Its ports, by who uses them."""
        return PORTS[self.type]

    @property
    def exports_metrics(self) -> bool:
        """Whether Prometheus can read its metrics."""
        return False


class Database(DatastoreBase):
    """A PostgreSQL, whoever runs it."""

    type: Literal["postgresql"]
    database: Text
    """Database that the platform uses; a chart or an operator creates it."""


class QueueServer(DatastoreBase):
    """A RabbitMQ, whoever runs it."""

    type: Literal["rabbitmq"]
    credentials: Name
    """Set of `settings` whose Secret holds its passwords."""
    url_key: Text
    """Key of the AMQP address in the credentials. KEDA reads queue lengths with it from its own namespace, so
    the host must be the full one: `rabbitmq.<namespace>.svc`."""


class InCluster(DatastoreBase):
    """What data services have in common that run beside the platform."""

    credentials: Name
    """Set of `settings` whose Secret holds its passwords."""
    storage: Storage
    """Where its data lies."""
    resources: Resources
    """Requests and limits of each pod."""
    metrics: bool = True
    """Have its metrics read by Prometheus; of a chart, run the exporter beside it."""

    @property
    def exports_metrics(self) -> bool:
        """Whether Prometheus can read its metrics."""
        return self.metrics


class External(DatastoreBase):
    """What data services have in common that somebody else runs, outside of the cluster."""

    provider: Literal["external"]
    """It runs elsewhere. Its Service here has the name that clients know from a chart or an operator."""
    host: Host | None = None
    """Its host name, which the Service is an alias of (`ExternalName`). A certificate names this host and not
    the Service: clients that verify it, e.g. with `sslmode=verify-full`, connect to the host itself."""
    addresses: Annotated[list[Address], Field(max_length=MAX_ADDRESSES)] = []
    """Its IP addresses, all of one family, when it has no host name; the Service leads to them."""
    port: PortNumber | None = None
    """Port it listens on; left out, the usual one of its type."""
    networks: list[Network] = []
    """Networks that `host` resolves to, in CIDR notation; a network policy cannot name a host. With
    `addresses`, it stays empty: these are what is opened."""
    credentials: Name | None = None
    """Set of `settings` that says how to log in, for whoever reads the spec."""
    exporter: HostPort | None = None
    """Address of an exporter of its metrics, `host:port`, which Prometheus scrapes; of PostgreSQL and Redis,
    there are alerts on the metrics of postgres_exporter and redis_exporter."""

    @property
    def ports(self) -> ServicePorts:
        """Its ports, by who uses them: of something far away only the one of the clients."""
        client = self.port or PORTS[self.type].client
        return ServicePorts(client=client, more=(), peers=(), metrics=0)

    @property
    def exports_metrics(self) -> bool:
        """Whether Prometheus can read its metrics."""
        return self.exporter is not None

    @property
    def cidrs(self) -> list[str]:
        """The networks it is reached in: those of its host, or each address by itself."""
        alone = [f"{address}/{ip_address(address).max_prefixlen}" for address in self.addresses]
        return alone or self.networks

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        refuse(self._wrong_places())
        return self

    def _wrong_places(self) -> Iterator[PydanticCustomError]:
        if (self.host is None) == (not self.addresses):
            yield problem(
                "datastore-address",
                "it has either a host name or IP addresses",
                "give `host: db.example.com` or `addresses: [192.0.2.10]`",
                *(() if self.host is None else (("host",), ("addresses",))),
            )
        elif self.host is not None:
            yield from self._wrong_host(self.host)
        elif len({ip_address(address).version for address in self.addresses}) > 1:
            message = "its addresses are of both families, and a Service leads to one of them"
            yield problem("datastore-address", message, "keep those of IPv4 or those of IPv6", ("addresses",))
        elif self.networks:
            message = "the network policy opens its addresses, and nothing else"
            yield problem("datastore-networks", message, "remove networks", ("networks",))

    def _wrong_host(self, host: str) -> Iterator[PydanticCustomError]:
        if host.replace(".", "").isdigit():
            message = "an IP address is no host name, and an alias of one leads nowhere"
            yield problem("datastore-address", message, f"write `addresses: [{host}]`", ("host",))
        if host.startswith("*"):
            yield problem(
                "datastore-address", "a wildcard is no host to connect to", "name the host", ("host",)
            )
        if not self.networks:
            yield problem(
                "datastore-networks",
                "a network policy cannot open a host name, and there are no networks",
                "give its networks, e.g. `networks: [10.20.0.0/16]`; `0.0.0.0/0` opens its port everywhere",
            )
