"""Which labels the series of an expression have, by the rules that Prometheus evaluates it by.

https://prometheus.io/docs/prometheus/latest/querying/operators/ and .../functions/. The name of the metric is
no label here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import promql_parser as promql

from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.expressions.tree import Node

Labels = frozenset[str]

_CHOOSE: Final = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
"""Aggregations that give some of the series as they are."""
_OF_NOTHING: Final = frozenset(
    (
        "vector",
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "days_in_month",
        "hour",
        "minute",
        "month",
        "year",
    )
)
"""Functions that give one series without labels when they are given no vector."""


class Shape(NamedTuple):
    """Labels of series: those that each has, those that some may have (None: any), values that all share."""

    sure: Labels = frozenset()
    maybe: Labels | None = frozenset()
    fixed: Mapping[str, str] = MappingProxyType({})

    def may_have(self, label: str) -> bool:
        """Whether some series may have the label."""
        return self.maybe is None or label in self.maybe

    def keep(self, labels: Collection[str]) -> Shape:
        """Without all labels but these."""
        wanted = frozenset(labels)
        maybe = wanted if self.maybe is None else self.maybe & wanted
        return Shape(self.sure & wanted, maybe, {k: v for k, v in self.fixed.items() if k in wanted})

    def drop(self, labels: Collection[str]) -> Shape:
        """Without these labels."""
        maybe = None if self.maybe is None else self.maybe - frozenset(labels)
        fixed = {key: value for key, value in self.fixed.items() if key not in labels}
        return Shape(self.sure - frozenset(labels), maybe, fixed)

    def with_some(self, label: str) -> Shape:
        """With a label that a series may have or not, of whatever value."""
        without = self.drop([label])
        return without._replace(maybe=None if without.maybe is None else without.maybe | {label})

    def with_each(self, label: str) -> Shape:
        """With a label that each series has, of whatever value."""
        some = self.with_some(label)
        return some._replace(sure=some.sure | {label})

    def either(self, other: Shape) -> Shape:
        """The series of both."""
        maybe = None if self.maybe is None or other.maybe is None else self.maybe | other.maybe
        fixed = {key: value for key, value in self.fixed.items() if other.fixed.get(key) == value}
        return Shape(self.sure & other.sure, maybe, fixed)


ANY: Final = Shape(maybe=None)
"""Series of which nothing is known."""

Lookup = Callable[[Node], Shape]
"""Says which labels the series of a selector have, before its matchers are looked at."""


class Mismatch(NamedTuple):
    """Two sides of an operation that have no series in common, and why."""

    node: Node
    why: str


class Shaper:
    """Infers labels, and collects on the way what can never match."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.mismatches: list[Mismatch] = []

    def of(self, node: Node) -> Shape | None:
        """The labels of the series that ``node`` gives; None when it is a number or text."""
        match node:
            case promql.VectorSelector():
                return narrowed(self._lookup(node), tree.matchers(node))
            case promql.MatrixSelector():
                return self.of(node.vector_selector)
            case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
                return self.of(node.expr)
            case promql.AggregateExpr():
                return self._aggregated(node, self.of(node.expr) or ANY)
            case promql.Call():
                return self._called(node)
            case promql.BinaryExpr():
                return self._combined(node)
        return None

    def _aggregated(self, node: Node, inner: Shape) -> Shape:
        name = tree.operator(node)
        if name in _CHOOSE:
            return inner
        grouped = _grouped(node.modifier, inner)
        if name == "count_values" and isinstance(node.param, promql.StringLiteral):
            return grouped.with_each(node.param.val)
        return grouped

    def _called(self, node: Node) -> Shape | None:
        name, shapes = node.func.name, [self.of(argument) for argument in node.args]
        inner = next((shape for shape in shapes if shape is not None), None)
        if node.func.return_type == promql.ValueType.Scalar:
            return None
        if name in _OF_NOTHING and (inner is None or name == "vector"):
            return Shape()
        if inner is None or name == "info":
            return ANY
        return _changed(node, name, inner)

    def _combined(self, node: Node) -> Shape | None:
        left, right = self.of(node.lhs), self.of(node.rhs)
        if left is None or right is None:
            return left if right is None else right
        how = _Matching.of(node.modifier)
        operator = tree.operator(node)
        if operator == "or":
            return left.either(right)
        if operator == "unless":
            return left
        why = _difference(left, right, how)
        if why is not None and not how.fills:
            self.mismatches.append(Mismatch(node, why))
        if operator == "and":
            return left
        return _result(left, right, how)


def narrowed(shape: Shape, matchers: list[Any]) -> Shape:
    """The labels of those series that matchers take."""
    for matcher in matchers:
        if matcher.name == "__name__":
            continue
        if not tree.matches(matcher, ""):
            shape = shape._replace(
                sure=shape.sure | {matcher.name},
                maybe=None if shape.maybe is None else shape.maybe | {matcher.name},
            )
            if tree.is_equality(matcher):
                shape = shape._replace(fixed={**shape.fixed, matcher.name: matcher.value})
        elif tree.is_equality(matcher):
            shape = shape.drop([matcher.name])
    return shape


class _Matching(NamedTuple):
    """How the two sides of an operation find each other."""

    labels: Labels
    is_on: bool
    many: str
    include: tuple[str, ...]
    fills: bool

    @classmethod
    def of(cls, modifier: Any) -> _Matching:
        if modifier is None:
            return cls(frozenset(), is_on=False, many="", include=(), fills=False)
        matching = modifier.matching
        fill = modifier.fill_values
        return cls(
            frozenset(matching.labels if matching is not None else ()),
            matching is not None and matching.type == promql.LabelModifierType.Include,
            _many(modifier.card),
            tuple(modifier.group_labels or ()),
            fill is not None and (fill.lhs is not None or fill.rhs is not None),
        )

    def compares(self, label: str) -> bool:
        """Whether two series must agree in the label."""
        return label != "__name__" and (label in self.labels) == self.is_on


def _many(card: Any) -> str:
    """The side of which several series may have the same partner."""
    if card == promql.VectorMatchCardinality.ManyToOne:
        return "left"
    return "right" if card == promql.VectorMatchCardinality.OneToMany else ""


def _difference(left: Shape, right: Shape, how: _Matching) -> str | None:
    """Why no series of one side ever has a partner on the other; None when some may have."""
    for one, other, sides in ((left, right, ("left", "right")), (right, left, ("right", "left"))):
        for label in sorted(filter(how.compares, one.sure)):
            if not other.may_have(label):
                return f"series on the {sides[0]} have the label {label}, those on the {sides[1]} never do"
    for label, value in left.fixed.items():
        if how.compares(label) and right.fixed.get(label, value) != value:
            return f"{label} is {value} on the left and {right.fixed[label]} on the right"
    return None


def _result(left: Shape, right: Shape, how: _Matching) -> Shape:
    if not how.many:
        return left.keep(how.labels) if how.is_on else left.drop(how.labels)
    many, one = (left, right) if how.many == "left" else (right, left)
    for label in how.include:
        many = many.drop([label])
        if one.may_have(label):
            many = many.with_each(label) if label in one.sure else many.with_some(label)
        if label in one.fixed:
            many = many._replace(fixed={**many.fixed, label: one.fixed[label]})
    return many


def _grouped(modifier: Any, inner: Shape) -> Shape:
    if modifier is None:
        return Shape()
    if modifier.type == promql.AggModifierType.By:
        return inner.keep(modifier.labels)
    return inner.drop(modifier.labels)


def _changed(node: Node, name: str, inner: Shape) -> Shape:
    """What a function makes of the labels of its vector; most leave them as they are."""
    if name in ("absent", "absent_over_time"):
        return _absent(node.args[0])
    if name in ("histogram_quantile", "histogram_fraction"):
        return inner.drop(["le"])
    if name in ("label_replace", "label_join"):
        return inner.with_some(node.args[1].val)
    return inner


def _absent(argument: Node) -> Shape:
    """Labels of what is missing: those that the selector itself asks for by equality, each once."""
    inner = tree.bare(argument)
    if isinstance(inner, promql.MatrixSelector):
        inner = inner.vector_selector
    if not isinstance(inner, promql.VectorSelector):
        return Shape()
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    for matcher in tree.matchers(inner):
        if matcher.name in found or not tree.is_equality(matcher):
            doubtful.add(matcher.name)
        elif matcher.name != "__name__" and matcher.value:
            found[matcher.name] = matcher.value
    sure = {label: value for label, value in found.items() if label not in doubtful}
    if inner is not argument:  # whether parentheses are looked through depends on the version of Prometheus
        return Shape(maybe=frozenset(found))
    return Shape(frozenset(sure), frozenset(found), sure)
