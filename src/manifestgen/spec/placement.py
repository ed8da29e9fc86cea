"""On which nodes pods run, and how they see the network of these."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.spec.base import (
    Count,
    Form,
    LabelKey,
    LabelValue,
    Model,
    PositiveCount,
    Seconds,
    ServerName,
    Text,
    problem,
    refuse,
)


def _is_address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise problem("address", f"{text!r} is no IP address", "write e.g. 10.0.0.10") from error


Address = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Fa-f.:]{2,45}$"),
    Form("write an IP address, e.g. 10.0.0.10"),
    AfterValidator(_is_address),
    Field(examples=["10.0.0.10"]),
]


class NodeMatch(Model):
    """What a label of a node must be like, where it is not just one of some values."""

    not_in: Annotated[list[LabelValue], Field(min_length=1)] | None = None
    """It has none of these values, or is not there."""
    exists: bool | None = None
    """Whether it is there, whatever its value."""
    above: Count | None = None
    """It is a number above this."""
    below: Count | None = None
    """It is a number below this."""

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        asked = [key for key in ("not_in", "exists", "above", "below") if getattr(self, key) is not None]
        if len(asked) != 1:
            raise problem(
                "node-match",
                "it asks for several things" if asked else "it asks for nothing",
                "give exactly one of notIn, exists, above and below",
            )
        return self


NodeLabels = dict[LabelKey, LabelValue | Annotated[list[LabelValue], Field(min_length=1)] | NodeMatch]


class Nodes(Model):
    """Which nodes the pods run on, by the labels of these: a value, a list of values, or a condition."""

    require: NodeLabels = {}
    """Only nodes like this; all labels must fit."""
    prefer: NodeLabels = {}
    """Rather nodes like this; each label that fits counts."""


class Toleration(Model):
    """A taint of nodes that the pods put up with."""

    value: LabelValue | None = None
    """Value of the taint; left out, any."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Effect of the taint; left out, any."""
    seconds: Seconds | None = None
    """How long a pod stays on a node that gets the taint; left out, for good (`NoExecute` only)."""

    @model_validator(mode="after")
    def _waits_for_an_eviction(self) -> Self:
        if self.seconds is not None and self.effect != "NoExecute":
            message = "only the effect NoExecute makes pods leave"
            raise problem("toleration", message, "add `effect: NoExecute`", ("seconds",))
        return self


TaintKey = LabelKey | Literal["*"]
"""The key of a taint, or `*` for every taint."""


class Skew(Model):
    """How evenly pods are spread over the places that a label of the nodes tells apart."""

    max_skew: PositiveCount = 1
    """By how many pods two places may differ."""
    required: bool = False
    """Leave pods pending rather than spread them unevenly."""
    min_domains: PositiveCount | None = None
    """How many places there must be at least (`required` only)."""
    taints: Literal["Honor", "Ignore"] | None = None
    """Whether nodes whose taints keep the pods away count as places; left out, they do."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.min_domains is not None and not self.required:
            message = "minDomains counts only where spreading is required"
            raise problem("spread-domains", message, "add `required: true`", ("minDomains",))
        return self


class Spreading(Model):
    """How pods are spread, in detail."""

    apart: Literal["no", "preferred", "required"] = "preferred"
    """Whether two pods may run on one node."""
    over: dict[LabelKey, Skew] = {}
    """Labels of nodes that tell the places apart, e.g. `topology.kubernetes.io/zone`."""


_MOST_NAMESERVERS: Final = 3
_MOST_SEARCHES: Final = 32


class Dns(Model):
    """How names are looked up."""

    policy: Literal["ClusterFirst", "Default", "None"] = "ClusterFirst"
    """`Default` asks as the node does, `None` only the servers below."""
    nameservers: list[Address] = []
    """Servers to ask, at most three."""
    searches: list[ServerName] = []
    """Domains that are tried behind a name without dots."""
    options: dict[Text, str] = {}
    """Options of the resolver, e.g. `ndots: "2"`; one without a value is written `edns0: ""`."""

    @model_validator(mode="after")
    def _asks_somebody(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[PydanticCustomError]:
        if self.policy == "None" and not self.nameservers:
            yield problem("dns-servers", "there is no server to ask", "add nameservers", ("policy",))
        if len(self.nameservers) > _MOST_NAMESERVERS:
            yield problem(
                "dns-servers", "resolvers ask three servers at most", "remove some", ("nameservers",)
            )
        if len(self.searches) > _MOST_SEARCHES:
            yield problem("dns-servers", "there are more than 32 domains", "remove some", ("searches",))


HostAliases = dict[Address, Annotated[list[ServerName], Field(min_length=1)]]
