"""PromQL worked backward: from the value that an expression shall give to what its series have to be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from manifestgen.monitoring.testing.functions import ARITHMETIC, COMPARE, INVERSE
from manifestgen.monitoring.testing.goals import Fixed, Goal, Line, Margin, Scope, flipped, is_whole, target
from manifestgen.monitoring.testing.tree import (
    COMPARISONS,
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    Selector,
    Subquery,
    children,
    selectors,
)
from manifestgen.monitoring.testing.unsolved import Unsolved

_MOST_SERIES: Final = 50
_ABSENT: Final = ("absent", "absent_over_time")
_USUAL: Final = Line(100.0)
_USUAL_SPEED: Final = Line(10.0)
_USUAL_COUNT: Final = Line(3.0)
_GROWTH: Final = frozenset({"rate", "irate", "deriv"})
_TOTAL_GROWTH: Final = frozenset({"increase", "delta"})
_LEVELS: Final = frozenset(
    {"avg_over_time", "min_over_time", "max_over_time", "last_over_time", "present_over_time"}
)
_PASSING: Final = frozenset(
    {"clamp_max", "clamp_min", "round", "scalar", "vector", "sort", "sort_desc", "label_replace"}
)
_TELL_APART: Final = ("instance", "pod", "replica", "member")


class Solver:
    """Collects the goals of one case; ``records`` are the expressions of recording rules by name."""

    def __init__(self, records: Mapping[str, tuple[Node, ...]], margin: Margin) -> None:
        self.goals: list[Goal] = []
        self._records = records
        self._margin = margin
        self._decided: dict[tuple[Node, Fixed, float], Line] = {}
        self._sums: list[tuple[Binary, Line, Scope]] = []

    def hold(self, node: Node, scope: Scope, *, below: bool = False) -> None:
        """Let the expression give something. ``below``: what must differ from a limit is less than it."""
        match node:
            case Binary() if node.op in COMPARISONS and not node.as_bool:
                self._compare(node, scope, holds=True, below=below)
            case Binary() if node.op == "and":
                self.hold(node.left, _left(node, scope))
                self.hold(node.right, _right(node, scope))
            case Binary() if node.op in ("or", "unless"):
                self.hold(node.left, _left(node, scope))
            case Call() if node.function in _ABSENT:
                self._let_be_absent(node.arguments[0], scope)
            case _ if not any(selectors(node)):
                pass
            case Selector() if node.name in self._records:
                self.hold(self._record(node), self._of_record(node, scope))
            case Selector():
                self._want(node, Line(1.0), scope)
            case Aggregate():
                self.hold(node.inner, _inside(node, scope))
            case _:
                self._want(node, self._usual(node, scope), scope)

    def fail(self, node: Node, scope: Scope) -> None:
        """Let the expression give nothing, but hardly. Raises Unsolved for what always gives something."""
        match node:
            case Binary() if node.op in COMPARISONS and not node.as_bool:
                self._compare(node, scope, holds=False)
            case Binary() if node.op in ("and", "unless"):
                self.fail(node.left, _left(node, scope))
            case Binary() if node.op == "or":
                self.fail(node.left, _left(node, scope))
                self.fail(node.right, _right(node, scope))
            case Call() if node.function in _ABSENT:
                self.hold(_instant(node.arguments[0]), scope)
            case Aggregate():
                self.fail(node.inner, _inside(node, scope))
            case _ if not any(selectors(node)):
                raise Unsolved("it always fires")

    def finish(self) -> list[Goal]:
        """All goals, when every condition has been told."""
        while self._sums:
            node, value, scope = self._sums.pop(0)
            left, right = _left(node, scope), _right(node, scope)
            if self._known(node.left, left) is None and self._known(node.right, right) is None:
                self._want(node.left, Line(value.start / 2, value.slope / 2), left)
            self._want_arithmetic(node, value, scope)
        return self.goals

    def _let_be_absent(self, argument: Node, scope: Scope) -> None:
        if isinstance(argument, Binary):  # a series that is there, but not as it should be
            self.fail(argument, scope)

    def _compare(self, node: Binary, scope: Scope, *, holds: bool, below: bool = False) -> None:
        left, right = _left(node, scope), _right(node, scope)
        limit = self._known(node.right, right)
        if limit is None:
            known_left = self._known(node.left, left)
            if known_left is not None:
                op = flipped(node.op)
                value = target(op, known_left, node.right, self._margin, holds=holds, below=below)
                self._want(node.right, value, right)
                return
            limit = self._usual(node.right, right)
            self._want(node.right, limit, right)
        value = target(node.op, limit, self._plainly(node.left), self._margin, holds=holds, below=below)
        self._want(node.left, value, left)

    def _plainly(self, node: Node) -> Node:
        """The node, or what a record stands for."""
        if isinstance(node, Selector) and node.name in self._records:
            return self._plainly(self._record(node))
        if isinstance(node, Aggregate) and node.op != "count":
            return node._replace(inner=self._plainly(node.inner))
        return node

    def _record(self, selector: Selector) -> Node:
        exprs = self._records[selector.name]
        return exprs[0]

    def _of_record(self, selector: Selector, scope: Scope) -> Scope:
        scope = scope._replace(shift=scope.shift + selector.offset)
        return scope.with_labels(_positive(selector))

    def _known(self, node: Node, scope: Scope) -> Line | None:
        """The value of what holds no series, or whose series are settled already."""
        decided = self._decided.get((node, scope.fixed, scope.shift))
        if decided is not None:
            return decided
        match node:
            case Number():
                return Line(node.value)
            case Call() if node.function == "time":
                return Line(0.0, 1.0)
            case Call() if node.function in ("vector", "scalar"):
                return self._known(node.arguments[0], scope)
            case Selector() if node.name in self._records and not node.window:
                return self._known(self._record(node), self._of_record(node, scope))
            case Binary() if node.op in ("+", "-", "*", "/"):
                left = self._known(node.left, _left(node, scope))
                right = self._known(node.right, _right(node, scope))
                return None if left is None or right is None else _combined(node.op, left, right)
            case Binary() if node.op in COMPARISONS and not node.as_bool:
                return self._known(node.left, _left(node, scope))
            case _:
                return None

    def _usual(self, node: Node, scope: Scope) -> Line:
        """A value that is good for what may have any."""
        match node:
            case Call() if node.function in _GROWTH:
                return _USUAL_SPEED
            case Call() if node.function in ("absent", "absent_over_time", "histogram_quantile"):
                return Line(1.0)
            case Call() if node.arguments:
                return self._usual(node.arguments[-1 if node.function == "histogram_quantile" else 0], scope)
            case Aggregate() if node.op in ("count", "group"):
                return _USUAL_COUNT if node.op == "count" else Line(1.0)
            case Aggregate():
                return self._usual(node.inner, _inside(node, scope))
            case Binary() if node.op in COMPARISONS:
                limit = self._known(node.right, _right(node, scope))
                usual = self._usual(node.left, _left(node, scope))
                if limit is None or COMPARE[node.op](usual.start, limit.start):
                    return usual
                return target(node.op, limit, node.left, self._margin, holds=True)
            case Binary():
                return self._usual(node.left, _left(node, scope))
            case Selector() if node.name in self._records:
                return self._usual(self._record(node), self._of_record(node, scope))
            case _:
                return _USUAL

    def _want(self, node: Node, value: Line, scope: Scope) -> None:
        """Let the expression have this value."""
        key = (node, scope.fixed, scope.shift)
        decided = self._decided.get(key)
        if decided is not None:
            if not math.isclose(decided.start, value.start, rel_tol=1e-9, abs_tol=1e-12):
                raise Unsolved("two conditions want different values of the same series")
            return
        if math.isnan(value.start):
            raise Unsolved("no value fulfils it")
        self._decided[key] = value
        match node:
            case Selector():
                self._want_selector(node, value, scope)
            case Aggregate():
                self._want_aggregate(node, value, scope)
            case Binary():
                self._want_binary(node, value, scope)
            case Call():
                self._want_call(node, value, scope)
            case Number() if value == Line(node.value):
                pass
            case _:
                raise Unsolved("a literal has a value of its own")

    def _want_selector(self, node: Selector, value: Line, scope: Scope) -> None:
        if node.name in self._records:
            self._want(self._record(node), value, self._of_record(node, scope))
        else:
            self.goals.append(Goal(node, _of_series(node, scope), "level", value))

    def _want_aggregate(self, node: Aggregate, value: Line, scope: Scope) -> None:
        inner = _inside(node, scope)
        if node.op == "count":
            self._want_count(node, value, inner)
        elif node.op == "group":
            self.hold(node.inner, inner)
        elif node.op in ("sum", "avg", "min", "max", "quantile", "topk", "bottomk"):
            self._want(node.inner, value, inner._replace(summed=node.op == "sum"))
        else:
            raise Unsolved(f"{node.op} is not understood")

    def _want_count(self, node: Aggregate, value: Line, scope: Scope) -> None:
        count = value.constant
        if count < 0 or not count.is_integer():
            raise Unsolved(f"there are never {count:g} series")
        if count > _MOST_SERIES:
            raise Unsolved(f"it takes {count:g} series; tests are made with {_MOST_SERIES} at most")
        label = self._telling_apart(node)
        for index in range(1, int(count) + 1):
            self.hold(node.inner, scope._replace(fixed=(*scope.fixed, (label, f"{label}-{index}"))))
        if count == 0 and isinstance(node.inner, Binary) and not isinstance(node.inner.left, Number):
            self.fail(node.inner, scope)

    def _telling_apart(self, node: Aggregate) -> str:
        named = {m.label for s in selectors(node) for m in s.matchers} | set(node.labels)
        return next((label for label in _TELL_APART if label not in named), "copy")

    def _want_call(self, node: Call, value: Line, scope: Scope) -> None:
        name, arguments = node.function, node.arguments
        if name in _GROWTH:
            self._read(arguments[0], "growth", value, scope)
        elif name in _TOTAL_GROWTH:
            self._read(arguments[0], "growth", Line(value.constant / _window(arguments[0])), scope)
        elif name in _LEVELS:
            self._want(_instant(arguments[0]), value, _shifted(arguments[0], scope))
        elif name == "quantile_over_time":
            self._want(_instant(arguments[1]), value, _shifted(arguments[1], scope))
        elif name in ("changes", "resets"):
            self._read(arguments[0], name, value, scope)
        elif name == "predict_linear":
            ahead = self._known(arguments[1], scope)
            self._read(arguments[0], "ahead", value, scope, 0.0 if ahead is None else ahead.start)
        elif name in INVERSE:
            self._want(arguments[0], Line(INVERSE[name](value.constant)), scope)
        elif name in _PASSING:
            self._want(arguments[0], value, scope)
        elif name == "histogram_quantile":
            self._want_quantile(node, value, scope)
        elif name in _ABSENT and value == Line(1.0):
            self.hold(node, scope)
        else:
            raise Unsolved(f"no input is known that gives {name}() a certain value")

    def _read(self, node: Node, reading: str, value: Line, scope: Scope, span: float = 0.0) -> None:
        if not isinstance(node, Selector):
            raise Unsolved("the growth of what is itself computed cannot be set")
        if node.name in self._records:
            raise Unsolved(f"the growth of {node.name}, a record, cannot be set")
        if math.isnan(value.constant):
            raise Unsolved("a growth that itself grows cannot be set")
        self.goals.append(Goal(node, _of_series(node, scope), reading, value, span or node.window))

    def _want_quantile(self, node: Call, value: Line, scope: Scope) -> None:
        """Three buckets: up to an edge below the value, up to one above it, and all."""
        q = self._known(node.arguments[0], scope)
        if q is None or value.constant <= 0:
            raise Unsolved("a quantile of nothing cannot be set")
        low, high = _edges(value.constant, q.start)
        total = _USUAL_SPEED.start
        share = (value.constant - low) / (high - low)
        below = total * (q.start - share) / (1 - share)
        inner = scope.with_labels(frozenset({"le"}))
        for edge, count in ((low, below), (high, total), (math.inf, total)):
            name = "+Inf" if math.isinf(edge) else f"{edge:g}"
            fixed = (*scope.fixed, ("le", name))
            self._want(node.arguments[1], Line(count), inner._replace(fixed=fixed))

    def _want_binary(self, node: Binary, value: Line, scope: Scope) -> None:
        left, right = _left(node, scope), _right(node, scope)
        if node.op in COMPARISONS and node.as_bool:
            self._compare(node, scope, holds=value.start != 0)
        elif node.op in COMPARISONS:
            self._want(node.left, value, left)
            limit = self._known(node.right, right)
            if limit is None:
                raise Unsolved("a bound that is itself measured stands within a computation")
            if not (limit.slope or value.slope or COMPARE[node.op](value.start, limit.start)):
                raise Unsolved(f"a value of {value.start:g} is not let through by `{node.op} {limit.start:g}`")
        elif node.op == "or":
            self._want_either(node, value, scope)
        elif node.op == "and":
            self._want(node.left, value, left)
            self.hold(node.right, right)
        elif node.op == "unless":
            self._want(node.left, value, left)
        else:
            self._want_arithmetic(node, value, scope)

    def _want_either(self, node: Binary, value: Line, scope: Scope) -> None:
        """The left side; where that cannot be, the right one with nothing on the left."""
        before = (list(self.goals), dict(self._decided), list(self._sums))
        try:
            self._want(node.left, value, _left(node, scope))
        except Unsolved:
            self.goals, self._decided, self._sums = before
            self._want(node.right, value, _right(node, scope))

    def _want_arithmetic(self, node: Binary, value: Line, scope: Scope) -> None:
        left, right = _left(node, scope), _right(node, scope)
        known = self._known(node.right, right)
        if known is not None:
            self._want(node.left, _missing_left(node.op, value, known), left)
            return
        known = self._known(node.left, left)
        if known is not None:
            self._want(node.right, _missing_right(node.op, value, known), right)
            return
        if node.op == "+":
            self._sums.append((node, value, scope))  # the other conditions may say what a side is
            return
        other = self._usual(node.right, right)
        # First the side that is worked out: the other may hold the same series, and knows them then.
        self._want(node.left, _missing_left(node.op, value, other), left)
        if self._known(node.right, right) is None:
            self._want(node.right, other, right)


def size(node: Node, records: Mapping[str, tuple[Node, ...]]) -> int:
    """How many nodes the tree has with its records written out."""
    inner = records.get(node.name, ()) if isinstance(node, Selector) else children(node)
    return 1 + sum(size(one, records) for one in inner)


def _edges(value: float, q: float) -> tuple[float, float]:
    """Edges of a bucket that holds ``value`` so that a share of ``q`` can be below it: 1, 2 and 5 times a power."""
    scale = 10.0 ** math.floor(math.log10(value))
    nice = [scale * factor for factor in (0.5, 1, 2, 5, 10, 20, 50, 100, 1000)]
    low = max(edge for edge in nice if edge < value * (1 - 1e-9))
    for high in (edge for edge in nice if edge > value):
        if (value - low) / (high - low) < q * 0.999:
            return low, high
    raise Unsolved(f"no buckets are found for a quantile of {q:g}")


def _combined(op: str, left: Line, right: Line) -> Line | None:
    if op in ("+", "-"):
        return Line(ARITHMETIC[op](left.start, right.start), ARITHMETIC[op](left.slope, right.slope))
    if right.slope:
        return None if left.slope or op == "/" else _combined(op, right, left)
    return Line(ARITHMETIC[op](left.start, right.start), ARITHMETIC[op](left.slope, right.start))


def _missing_left(op: str, value: Line, right: Line) -> Line:
    """x of ``x op right = value``."""
    match op:
        case "+":
            return Line(value.start - right.start, value.slope - right.slope)
        case "-":
            return Line(value.start + right.start, value.slope + right.slope)
        case "*" if right.constant:
            return Line(value.start / right.constant, value.slope / right.constant)
        case "/":
            return Line(value.start * right.constant, value.slope * right.constant)
        case "%" if 0 <= value.constant < right.constant:
            return value
        case "^" if right.constant:
            return Line(ARITHMETIC["^"](value.constant, 1 / right.constant))
        case _:
            raise Unsolved(f"no value fulfils x {op} {right.start:g} = {value.start:g}")


def _missing_right(op: str, value: Line, left: Line) -> Line:
    """x of ``left op x = value``."""
    match op:
        case "+" | "*":
            return _missing_left(op, value, left)
        case "-":
            return Line(left.start - value.start, left.slope - value.slope)
        case "/" if value.constant:
            return Line(left.constant / value.constant)
        case _:
            raise Unsolved(f"no value fulfils {left.start:g} {op} x = {value.start:g}")


def _left(node: Binary, scope: Scope) -> Scope:
    return scope.with_labels(_shared(node))._replace(summed=False)


def _right(node: Binary, scope: Scope) -> Scope:
    return scope.with_labels(_shared(node) | frozenset(node.matching.brought))._replace(summed=False)


def _shared(node: Binary) -> frozenset[str]:
    """Labels that the series of both sides need in order to find each other."""
    if node.matching.on:
        return frozenset(node.matching.labels)
    if isinstance(node.left, Number) or isinstance(node.right, Number):
        return frozenset()
    return (_labels(node.left) | _labels(node.right)) - frozenset(node.matching.labels)


def _labels(node: Node) -> frozenset[str]:
    """Labels that an expression's result has for sure."""
    match node:
        case Selector():
            return _positive(node)
        case Aggregate():
            return _labels(node.inner) - frozenset(node.labels) if node.without else frozenset(node.labels)
        case Binary():
            return _labels(node.left) | (frozenset() if node.matching.on else _labels(node.right))
        case Call() if node.function in _ABSENT or not node.arguments:
            return frozenset()
        case Call() if node.function == "histogram_quantile":
            return _labels(node.arguments[1]) - {"le"}
        case Call():
            return _labels(node.arguments[0])
        case Subquery():
            return _labels(node.inner)
        case _:
            return frozenset()


def _positive(selector: Selector) -> frozenset[str]:
    return frozenset(m.label for m in selector.matchers if m.op == "=~" or (m.op == "=" and m.value))


def _inside(node: Aggregate, scope: Scope) -> Scope:
    needed = scope.needed if node.without else frozenset(node.labels)
    return scope._replace(needed=needed, summed=False)


def _of_series(selector: Selector, scope: Scope) -> Scope:
    return scope._replace(shift=scope.shift + selector.offset)


def _instant(node: Node) -> Node:
    match node:
        case Selector():
            return node._replace(window=0.0)
        case Subquery():
            return node.inner
        case _:
            return node


def _shifted(node: Node, scope: Scope) -> Scope:
    return scope._replace(shift=scope.shift + node.offset) if isinstance(node, Subquery) else scope


def _window(node: Node) -> float:
    return node.window if isinstance(node, Selector | Subquery) else math.nan
