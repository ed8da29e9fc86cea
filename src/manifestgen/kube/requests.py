"""What pods ask for: what a scheduler sets aside for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from manifestgen.facts.quantities import amount
from manifestgen.kube.objects import Manifest
from manifestgen.kube.pods import one_before_the_other, side_by_side


def of_pod(pod: Mapping[str, Any], kind: str, resource: str, limit_ranges: Sequence[Manifest]) -> Decimal:
    """What the scheduler counts for one pod: its containers together, or the largest that runs before.

    ``kind`` is ``requests`` or ``limits``.
    """

    def each(containers: Iterable[Manifest]) -> list[Decimal]:
        found = (of_container(one, kind, resource, limit_ranges) for one in containers)
        return [one or Decimal(0) for one in found]

    return max([sum(each(side_by_side(pod)), Decimal(0)), *each(one_before_the_other(pod))])


def of_container(
    container: Mapping[str, Any], kind: str, resource: str, limit_ranges: Sequence[Manifest]
) -> Decimal | None:
    """A request or limit of a container, with what a limit or a LimitRange gives it by default."""
    resources = container.get("resources") or {}
    given = (resources.get(kind) or {}).get(resource)
    if given is None and kind == "requests":
        given = (resources.get("limits") or {}).get(resource)
    if given is None:
        given = _default(limit_ranges, kind, resource)
    return None if given is None else amount(given) or Decimal(0)


def _default(limit_ranges: Sequence[Manifest], kind: str, resource: str) -> Any:
    fields = ("defaultRequest", "default", "max") if kind == "requests" else ("default", "max")
    for made in limit_ranges:
        for item in (made.get("spec") or {}).get("limits") or ():
            if item.get("type") == "Container":
                for field in fields:
                    if resource in (item.get(field) or {}):
                        return item[field][resource]
    return None
