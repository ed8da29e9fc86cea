"""Expressions of PromQL as values of our own: what the tests are worked out from.

promql-parser makes a new object with every look at a node, so each expression is taken over once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from manifestgen.monitoring.testing.unsolved import UnsolvedError

COMPARISONS: Final = frozenset({">", ">=", "<", "<=", "==", "!="})
SETS: Final = frozenset({"and", "or", "unless"})


class Number(NamedTuple):
    """A literal number."""

    value: float


class Words(NamedTuple):
    """A literal string."""

    text: str
    kind: str = "words"


class Matcher(NamedTuple):
    """One condition on a label: ``=``, ``!=``, ``=~`` or ``!~``."""

    label: str
    op: str
    value: str


class Selector(NamedTuple):
    """Series by name and labels: their value ``offset`` seconds ago, or all within ``window`` seconds."""

    name: str
    matchers: tuple[Matcher, ...]
    window: float
    offset: float


class Call(NamedTuple):
    """A function of PromQL."""

    function: str
    arguments: tuple[Node, ...]


class Aggregate(NamedTuple):
    """``sum by (…)`` and its like; ``parameter`` is the k of topk or the φ of quantile."""

    op: str
    labels: tuple[str, ...]
    without: bool
    parameter: Node | None
    inner: Node


class Matching(NamedTuple):
    """How the two sides of an operation find each other: on the named labels, or on all but these."""

    on: bool = False
    labels: tuple[str, ...] = ()
    many: str = ""
    """``left`` or ``right``: the side that may have several series for one of the other."""
    brought: tuple[str, ...] = ()
    """Labels that the one side gives to the many."""


class Binary(NamedTuple):
    """An operation of two sides."""

    op: str
    left: Node
    right: Node
    matching: Matching
    as_bool: bool


class Subquery(NamedTuple):
    """An expression evaluated every ``step`` seconds (0: at each evaluation) within ``window``."""

    inner: Node
    window: float
    step: float
    offset: float


Node = Number | Words | Selector | Call | Aggregate | Binary | Subquery


class Recording(NamedTuple):
    """A recording rule: what it records, and the labels that it puts on that."""

    node: Node
    labels: tuple[tuple[str, str], ...] = ()


_MATCH_OPS: Final = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
_MANY: Final = {"ManyToOne": "left", "OneToMany": "right"}


@lru_cache(maxsize=4096)
def parse(expr: str) -> Node:
    """The expression as a tree. Raises UnsolvedError for what cannot be read, and for ``@``."""
    import promql_parser

    try:
        parsed = promql_parser.parse(expr)
    except ValueError as error:
        raise UnsolvedError("promql-parser does not read the expression") from error
    return _node(parsed)


def selectors(node: Node) -> list[Selector]:
    """Every selector of the tree, from left to right."""
    found: list[Selector] = []
    _collect(node, found)
    return found


def _collect(node: Node, found: list[Selector]) -> None:
    if isinstance(node, Selector):
        found.append(node)
    else:
        for child in children(node):
            _collect(child, found)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Call():
            return node.arguments
        case Aggregate():
            return (node.inner,) if node.parameter is None else (node.parameter, node.inner)
        case Binary():
            return (node.left, node.right)
        case Subquery():
            return (node.inner,)
        case _:
            return ()


def _node(e: Any) -> Node:
    reader = _READERS.get(type(e).__name__)
    if reader is None:
        raise UnsolvedError(f"{type(e).__name__} is not understood")
    return reader(e)


def _selector(e: Any, window: float = 0) -> Selector:
    if e.at is not None:
        raise UnsolvedError("a time fixed by `@` cannot be tested")
    if e.matchers.or_matchers:
        raise UnsolvedError("alternatives joined by `or` within a selector are not understood")
    matchers = [
        Matcher(m.name, _MATCH_OPS[str(m.op).partition(".")[2]], m.value) for m in e.matchers.matchers
    ]
    name = e.name or next((m.value for m in matchers if m.label == "__name__" and m.op == "="), None)
    if name is None:
        raise UnsolvedError("a selector without a name may mean any series")
    return Selector(name, tuple(m for m in matchers if m.label != "__name__"), window, _seconds(e.offset))


def _subquery(e: Any) -> Subquery:
    if e.at is not None:
        raise UnsolvedError("a time fixed by `@` cannot be tested")
    return Subquery(_node(e.expr), _seconds(e.range), _seconds(e.step), _seconds(e.offset))


def _aggregate(e: Any) -> Aggregate:
    modifier = e.modifier
    labels = tuple(modifier.labels) if modifier else ()
    without = modifier is not None and str(modifier.type).endswith("Without")
    parameter = None if e.param is None else _node(e.param)
    return Aggregate(str(e.op), labels, without, parameter, _node(e.expr))


def _binary(e: Any) -> Binary:
    modifier = e.modifier
    as_bool = modifier is not None and modifier.return_bool
    return Binary(str(e.op), _node(e.lhs), _node(e.rhs), _matching(modifier), as_bool)


def _matching(modifier: Any) -> Matching:
    if modifier is None:
        return Matching()
    many = _MANY.get(str(modifier.card).partition(".")[2], "")
    brought = tuple(modifier.group_labels or ()) if many else ()
    if modifier.matching is None:
        return Matching(many=many, brought=brought)
    on = str(modifier.matching.type).endswith("Include")
    return Matching(on, tuple(modifier.matching.labels), many, brought)


def _negation(e: Any) -> Binary:
    return Binary("*", _node(e.expr), Number(-1.0), Matching(), False)


def _seconds(duration: Any) -> float:
    return 0.0 if duration is None else float(duration.total_seconds())


_READERS: Final[dict[str, Callable[[Any], Node]]] = {
    "NumberLiteral": lambda e: Number(e.val),
    "StringLiteral": lambda e: Words(e.val),
    "ParenExpr": lambda e: _node(e.expr),
    "UnaryExpr": _negation,
    "VectorSelector": _selector,
    "MatrixSelector": lambda e: _selector(e.vector_selector, _seconds(e.range)),
    "SubqueryExpr": _subquery,
    "Call": lambda e: Call(e.func.name, tuple(_node(argument) for argument in e.args)),
    "AggregateExpr": _aggregate,
    "BinaryExpr": _binary,
}
