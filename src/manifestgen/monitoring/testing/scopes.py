"""Labels on the way down a tree: which ones the series of a node need, for what stands above it."""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.testing.goals import Scope
from manifestgen.monitoring.testing.tree import Aggregate, Binary, Call, Node, Number, Selector, Subquery

ABSENT: Final = ("absent", "absent_over_time")
_NO_LABELS: Final[frozenset[str]] = frozenset()


def of_left(node: Binary, scope: Scope) -> Scope:
    """The scope of the left side of an operation."""
    return Scope(scope.needed | _shared(node), scope.fixed, scope.shift)


def of_right(node: Binary, scope: Scope) -> Scope:
    """The scope of the right side of an operation."""
    needed = scope.needed | _shared(node) | frozenset(node.matching.brought)
    return Scope(needed, scope.fixed, scope.shift)


def inside(node: Aggregate, scope: Scope) -> Scope:
    """The scope of what is aggregated."""
    needed = scope.needed if node.without else frozenset(node.labels)
    return Scope(needed, scope.fixed, scope.shift)


def of_record(selector: Selector, scope: Scope) -> Scope:
    """The scope of the expression of a record that is selected."""
    return ago(selector, scope).with_labels(positive(selector))


def ago(node: Selector | Subquery, scope: Scope) -> Scope:
    """The scope of what is looked at by an offset."""
    return scope._replace(shift=scope.shift + node.offset) if node.offset else scope


def positive(selector: Selector) -> frozenset[str]:
    """Labels that the matchers of a selector ask for."""
    return frozenset(m.label for m in selector.matchers if m.op == "=~" or (m.op == "=" and m.value))


def _shared(node: Binary) -> frozenset[str]:
    """Labels that the series of both sides need in order to find each other."""
    if node.matching.on:
        return frozenset(node.matching.labels)
    if isinstance(node.left, Number) or isinstance(node.right, Number):
        return _NO_LABELS
    return (_labels(node.left) | _labels(node.right)) - frozenset(node.matching.labels)


def _labels(node: Node) -> frozenset[str]:
    """Labels that an expression's result has for sure."""
    match node:
        case Selector():
            return positive(node)
        case Aggregate():
            return _labels(node.inner) - frozenset(node.labels) if node.without else frozenset(node.labels)
        case Binary():
            return _labels(node.left) | (_NO_LABELS if node.matching.on else _labels(node.right))
        case Call():
            return _labels_of_call(node)
        case Subquery():
            return _labels(node.inner)
        case _:
            return _NO_LABELS


def _labels_of_call(node: Call) -> frozenset[str]:
    if node.function in ABSENT or not node.arguments:
        return _NO_LABELS
    if node.function == "histogram_quantile":
        return _labels(node.arguments[1]) - {"le"}
    return _labels(node.arguments[0])
