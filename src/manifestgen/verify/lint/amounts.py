"""Figures of objects, as far as they can be read: schemas let pass any text."""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from typing import Any

from manifestgen.facts.quantities import parse_quantity


def amount(quantity: Any) -> Decimal | None:
    """The value of a quantity; None for what is none, or is written as we do not read it (``1e3``)."""
    try:
        return None if quantity is None else parse_quantity(str(quantity))
    except ValueError:
        return None


def share(figure: int | str, count: int) -> int | None:
    """A number of pods, or a share of them rounded up, as Kubernetes rounds; None for another text."""
    if isinstance(figure, int):
        return figure
    number = figure.removesuffix("%")
    if not number.isdigit():
        return None
    return ceil(int(number) * count / 100) if figure.endswith("%") else None
