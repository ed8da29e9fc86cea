"""Figures of the spec as PromQL has them: shares as ratios, durations in seconds."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring import promql
from manifestgen.spec.base import Model


def figures(thresholds: Model) -> dict[str, str]:
    """Every field of ``thresholds`` by its name: 80 per cent becomes 0.8, ``5m`` becomes 300."""
    return dict(_figures(thresholds))


def _figures(thresholds: Model) -> Iterator[tuple[str, str]]:
    for name, field in type(thresholds).model_fields.items():
        value = getattr(thresholds, name)
        if isinstance(value, str):
            yield name, promql.number(parse_duration(value))
        elif any(getattr(bound, "le", None) == 100 for bound in field.metadata):  # a share in per cent
            yield name, promql.number(value / 100)
        else:
            yield name, promql.number(value)
