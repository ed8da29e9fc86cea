"""How far an expression looks back: at enough samples, and not beyond what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import promql_parser as promql

from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.expressions.surroundings import Surroundings
from manifestgen.monitoring.expressions.tree import Node
from manifestgen.monitoring.flaw import Flaw

_NEEDED: Final = 2
"""Samples that a rate is made from."""
_WISE: Final = 4
"""Samples that a range should hold, so that one that is late or lost does no harm."""


def flaws(node: Node, there: Surroundings) -> Iterator[Flaw]:
    """Ranges that are too short for a rate, or longer than Prometheus remembers."""
    for one in tree.walk(node):
        if isinstance(one, promql.Call) and one.func.name in tree.RATES | tree.TRENDS:
            yield from _samples(one, there)
    back = reach(node)
    if back > there.retention:
        yield Flaw(
            "promql-range",
            f"it looks back {lasting(back)}, and Prometheus keeps its data for {there.retention_text}",
            "look back less far, or raise monitoring.retention",
        )


def _samples(call: Node, there: Surroundings) -> Iterator[Flaw]:
    argument = call.args[0]
    if not isinstance(argument, promql.MatrixSelector):
        return
    name = tree.name_of(argument.vector_selector) or ""
    is_record = there.has_record(name)
    interval = there.evaluation_interval if is_record else there.scrape_interval
    seconds = _range(argument)
    many = "evaluations" if is_record else "scrapes"
    if seconds < _NEEDED * interval:
        yield Flaw(
            "promql-range",
            f"{call.func.name}() needs {_NEEDED} samples; {lasting(seconds)} may hold one: "
            f"{many} are every {lasting(interval)}",
            f"use [{lasting(_WISE * interval)}] or more",
        )
    elif seconds < _WISE * interval:
        yield Flaw(
            "promql-range-short",
            f"{lasting(seconds)} holds {seconds / interval:.2g} {many}: one that is lost leaves a gap",
            f"use [{lasting(_WISE * interval)}] or more",
        )


def reach(node: Node) -> float:
    """How many seconds before its own time an expression looks at samples."""
    below = max(map(reach, tree.children(node)), default=0.0)
    match node:
        case promql.VectorSelector():
            return _offset(node)
        case promql.MatrixSelector():
            return below + _range(node)
        case promql.SubqueryExpr():
            return below + _range(node) + _offset(node)
    return below


def _range(node: Node) -> float:
    return float(node.range.total_seconds())


def _offset(node: Node) -> float:
    """How far back it is moved; one that stands at a moment looks back from there."""
    return 0.0 if node.offset is None or node.at is not None else float(node.offset.total_seconds())


def lasting(seconds: float) -> str:
    """A duration as Prometheus writes it."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
