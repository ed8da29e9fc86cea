"""Comparisons and divisions: whether they can come out both ways, and by what is divided."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import promql_parser as promql

from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.expressions.spans import lasting
from manifestgen.monitoring.expressions.surroundings import Surroundings
from manifestgen.monitoring.expressions.tree import Node
from manifestgen.monitoring.flaw import Flaw

_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_TURNED: Final = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_AS_IT_IS: Final = frozenset(("sum", "max", "min", "avg", "quantile", "topk", "bottomk"))
_DIFFERENCES: Final = tree.RATES | frozenset(("delta", "idelta"))
_OVER_TIME: Final = frozenset(("avg_over_time", "max_over_time", "min_over_time", "last_over_time"))


def flaws(node: Node, there: Surroundings) -> Iterator[Flaw]:
    """Comparisons that always or never hold, and divisions by what may be zero."""
    for one in tree.walk(node):
        if isinstance(one, promql.BinaryExpr):
            if tree.operator(one) in _COMPARE:
                yield from _constant(one, there)
            elif tree.operator(one) == "/":
                yield from _division(one, there)


def never_for(node: Node, wait: float, there: Surroundings) -> Iterator[Flaw]:
    """Why an alert can never hold for ``wait`` seconds, if it cannot."""
    for selector in _zeros(node):
        for metric in there.metrics(selector):
            lasts = metric.family.zero_lasts
            if lasts and wait > parse_duration(lasts):
                yield Flaw(
                    "alert-never-fires",
                    f"{metric.name} stays 0 for {lasts} and is gone then: it never is for {lasting(wait)}",
                    f"let `for` be less than {lasts}, or count the series that are left",
                )


def _zeros(node: Node) -> Iterator[Node]:
    """Selectors whose series an alert lives by being 0."""
    node = tree.bare(node)
    if not isinstance(node, promql.BinaryExpr):
        return
    if tree.operator(node) in ("and", "unless"):
        yield from _zeros(node.lhs)
        return
    limit, inner = tree.number(node.rhs), tree.bare(node.lhs)
    compare = _COMPARE.get(tree.operator(node))
    if compare is not None and limit is not None and compare(0, limit) and not compare(1, limit):
        if isinstance(inner, promql.AggregateExpr) and inner.modifier is not None and inner.modifier.labels:
            inner = tree.bare(inner.expr)
        if isinstance(inner, promql.VectorSelector):
            yield inner


def _constant(comparison: Node, there: Surroundings) -> Iterator[Flaw]:
    sides = tree.number(comparison.lhs), tree.number(comparison.rhs)
    sign = tree.operator(comparison)
    if sides[1] is None and sides[0] is not None:
        limit, measured, sign = sides[0], comparison.rhs, _TURNED[sign]
    elif sides[1] is not None and sides[0] is None:
        limit, measured = sides[1], comparison.lhs
    else:
        return
    inner = tree.bare(measured)
    if not isinstance(inner, promql.VectorSelector):
        return
    bounds = _bounds(inner, there)
    if bounds is None:
        return
    what = f"{tree.name_of(inner)} is {bounds[2]}"
    samples = {_COMPARE[sign](value, limit) for value in _trials(bounds, limit)}
    if samples == {False}:
        yield Flaw("promql-never-true", f"{what}, so {sign} {limit:g} never holds", "compare it otherwise")
    elif samples == {True}:
        yield Flaw("promql-always-true", f"{what}, so {sign} {limit:g} always holds", "compare it otherwise")


def _bounds(selector: Node, there: Surroundings) -> tuple[float, float, str] | None:
    known = there.metrics(selector)
    if known and all(metric.family.unit == "bool" for metric in known):
        return 0, 1, "0 or 1"
    if known and all(metric.type == "counter" for metric in known):
        return 0, float("inf"), "a counter, which is never below 0"
    return None


def _trials(bounds: tuple[float, float, str], limit: float) -> set[float]:
    """Values that a series may have, on every side of the limit that there is."""
    low, high, _ = bounds
    if high == 1:
        return {low, high}
    around = {low, low + 1, limit - 1, limit, limit + 1}
    return {value for value in around if low <= value <= high}


def _division(division: Node, there: Surroundings) -> Iterator[Flaw]:
    why = _may_be_zero(division.rhs, there)
    if why is not None:
        yield Flaw(
            "promql-zero-divisor",
            f"it divides by {tree.shown(division.rhs)}, which may be 0: {why}",
            "put `> 0` behind the divisor, so that there is no result then",
        )


def _may_be_zero(node: Node, there: Surroundings) -> str | None:
    """Why the values of an expression are 0 in the life of a platform, None when they hardly are."""
    node = tree.bare(node)
    match node:
        case promql.AggregateExpr() if tree.operator(node) in _AS_IT_IS:
            return _may_be_zero(node.expr, there)
        case promql.Call() if node.func.name in _DIFFERENCES:
            return "nothing may happen for a while"
        case promql.Call() if node.func.name in _OVER_TIME:
            return _may_be_zero(node.args[0], there)
        case promql.MatrixSelector():
            return _may_be_zero(node.vector_selector, there)
        case promql.VectorSelector():
            return _selected(node, there)
        case promql.BinaryExpr():
            return _combined(node, there)
    return None


def _selected(selector: Node, there: Surroundings) -> str | None:
    for metric in there.metrics(selector):
        if metric.family.zero:
            return f"for {metric.name} that means {metric.family.zero}"
    name = tree.name_of(selector)
    reasons = (_may_be_zero(expr, there) for expr in (there.record(name) if name else ()))
    return next(filter(None, reasons), None)


def _combined(node: Node, there: Surroundings) -> str | None:
    left, right = _may_be_zero(node.lhs, there), _may_be_zero(node.rhs, there)
    match tree.operator(node):
        case "+":
            return left and right
        case "*" | "or":
            return left or right
        case sign if sign in _COMPARE:
            limit = tree.number(node.rhs)
            is_guard = limit is not None and not _COMPARE[sign](0, limit)
            return None if is_guard else left
        case "and" | "unless" | "/":
            return left
    return None
