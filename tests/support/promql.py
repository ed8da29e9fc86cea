"""PromQL as a tree, and what an expression reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import promql_parser


def nodes(node: Any) -> Iterator[Any]:
    """A PromQL syntax tree from the top down."""
    yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        child = getattr(node, name, None)
        if child is not None and not isinstance(child, (str, int, float)):
            yield from nodes(child)
    for child in getattr(node, "args", None) or []:
        yield from nodes(child)


def metrics_used(expressions: Iterable[str]) -> set[str]:
    """Names of all metrics and records that expressions select: of rules, or of the panels of dashboards."""
    return {
        node.name
        for expression in expressions
        for node in nodes(promql_parser.parse(expression))
        if isinstance(node, promql_parser.VectorSelector)
    }
