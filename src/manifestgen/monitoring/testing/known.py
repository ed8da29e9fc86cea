"""Values that need no search: of what holds no series, of settled series, of what may have any."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from manifestgen.monitoring.testing.functions import COMPARE
from manifestgen.monitoring.testing.goals import Aim, Fixed, Line, Margin, Scope, target
from manifestgen.monitoring.testing.invert import combined
from manifestgen.monitoring.testing.labelling import may_select
from manifestgen.monitoring.testing.scopes import ABSENT, inside, of_left, of_record, of_right
from manifestgen.monitoring.testing.tree import (
    COMPARISONS,
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    Recording,
    Selector,
    Subquery,
)
from manifestgen.monitoring.testing.unsolved import UnsolvedError

RecordTrees = Mapping[str, tuple[Recording, ...]]
"""The recording rules by the name they record to."""

_USUAL: Final = Line(100.0)
_USUAL_SPEED: Final = Line(10.0)
_USUAL_COUNT: Final = Line(3.0)
_ONE: Final = Line(1.0)
_GROWTH: Final = frozenset({"rate", "irate", "deriv"})


class Known:
    """What is known of the values of an expression's parts while they are settled one after another."""

    def __init__(self, records: RecordTrees, margin: Margin) -> None:
        self._records = records
        self._margin = margin
        self.decided: dict[tuple[Node, Fixed, float], Line] = {}
        self.speeds: dict[Node, Line] = {}

    def decide(self, node: Node, value: Line, scope: Scope) -> bool:
        """Note what a node is to give; False when that was known. Raises UnsolvedError if it was another."""
        key = (node, scope.fixed, scope.shift)
        before = self.decided.get(key)
        if before is None:
            if math.isnan(value.start):
                raise UnsolvedError("no value fulfils it")
            self.decided[key] = value
            if isinstance(node, Call) and node.function in _GROWTH:
                self.speeds.setdefault(_any_window(node.arguments[0]), value)
            return True
        if not math.isclose(before.start, value.start, rel_tol=1e-9, abs_tol=1e-12):
            raise UnsolvedError("two conditions want different values of the same series")
        return False

    def record(self, node: Node) -> Node | None:
        """The expression behind a selector of a record; None for everything else."""
        if not isinstance(node, Selector):
            return None
        rules = self._records.get(node.name, ())
        return next((rule.node for rule in rules if may_select(node, rule.labels)), None)

    def behind(self, node: Node) -> Node:
        """The node with what its record stands for."""
        record = self.record(node)
        if record is not None:
            return self.behind(record)
        if isinstance(node, Aggregate) and node.op != "count":
            return node._replace(inner=self.behind(node.inner))
        return node

    def value(self, node: Node, scope: Scope) -> Line | None:
        """The value of what holds no series, or whose series are settled already."""
        decided = self.decided.get((node, scope.fixed, scope.shift))
        if decided is not None:
            return decided
        match node:
            case Number():
                return Line(node.value)
            case Call():
                return self._of_call(node, scope)
            case Selector():
                record = self.record(node)
                return None if record is None else self.value(record, of_record(node, scope))
            case Binary():
                return self._of_binary(node, scope)
            case _:
                return None

    def _of_call(self, node: Call, scope: Scope) -> Line | None:
        if node.function == "time":
            return Line(0.0, 1.0)
        if node.function in ("vector", "scalar"):
            return self.value(node.arguments[0], scope)
        return None

    def _of_binary(self, node: Binary, scope: Scope) -> Line | None:
        left = self.value(node.left, of_left(node, scope))
        if node.op in COMPARISONS and not node.as_bool:
            return left
        right = self.value(node.right, of_right(node, scope))
        if node.op not in ("+", "-", "*", "/", "%", "^") or left is None or right is None:
            return None
        return combined(node.op, left, right)

    def usual(self, node: Node, scope: Scope) -> Line:
        """A value that is good for what may have any."""
        match node:
            case Call():
                return self._usual_call(node, scope)
            case Aggregate() if node.op in ("count", "group"):
                return _USUAL_COUNT if node.op == "count" else _ONE
            case Aggregate():
                return self.usual(node.inner, inside(node, scope))
            case Binary():
                return self._usual_binary(node, scope)
            case Subquery():
                return self.usual(node.inner, scope)
            case _:
                record = self.record(node)
                return _USUAL if record is None else self.usual(record, scope)

    def _usual_call(self, node: Call, scope: Scope) -> Line:
        if node.function in _GROWTH:
            return self.speeds.get(_any_window(node.arguments[0]), _USUAL_SPEED)
        if node.function in ABSENT or node.function == "histogram_quantile":
            return _ONE
        return self.usual(node.arguments[0], scope) if node.arguments else _USUAL

    def _usual_binary(self, node: Binary, scope: Scope) -> Line:
        usual = self.usual(node.left, of_left(node, scope))
        if node.op == "*" and isinstance(node.right, Number):
            return Line(usual.start * node.right.value)
        if node.op not in COMPARISONS:
            return usual
        limit = self.value(node.right, of_right(node, scope))
        if limit is None or COMPARE[node.op](usual.start, limit.start):
            return usual
        return target(Aim(node.op, limit), node.left, self._margin)


def _any_window(node: Node) -> Node:
    return node._replace(window=0.0) if isinstance(node, Selector) else node
