"""What a platform costs in a month, and what a change to it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from manifestgen.kube.usage import Uncounted, Usage
from manifestgen.spec.cost import Cost

GIB: Final = Decimal(2**30)


class Amount(NamedTuple):
    """Money in a month: with the fewest pods that may run, and with the most."""

    least: Decimal
    most: Decimal

    def __sub__(self, other: Amount) -> Amount:
        """What is more than ``other``."""
        return Amount(self.least - other.least, self.most - other.most)


_ZERO: Final = Decimal(0)
NOTHING: Final = Amount(_ZERO, _ZERO)


class Item(NamedTuple):
    """One workload: what it asks for now, what that costs, what it cost before."""

    name: str
    kind: str
    usage: Usage | None
    """None for what is no longer there."""
    cost: Amount
    before: Amount | None
    """None where nothing is known of before; nothing for what was not there."""


class Bill(NamedTuple):
    """One environment."""

    environment: str
    terms: Cost
    items: tuple[Item, ...]
    uncounted: tuple[Uncounted, ...]

    @property
    def total(self) -> Amount:
        """All items together."""
        return total(item.cost for item in self.items)

    @property
    def before(self) -> Amount | None:
        """All that was; None where nothing is known of it."""
        known = [item.before for item in self.items if item.before is not None]
        return total(known) if known else None


Counted = Sequence[Usage | Uncounted]


def bill(environment: str, terms: Cost, now: Counted, before: Counted | None) -> Bill:
    """The bill of an environment; ``before`` is what the committed tree asks for, None if there is none.

    Both are counted at the prices of today: what differs is what the spec changes.
    """
    usage = _by_identity(now)
    earlier = None if before is None else _by_identity(before)
    names = [*usage, *(key for key in earlier or () if key not in usage)]
    items = [_item(key, usage.get(key), earlier, terms) for key in names]
    uncounted = [one for one in now if isinstance(one, Uncounted)]
    uncounted += [lacking for one in usage.values() if (lacking := _without_price(one, terms))]
    return Bill(environment, terms, tuple(items), tuple(uncounted))


_Key = tuple[str, str]


def _item(key: _Key, usage: Usage | None, earlier: Mapping[_Key, Usage] | None, terms: Cost) -> Item:
    before = None
    if earlier is not None:
        before = cost_of(earlier[key], terms) if key in earlier else NOTHING
    return Item(*key, usage, NOTHING if usage is None else cost_of(usage, terms), before)


def _by_identity(counted: Counted) -> dict[_Key, Usage]:
    return {(one.name, one.kind): one for one in counted if isinstance(one, Usage)}


def cost_of(usage: Usage, terms: Cost) -> Amount:
    """What a workload costs in a month; what has no price costs nothing."""
    prices = terms.prices
    by_the_hour = {"cpu": _exact(prices.cpu), "memory": _exact(prices.memory) / GIB}
    by_the_hour |= {name: _exact(price) for name, price in prices.devices.items()}
    hour = _sum(by_the_hour.get(name, _ZERO) * many for name, many in usage.requests.items())
    month = _sum(_exact(_price_of(name, terms) or 0) * size / GIB for name, size in usage.volumes.items())
    each = hour * terms.hours + month
    return Amount(each * usage.pods.fewest, each * usage.pods.most)


def _exact(price: float) -> Decimal:
    """The price as it is written."""
    return Decimal(repr(price))


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, _ZERO)


def _price_of(storage_class: str, terms: Cost) -> float | None:
    return terms.prices.storage.get(storage_class, terms.prices.default_storage)


def _without_price(usage: Usage, terms: Cost) -> Uncounted | None:
    lacking = [
        f"volumes of {name or 'the default class'}"
        for name in usage.volumes
        if _price_of(name, terms) is None
    ]
    lacking += [name for name in usage.requests if "/" in name and name not in terms.prices.devices]
    if not lacking:
        return None
    return Uncounted(usage.name, usage.kind, f"without a price: {', '.join(lacking)}")


def total(amounts: Iterable[Amount]) -> Amount:
    """All of them together."""
    known = list(amounts)
    return Amount(_sum(one.least for one in known), _sum(one.most for one in known))
