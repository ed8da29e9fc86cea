"""Figures of objects, as far as they can be read: schemas let pass any text."""

from __future__ import annotations

from math import ceil


def share(figure: int | str, count: int) -> int | None:
    """A number of pods, or a share of them rounded up, as Kubernetes rounds; None for another text."""
    if isinstance(figure, int):
        return figure
    number = figure.removesuffix("%")
    if not number.isdigit():
        return None
    return ceil(int(number) * count / 100) if figure.endswith("%") else None
