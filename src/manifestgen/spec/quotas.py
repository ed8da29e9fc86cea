"""How much may be used: of the namespace as a whole, and by a single container, pod or claim."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.quantities import parse_quantity
from manifestgen.spec.base import (
    Bytes,
    Count,
    Cpu,
    Form,
    Model,
    Name,
    Place,
    PositiveCount,
    Quantity,
    defaults_of,
    problem,
    refuse,
)
from manifestgen.spec.containers import Amounts


class QuotaRequests(Model):
    """What the containers of all pods may request together, and the claims."""

    cpu: Cpu | None = None
    """CPU."""
    memory: Bytes | None = None
    """Memory."""
    ephemeral_storage: Bytes | None = None
    """Space on the nodes' disks."""
    storage: Bytes | None = None
    """Space of all claims."""


QuotaKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^(cpu|memory|ephemeral-storage|pods|services|services\.nodeports|services\.loadbalancers"
        r"|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims"
        r"|requests\.(cpu|memory|storage|ephemeral-storage)|limits\.(cpu|memory|ephemeral-storage)"
        r"|requests\.[a-z0-9]([a-z0-9.-]{0,100}[a-z0-9])?/[a-z0-9]([a-z0-9._-]{0,40}[a-z0-9])?"
        r"|count/[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?)*"
        r"|[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?\.storageclass\.storage\.k8s\.io/"
        r"(requests\.storage|persistentvolumeclaims))$",
        max_length=316,
    ),
    Form("write it as Kubernetes does, e.g. count/jobs.batch or requests.nvidia.com/gpu"),
]
"""What a quota counts, in the words of Kubernetes."""

_SCOPABLE = frozenset(
    {"pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"}
)


class Quota(Model):
    """A ResourceQuota: what all that is in the namespace may use together.

    A quota on a request or limit makes it a duty for every container to state it.
    """

    requests: QuotaRequests = defaults_of(QuotaRequests)
    """What may be requested."""
    limits: Amounts = defaults_of(Amounts)
    """What limits may add up to."""
    pods: Count | None = None
    """Pods that have not ended."""
    services: Count | None = None
    """Services."""
    load_balancers: Count | None = None
    """Services of type LoadBalancer, which cost money."""
    claims: Count | None = None
    """PersistentVolumeClaims."""
    hard: dict[QuotaKey, Quantity] = {}
    """What else is counted, in the words of Kubernetes: `count/jobs.batch`, `requests.nvidia.com/gpu`."""
    scope: Literal["Terminating", "NotTerminating", "BestEffort", "NotBestEffort"] | None = None
    """Only pods of this kind are counted."""
    priority_classes: list[Name] = []
    """Only pods of these PriorityClasses are counted."""

    def counted(self) -> dict[str, str]:
        """All that is counted, as Kubernetes writes it."""
        return {**{key: str(value) for key, value in self._intents() if value is not None}, **self.hard}

    def _intents(self) -> Iterator[tuple[str, str | int | None]]:
        yield "requests.cpu", self.requests.cpu
        yield "requests.memory", self.requests.memory
        yield "requests.ephemeral-storage", self.requests.ephemeral_storage
        yield "requests.storage", self.requests.storage
        yield "limits.cpu", self.limits.cpu
        yield "limits.memory", self.limits.memory
        yield "limits.ephemeral-storage", self.limits.ephemeral_storage
        yield "pods", self.pods
        yield "services", self.services
        yield "services.loadbalancers", self.load_balancers
        yield "persistentvolumeclaims", self.claims

    @model_validator(mode="after")
    def _counts_something_once(self) -> Self:
        refuse(self._problems())
        return self

    def _problems(self) -> Iterator[PydanticCustomError]:
        said = {key for key, value in self._intents() if value is not None}
        for key in self.hard:
            if key in said:
                message = f"{key} stands under a key of its own, too"
                yield problem("quota-twice", message, "keep one of the two", ("hard", key))
        if not self.counted():
            yield problem("quota-empty", "it counts nothing", "give e.g. `requests: {cpu: 8}` or `pods: 50`")
        if self.scope is None and not self.priority_classes:
            return
        allowed = {"pods"} if self.scope == "BestEffort" else _SCOPABLE
        for key in self.counted():
            if key not in allowed:
                message = f"of only some pods, Kubernetes cannot count {key}"
                yield problem("quota-scope", message, "count it in a quota without a scope")


class Ratios(Model):
    """How many times its request a limit may be."""

    cpu: PositiveCount | None = None
    """Limit of CPU by its request."""
    memory: PositiveCount | None = None
    """Limit of memory by its request."""


class PodRange(Model):
    """Bounds for the sum of a pod's containers."""

    min: Amounts = defaults_of(Amounts)
    """Requests are at least so much."""
    max: Amounts = defaults_of(Amounts)
    """Limits are at most so much."""
    max_limit_request_ratio: Ratios = defaults_of(Ratios)
    """How many times its request a limit may be."""

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        refuse(self._disorder())
        return self

    def _disorder(self) -> Iterator[PydanticCustomError]:
        yield from _unordered(("min", self.min), ("max", self.max))


class ContainerRange(PodRange):
    """What a container gets that says nothing, and its bounds."""

    default: Amounts = defaults_of(Amounts)
    """Limits of a container that gives none."""
    default_request: Amounts = defaults_of(Amounts)
    """Requests of a container that gives none."""

    def _disorder(self) -> Iterator[PydanticCustomError]:
        yield from _unordered(
            ("min", self.min),
            ("defaultRequest", self.default_request),
            ("default", self.default),
            ("max", self.max),
        )


class ClaimRange(Model):
    """Bounds for the size of a PersistentVolumeClaim."""

    min: Bytes | None = None
    """It is at least so large."""
    max: Bytes | None = None
    """It is at most so large."""

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.min is not None and self.max is not None and _value(self.min) > _value(self.max):
            message = f"the smallest size, {self.min}, is above the largest, {self.max}"
            raise problem("limit-range-order", message, "let min be at most max", ("min",), ("max",))
        return self


class LimitRange(Model):
    """A LimitRange: what a single container, pod or claim may ask for, and what it gets unasked."""

    container: ContainerRange | None = None
    """Each container."""
    pod: PodRange | None = None
    """Each pod as a whole."""
    persistent_volume_claim: ClaimRange | None = None
    """Each claim."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if not any(self.items()):
            raise problem(
                "limit-range-empty", "it limits nothing", "give e.g. `container: {max: {memory: 4Gi}}`"
            )
        return self

    def items(self) -> list[dict[str, str | dict[str, str]]]:
        """The items of the LimitRange as Kubernetes writes them."""
        found = [_item("Container", self.container), _item("Pod", self.pod)]
        if self.persistent_volume_claim is not None:
            sizes = {"max": self.persistent_volume_claim.max, "min": self.persistent_volume_claim.min}
            bounds = {bound: {"storage": size} for bound, size in sizes.items() if size is not None}
            found.append({"type": "PersistentVolumeClaim", **bounds} if bounds else {})
        return [item for item in found if item]


def _amounts(amounts: Amounts | Ratios) -> dict[str, str]:
    """What is given, as Kubernetes writes it."""
    disk = amounts.ephemeral_storage if isinstance(amounts, Amounts) else None
    every = {"cpu": amounts.cpu, "memory": amounts.memory, "ephemeral-storage": disk}
    return {key: str(amount) for key, amount in every.items() if amount is not None}


def _value(amount: str) -> Decimal:
    return parse_quantity(amount)


def _unordered(*steps: tuple[str, Amounts]) -> Iterator[PydanticCustomError]:
    """Amounts of which an earlier one is above a later one; Kubernetes refuses them."""
    given = [(key, _amounts(amounts)) for key, amounts in steps]
    for index, (lower, low) in enumerate(given):
        for upper, high in given[index + 1 :]:
            for resource in low:
                if resource in high and _value(low[resource]) > _value(high[resource]):
                    message = f"{resource} of {lower} ({low[resource]}) is above {upper} ({high[resource]})"
                    places: tuple[Place, ...] = ((lower,), (upper,))
                    yield problem("limit-range-order", message, f"let {lower} be at most {upper}", *places)


def _item(kind: str, bounds: PodRange | None) -> dict[str, str | dict[str, str]]:
    if bounds is None:
        return {}
    every = {
        "default": _amounts(bounds.default) if isinstance(bounds, ContainerRange) else {},
        "defaultRequest": _amounts(bounds.default_request) if isinstance(bounds, ContainerRange) else {},
        "max": _amounts(bounds.max),
        "min": _amounts(bounds.min),
        "maxLimitRequestRatio": _amounts(bounds.max_limit_request_ratio),
    }
    given = {key: amounts for key, amounts in every.items() if amounts}
    return {"type": kind, **given} if given else {}
