"""Where an alert draws its line: read from its expression, so that a panel can never show another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from manifestgen.monitoring.dashboards.shapes import Limit, Panel
from manifestgen.monitoring.rules import Alert

if TYPE_CHECKING:
    import promql_parser

_NAMES: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
"""What may be the name of a metric: cheaper than to read a query of a panel as PromQL."""
_MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


class Comparison(NamedTuple):
    """A figure and a number that it is compared with: in PromQL, with the metrics that it is made of."""

    figure: str
    metrics: frozenset[str]
    operator: str
    number: float


def limits_of(panel: Panel, alert: Alert) -> tuple[Limit, ...]:
    """The lines that ``alert`` draws through a figure that ``panel`` shows: one or none.

    None where it compares with another figure, or waits for one value among others.
    """
    shown = {name for query in panel.queries for name in _NAMES.findall(query.expr)}
    for comparison in comparisons(alert.expr):
        if comparison.metrics and comparison.metrics <= shown:
            return tuple(_limit(comparison, panel, alert.severity))
    return ()


@lru_cache(maxsize=1024)  # two environments have most of them in common
def comparisons(expr: str) -> tuple[Comparison, ...]:
    """What an expression compares with a number; the outermost first, on one level from left to right."""
    from promql_parser import parse

    level, found = [parse(expr)], []
    while level:
        found += [one for node in level for one in _comparison(node)]
        level = [child for node in level for child in _children(node)]
    return tuple(found)


def _limit(comparison: Comparison, panel: Panel, severity: str) -> Iterator[Limit]:
    """Of what is counted, more than none is one, and what is either 0 or 1 is in trouble at one of them."""
    number, whole = comparison.number, panel.whole
    if not isfinite(number):
        return
    match comparison.operator:
        case ">" if whole and number == 0:
            yield Limit(1, severity, above=True)
        case ">" | ">=" if number > 0:
            yield Limit(number, severity, above=True)
        case "<" | "<=":
            yield Limit(number, severity, above=False)
        case "==" if whole and number == 0:
            yield Limit(1, severity, above=False)
        case "==" if whole and number == 1 and panel.good == 0:
            yield Limit(1, severity, above=True)


def _comparison(node: Any) -> Iterator[Comparison]:
    from promql_parser import BinaryExpr, NumberLiteral

    if not isinstance(node, BinaryExpr) or (operator := str(node.op)) not in _MIRRORED:
        return
    figure, number = node.lhs, node.rhs
    if isinstance(figure, NumberLiteral):
        figure, number, operator = number, figure, _MIRRORED[operator]
    if isinstance(number, NumberLiteral):
        yield Comparison(figure.prettify(), frozenset(_metrics(figure)), operator, number.val)


def _metrics(node: Any) -> Iterator[str]:
    from promql_parser import VectorSelector

    if isinstance(node, VectorSelector) and node.name:
        yield node.name
    for child in _children(node):
        yield from _metrics(child)


def _children(node: Any) -> list[promql_parser.Expr]:
    """The expressions that one is made of."""
    parts = [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "vector_selector")]
    return [part for part in (*parts, *getattr(node, "args", ())) if part is not None]
