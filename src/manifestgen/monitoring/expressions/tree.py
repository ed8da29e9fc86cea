"""The syntax tree of an expression, and how to walk it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any, Final

import promql_parser as promql

Node = Any
"""A node of the tree; the parser gives all nodes one base without the fields that they have."""

COMPARISONS: Final = frozenset(("==", "!=", ">", "<", ">=", "<="))
RATES: Final = frozenset(("rate", "increase", "irate"))
"""Functions that want a counter and two samples of it."""
TRENDS: Final = frozenset(("delta", "idelta", "deriv", "predict_linear"))
"""Functions that want a gauge."""


_MOST_SIGNS: Final = 3000
"""Operators and parentheses in an expression; some thousands more, and the parser runs out of stack."""
_DEEPEST: Final = 200
_QUOTED: Final = re.compile(r""" "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | `[^`]*` """, re.VERBOSE | re.DOTALL)
_SIGN: Final = re.compile(r"[-+*/%^(<>=!]|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)


def parse(text: str) -> Node:
    """The tree of an expression. ValueError when it is no PromQL, or more than anyone could read."""
    signs = _SIGN.findall(re.sub(r"\{[^{}]*\}", "", _QUOTED.sub("", text)))
    if len(signs) > _MOST_SIGNS:
        raise ValueError(f"it has more than {_MOST_SIGNS} operators and parentheses")
    node = promql.parse(text)
    _check(node)
    return node


def _check(root: Node) -> None:
    """ValueError for a tree that is too deep to walk, or with a duration that is longer than time."""
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError(f"it is nested more than {_DEEPEST} levels deep")
        for node in level:
            for field in ("range", "offset", "step"):
                try:
                    getattr(node, field, None)
                except (OverflowError, ValueError):
                    raise ValueError(f"its {field} is longer than Prometheus counts") from None
        level = [child for node in level for child in children(node)]


def children(node: Node) -> Iterator[Node]:
    """The nodes just below a node, from left to right."""
    match node:
        case promql.BinaryExpr():
            yield from (node.lhs, node.rhs)
        case promql.AggregateExpr():
            if node.param is not None:
                yield node.param
            yield node.expr
        case promql.Call():
            yield from node.args
        case promql.MatrixSelector():
            yield node.vector_selector
        case promql.UnaryExpr() | promql.ParenExpr() | promql.SubqueryExpr():
            yield node.expr


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, from the top down."""
    yield node
    for child in children(node):
        yield from walk(child)


def selectors(node: Node) -> Iterator[Node]:
    """All selectors of instant vectors, also those that a range is taken of."""
    return (one for one in walk(node) if isinstance(one, promql.VectorSelector))


def bare(node: Node) -> Node:
    """A node without the parentheses around it."""
    while isinstance(node, promql.ParenExpr):
        node = node.expr
    return node


def operator(node: Node) -> str:
    """The operator of a binary expression or an aggregation."""
    return str(node.op)


def number(node: Node) -> float | None:
    """The number that a node is, None for anything else."""
    node = bare(node)
    if isinstance(node, promql.NumberLiteral):
        return node.val
    if isinstance(node, promql.UnaryExpr):
        inner = number(node.expr)
        return None if inner is None else -inner
    return None


def shown(node: Node) -> str:
    """A node on one line, shortened as messages have it."""
    text = re.sub(r"\s+", " ", str(node.prettify())).strip()
    return text if len(text) <= 60 else f"{text[:57]}…"


def matches(matcher: Any, value: str) -> bool:
    """Whether a matcher takes a value; a pattern that Python cannot read takes everything."""
    match matcher.op:
        case promql.MatchOp.Equal:
            return bool(value == matcher.value)
        case promql.MatchOp.NotEqual:
            return bool(value != matcher.value)
        case promql.MatchOp.Re:
            return _fits(matcher.value, value) is not False
        case _:
            return _fits(matcher.value, value) is not True


def _fits(pattern: str, value: str) -> bool | None:
    try:
        with warnings.catch_warnings(action="ignore"):  # Python's of what Go reads as it stands
            return re.fullmatch(pattern, value) is not None
    except (re.error, OverflowError, RecursionError):
        return None


def is_equality(matcher: Any) -> bool:
    """Whether a matcher wants one value."""
    return bool(matcher.op == promql.MatchOp.Equal)


def matchers(selector: Node) -> list[Any]:
    """The matchers of a selector; none where it gives alternatives, of which nothing is said here."""
    return [] if selector.matchers.or_matchers else list(selector.matchers.matchers)


def name_of(selector: Node) -> str | None:
    """The name of the metric that a selector wants, None when it wants several or any."""
    if selector.name is not None:
        return str(selector.name)
    named = [one.value for one in matchers(selector) if one.name == "__name__" and is_equality(one)]
    return named[0] if len(named) == 1 else None
