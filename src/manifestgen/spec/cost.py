"""What the platform costs: prices of what its pods ask for."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import Form, Model, Name, PositiveCount, Text, problem

Price = Annotated[float, Field(ge=0, le=1_000_000)]
"""A price in the currency of the section."""

ResourceName = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9.-]+/)?[A-Za-z0-9._-]{1,63}$"),
    Form("write it as Kubernetes does, e.g. nvidia.com/gpu"),
]


class Prices(Model):
    """Prices of what pods ask for; a share of the node's price, where the node is what is paid for."""

    cpu: Price = 0
    """A core for an hour."""
    memory: Price = 0
    """A GiB of memory for an hour."""
    storage: dict[Name, Price] = {}
    """A GiB of a volume for a month, by its StorageClass: `{gp3: 0.08}`."""
    default_storage: Price | None = None
    """The same for volumes of other classes, and of the cluster's default."""
    devices: dict[ResourceName, Price] = {}
    """A device for an hour, by the name of the resource: `{nvidia.com/gpu: 0.75}`."""

    @model_validator(mode="after")
    def _has_a_price(self) -> Self:
        if not any(
            (self.cpu, self.memory, self.default_storage, *self.storage.values(), *self.devices.values())
        ):
            raise problem("cost-prices", "nothing has a price", "give `cpu` and `memory` at least")
        return self


class Cost(Model):
    """What the platform costs in a month: what pods ask for times its price (`manifestgen cost`).

    Requests are counted, for these are what a cluster sets aside, and what decides how many nodes there are.
    """

    currency: Annotated[
        str, StringConstraints(pattern=r"^[A-Z]{3}$"), Form("write its code of ISO 4217, e.g. EUR")
    ] = "USD"
    """Currency of all prices (ISO 4217)."""
    source: Text | None = None
    """Where the prices are from: a price list, a contract."""
    hours: PositiveCount = 730
    """Hours of a month; 730 are a twelfth of a year."""
    nodes: PositiveCount | None = None
    """Nodes of the cluster, on each of which a daemon runs; left out, daemons are not counted."""
    prices: Prices
    """Prices of what pods ask for."""
