"""How metrics are used: rates of counters, trends of gauges, quantiles of histograms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import promql_parser as promql

from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.expressions.shapes import Shaper
from manifestgen.monitoring.expressions.surroundings import Surroundings
from manifestgen.monitoring.expressions.tree import Node
from manifestgen.monitoring.flaw import Flaw

_OF_BUCKETS: Final = frozenset(("histogram_quantile", "histogram_fraction"))
_MIXING: Final = frozenset(("sum", "avg"))


def flaws(node: Node, there: Surroundings) -> Iterator[Flaw]:
    """What a metric is used for that its type does not allow."""
    for one in tree.walk(node):
        match one:
            case promql.Call() if one.func.name in tree.RATES:
                yield from _rate(one, there)
            case promql.Call() if one.func.name in tree.TRENDS:
                yield from _trend(one, there)
            case promql.Call() if one.func.name in _OF_BUCKETS:
                yield from _quantile(one, there)
            case promql.AggregateExpr() if tree.operator(one) in _MIXING:
                yield from _mixed(one, there)
            case promql.BinaryExpr() if tree.operator(one) in tree.COMPARISONS:
                yield from _compared(one, there)


def _rate(call: Node, there: Surroundings) -> Iterator[Flaw]:
    function, argument = call.func.name, call.args[0]
    if isinstance(argument, promql.SubqueryExpr):
        inner = tree.bare(argument.expr)
        if isinstance(inner, promql.AggregateExpr) and _has_counters(inner, there):
            yield _of_sum(function, "an aggregation")
        return
    selector = argument.vector_selector
    name = tree.name_of(selector) or ""
    if there.type_of(selector) == "gauge":
        yield Flaw(
            "promql-type",
            f"{function}() of {name}, which is a gauge: whenever it falls, that counts as a restart",
            "use delta() or deriv(), or avg_over_time()",
        )
    elif any(isinstance(tree.bare(expr), promql.AggregateExpr) for expr in there.record(name)):
        yield _of_sum(function, f"the record {name}")


def _of_sum(function: str, what: str) -> Flaw:
    return Flaw(
        "promql-type",
        f"{function}() of {what}: when one of the counters in it starts again at 0, that counts as all",
        f"take the {function} first and add up then",
    )


def _has_counters(node: Node, there: Surroundings) -> bool:
    if any(isinstance(one, promql.Call) for one in tree.walk(node)):
        return False
    return any(there.type_of(selector) == "counter" for selector in tree.selectors(node))


def _trend(call: Node, there: Surroundings) -> Iterator[Flaw]:
    argument = call.args[0]
    if not isinstance(argument, promql.MatrixSelector):
        return
    selector = argument.vector_selector
    if there.type_of(selector) == "counter":
        yield Flaw(
            "promql-type",
            f"{call.func.name}() of {tree.name_of(selector)}, which is a counter: a restart counts as a fall",
            "use rate() or increase()",
        )


def _quantile(call: Node, there: Surroundings) -> Iterator[Flaw]:
    argument = call.args[-1]
    function = call.func.name
    shape = Shaper(there.shape).of(argument)
    strangers = [one for one in tree.selectors(argument) if _is_no_bucket(one, there)]
    if strangers:
        yield Flaw(
            "promql-type",
            f"{function}() of {tree.name_of(strangers[0])}, which is no histogram's series of buckets",
            "use the series that ends in _bucket",
        )
    elif shape is not None and not shape.may_have("le"):
        message = f"{function}() of series without the label le, which holds the edges of the buckets"
        yield Flaw("promql-type", message, "keep it: sum by (le, …) (rate(…))")


def _is_no_bucket(selector: Node, there: Surroundings) -> bool:
    known = there.metrics(selector)
    return bool(known) and not any("le" in one.labels or one.type == "histogram" for one in known)


def _mixed(aggregation: Node, there: Surroundings) -> Iterator[Flaw]:
    inner = tree.bare(aggregation.expr)
    if isinstance(inner, promql.VectorSelector) and there.type_of(inner) == "summary":
        yield Flaw(
            "promql-type",
            f"{tree.operator(aggregation)} of quantiles of {tree.name_of(inner)} is no quantile of anything",
            "divide the rates of its _sum and _count for a mean, or take the max",
        )


def _compared(comparison: Node, there: Surroundings) -> Iterator[Flaw]:
    """A counter as it stands, held against a number above zero."""
    limit, inner = tree.number(comparison.rhs), tree.bare(comparison.lhs)
    if limit is None or limit <= 0 or tree.operator(comparison) not in (">", ">="):
        return
    while isinstance(inner, promql.AggregateExpr) and tree.operator(inner) in ("sum", "max", "min", "avg"):
        inner = tree.bare(inner.expr)
    if isinstance(inner, promql.VectorSelector) and there.type_of(inner) == "counter":
        name = tree.name_of(inner)
        yield Flaw(
            "promql-counter",
            f"{name} counts since the start of its process: once it is over {limit:g}, it stays so",
            f"compare what was added: increase({name}[5m]), or rate() of it",
        )
