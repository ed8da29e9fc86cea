"""PromQL worked backward: from the value that an expression shall give to what its series have to be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from manifestgen.monitoring.testing.bursts import READINGS
from manifestgen.monitoring.testing.functions import COMPARE, INVERSE
from manifestgen.monitoring.testing.goals import Aim, Goal, Line, Margin, Scope, flipped, is_whole, target
from manifestgen.monitoring.testing.invert import edges, missing_left, missing_right
from manifestgen.monitoring.testing.known import Known, RecordTrees
from manifestgen.monitoring.testing.labelling import may_select
from manifestgen.monitoring.testing.scopes import ABSENT, ago, inside, of_left, of_record, of_right
from manifestgen.monitoring.testing.tree import (
    COMPARISONS,
    Aggregate,
    Binary,
    Call,
    Node,
    Selector,
    Subquery,
    children,
    selectors,
)
from manifestgen.monitoring.testing.unsolved import UnsolvedError
from manifestgen.monitoring.testing.words import fulfils

_MOST_SERIES: Final = 50
_ALL_REQUESTS: Final = 10.0
"""How many a second a histogram counts."""
_MANY: Final = Line(10.0)
"""Of how many series a share of their number is taken."""
_TELL_APART: Final = ("instance", "pod", "replica", "member")
_AGGREGATES: Final = frozenset({"sum", "avg", "quantile", "topk", "bottomk"})


class Solver:
    """Collects the goals of one case; ``identity`` says what value a label has in its series."""

    def __init__(self, records: RecordTrees, identity: Mapping[str, str], margin: Margin) -> None:
        self._identity = identity
        self._goals: list[Goal] = []
        self._margin = margin
        self._known = Known(records, margin)
        self._sums: list[tuple[Binary, Line, Scope]] = []
        self._present: list[tuple[Selector, Scope]] = []

    def hold(self, node: Node, scope: Scope, *, below: bool = False) -> None:
        """Let the expression give something. ``below``: what must differ from a limit is less than it."""
        match node:
            case Binary():
                self._hold_binary(node, scope, below=below)
            case Call() if node.function in ABSENT:
                if isinstance(node.arguments[0], Binary):  # a series that is there, but not as it should be
                    self.fail(node.arguments[0], scope)
            case Selector():
                record = self._known.record(node)
                if record is None:
                    self._present.append((node, scope))  # others may say what it is
                else:
                    self.hold(record, of_record(node, scope))
            case Aggregate():
                self.hold(node.inner, inside(node, scope))
            case _ if any(selectors(node)):
                self._want(node, self._known.usual(node, scope), scope)

    def _hold_binary(self, node: Binary, scope: Scope, *, below: bool) -> None:
        if node.op in COMPARISONS and not node.as_bool:
            self._compare(node, scope, holds=True, below=below)
        elif node.op in ("and", "or", "unless"):
            self.hold(node.left, of_left(node, scope))
            if node.op == "and":
                self.hold(node.right, of_right(node, scope))
        elif any(selectors(node)):
            self._want(node, self._known.usual(node, scope), scope)

    def fail(self, node: Node, scope: Scope) -> None:
        """Let the expression just give nothing. Raises UnsolvedError for what always gives something."""
        match node:
            case Binary() if node.op in COMPARISONS and not node.as_bool:
                self._compare(node, scope, holds=False)
            case Binary() if node.op in ("and", "or", "unless"):
                self.fail(node.left, of_left(node, scope))
                if node.op == "or":
                    self.fail(node.right, of_right(node, scope))
            case Call() if node.function in ABSENT:
                self.hold(_instant(node.arguments[0]), scope)
            case Aggregate():
                self.fail(node.inner, inside(node, scope))
            case _ if not any(selectors(node)):
                raise UnsolvedError("it always fires")

    def finish(self) -> list[Goal]:
        """All goals, when every condition has been told."""
        while self._sums:
            node, value, scope = self._sums.pop(0)
            left = of_left(node, scope)
            neither = self._known.value(node.right, of_right(node, scope)) is None
            if neither and self._known.value(node.left, left) is None:
                self._want_one_side(node, value, scope)
            self._want_arithmetic(node, value, scope)
        for selector, scope in self._present:
            if self._known.value(selector, scope) is None:
                self._want(selector, Line(1.0), scope)
        return self._goals

    def _want_one_side(self, node: Binary, value: Line, scope: Scope) -> None:
        """Of a sum or a difference of which nothing is known."""
        if node.op == "+":
            self._want(node.left, Line(value.start / 2, value.slope / 2), of_left(node, scope))
        else:
            right = of_right(node, scope)
            self._want(
                node.left,
                missing_left("-", value, self._known.usual(node.right, right)),
                of_left(node, scope),
            )

    def _compare(self, node: Binary, scope: Scope, *, holds: bool, below: bool = False) -> None:
        left, right = of_left(node, scope), of_right(node, scope)
        limit = self._known.value(node.right, right)
        known_left = self._known.value(node.left, left) if limit is None else None
        if known_left is not None:
            aim = Aim(flipped(node.op), known_left, holds, below)
            self._want(node.right, target(aim, self._known.behind(node.right), self._margin), right)
            return
        if limit is None:
            limit = self._known.usual(node.right, right)
            self._want(node.right, limit, right)
        aim = Aim(node.op, limit, holds, below)
        self._want(node.left, target(aim, self._known.behind(node.left), self._margin), left)

    def _want(self, node: Node, value: Line, scope: Scope) -> None:
        """Let the expression have this value."""
        if not self._known.decide(node, value, scope):
            return
        match node:
            case Selector():
                self._want_selector(node, value, scope)
            case Aggregate():
                self._want_aggregate(node, value, scope)
            case Binary():
                self._want_binary(node, value, scope)
            case Call():
                self._want_call(node, value, scope)
            case _:
                if value != self._known.value(node, Scope()):
                    raise UnsolvedError("a literal has a value of its own")

    def _want_selector(self, node: Selector, value: Line, scope: Scope) -> None:
        record = self._known.record(node)
        if record is None:
            self._goals.append(Goal(node, ago(node, scope), "level", value))
        else:
            self._want(record, value, of_record(node, scope))

    def _want_aggregate(self, node: Aggregate, value: Line, scope: Scope) -> None:
        within = inside(node, scope)
        if node.op == "count":
            self._want_count(node, value, within)
        elif node.op == "group":
            self.hold(node.inner, within)
        elif node.op in ("min", "max"):
            known = self._known.value(node.inner, within)
            if known is not None and known != value:  # the least and the most are of two series
                label = _telling_apart(node)
                within = within._replace(fixed=(*within.fixed, (label, f"{label}-2")))
            self._want(node.inner, value, within)
        elif node.op in _AGGREGATES:
            self._want(node.inner, value, within._replace(summed=node.op == "sum"))
        else:
            raise UnsolvedError(f"{node.op} is not understood")

    def _want_count(self, node: Aggregate, value: Line, scope: Scope) -> None:
        count = value.constant
        if count < 0 or not count.is_integer():
            raise UnsolvedError(f"there are never {count:g} series")
        if count > _MOST_SERIES:
            raise UnsolvedError(f"it takes {count:g} series; tests are made with {_MOST_SERIES} at most")
        label = _telling_apart(node)
        for index in range(1, int(count) + 1):
            self.hold(node.inner, scope._replace(fixed=(*scope.fixed, (label, f"{label}-{index}"))))
        if count == 0 and isinstance(node.inner, Binary):
            self.fail(node.inner, scope)

    def _want_call(self, node: Call, value: Line, scope: Scope) -> None:
        handler = _CALLS.get(node.function)
        if handler is None:
            raise UnsolvedError(f"no input is known that gives {node.function}() a certain value")
        handler(self, node, value, scope)

    def _want_growth(self, node: Call, value: Line, scope: Scope) -> None:
        self._read(node.arguments[0], "growth", value, scope)

    def _want_total_growth(self, node: Call, value: Line, scope: Scope) -> None:
        self._read(node.arguments[0], "growth", Line(value.constant / _window(node.arguments[0])), scope)

    def _want_changes(self, node: Call, value: Line, scope: Scope) -> None:
        self._read(node.arguments[0], node.function, value, scope)

    def _want_samples(self, node: Call, value: Line, scope: Scope) -> None:
        self._read(node.arguments[0], READINGS[node.function], value, scope)

    def _want_prediction(self, node: Call, value: Line, scope: Scope) -> None:
        ahead = self._known.value(node.arguments[1], scope)
        if ahead is None:
            raise UnsolvedError("how far a prediction looks is itself measured")
        self._read(node.arguments[0], "ahead", value, scope, ahead.start)

    def _want_level(self, node: Call, value: Line, scope: Scope) -> None:
        """A function of a range that gives what all samples are."""
        argument = node.arguments[-1]
        below = ago(argument, scope) if isinstance(argument, Subquery) else scope
        self._want(_instant(argument), value, below)

    def _want_inverse(self, node: Call, value: Line, scope: Scope) -> None:
        self._want(node.arguments[0], Line(INVERSE[node.function](value.constant)), scope)

    def _want_argument(self, node: Call, value: Line, scope: Scope) -> None:
        self._want(node.arguments[0], value, scope)

    def _want_absence(self, node: Call, value: Line, scope: Scope) -> None:
        if value != Line(1.0):
            raise UnsolvedError(f"{node.function}() is 1 or nothing")
        self.hold(node, scope)

    def _want_quantile(self, node: Call, value: Line, scope: Scope) -> None:
        """Three buckets: up to an edge below the value, up to one above it, and all."""
        q = self._known.value(node.arguments[0], scope)
        if q is None or value.constant <= 0:
            raise UnsolvedError("a quantile of nothing cannot be set")
        low, high = edges(value.constant, q.start)
        share = (value.constant - low) / (high - low)
        below = _ALL_REQUESTS * (q.start - share) / (1 - share)
        for edge, count in ((f"{low:g}", below), (f"{high:g}", _ALL_REQUESTS), ("+Inf", _ALL_REQUESTS)):
            bucket = scope._replace(fixed=(*scope.fixed, ("le", edge)))
            self._want(node.arguments[1], Line(count), bucket)

    def _read(self, node: Node, reading: str, value: Line, scope: Scope, span: float = 0.0) -> None:
        what = _READ.get(reading, "growth")
        if not isinstance(node, Selector):
            raise UnsolvedError(f"the {what} of what is itself computed cannot be set")
        if self._known.record(node) is not None:
            raise UnsolvedError(f"the {what} of {node.name}, a record, cannot be set")
        if math.isnan(value.constant):
            raise UnsolvedError(f"a {what} that itself grows cannot be set")
        self._goals.append(Goal(node, ago(node, scope), reading, value, span or node.window))

    def _want_binary(self, node: Binary, value: Line, scope: Scope) -> None:
        if node.op in COMPARISONS:
            self._want_comparison(node, value, scope)
        elif node.op == "or":
            self._want_either(node, value, scope)
        elif node.op in ("and", "unless"):
            self._want(node.left, value, of_left(node, scope))
            if node.op == "and":
                self.hold(node.right, of_right(node, scope))
        else:
            self._want_arithmetic(node, value, scope)

    def _want_comparison(self, node: Binary, value: Line, scope: Scope) -> None:
        """One within a computation: it lets values through, or gives 1 and 0."""
        if node.as_bool:
            self._compare(node, scope, holds=value.start != 0)
            return
        self._want(node.left, value, of_left(node, scope))
        limit = self._known.value(node.right, of_right(node, scope))
        if limit is None:
            raise UnsolvedError("a bound that is itself measured stands within a computation")
        if not (limit.slope or value.slope or COMPARE[node.op](value.start, limit.start)):
            raise UnsolvedError(f"{value.start:g} is not let through by `{node.op} {limit.start:g}`")

    def _want_either(self, node: Binary, value: Line, scope: Scope) -> None:
        """The left side; where that is about others or cannot be, the right one with nothing on the left."""
        left, right = (
            one._replace(summed=scope.summed) for one in (of_left(node, scope), of_right(node, scope))
        )
        if self._is_of_others(node.left) and not self._is_of_others(node.right):
            self._want(node.right, value, right)
            return
        before = (list(self._goals), list(self._sums), list(self._present))
        decided = dict(self._known.decided)
        try:
            self._want(node.left, value, left)
        except UnsolvedError:
            self._goals, self._sums, self._present = before
            self._known.decided = decided
            self._want(node.right, value, right)

    def _is_of_others(self, node: Node) -> bool:
        """Whether a selector asks for another value of a label than the series of this case have."""
        if isinstance(node, Binary) and node.op == "or":
            return self._is_of_others(node.left) and self._is_of_others(node.right)
        matchers = node.matchers if isinstance(node, Selector) else ()
        if any(m.label in self._identity and not fulfils(self._identity[m.label], m) for m in matchers):
            return True
        return any(map(self._is_of_others, children(node)))

    def _want_arithmetic(self, node: Binary, value: Line, scope: Scope) -> None:
        left, right = of_left(node, scope), of_right(node, scope)
        known = self._known.value(node.right, right)
        if known is not None:
            self._want(node.left, missing_left(node.op, value, known), left)
            return
        known = self._known.value(node.left, left)
        if known is not None:
            self._want(node.right, missing_right(node.op, value, known), right)
        elif node.op in ("+", "-"):
            self._sums.append((node, value, scope))  # the other conditions may say what a side is
        else:
            usual = self._known.usual(node.right, right)
            if node.op == "/" and is_whole(node.left) and is_whole(node.right):
                usual = _MANY
                value = Line(round(value.constant * _MANY.start) / _MANY.start)
            # First the side that is worked out: the other may hold the same series, and knows them then.
            self._want(node.left, missing_left(node.op, value, usual), left)
            if self._known.value(node.right, right) is None:
                self._want(node.right, usual, right)


def size(node: Node, records: RecordTrees) -> int:
    """How many nodes the tree has with its records written out."""
    if isinstance(node, Selector):
        rules = (rule for rule in records.get(node.name, ()) if may_select(node, rule.labels))
        return 1 + sum(size(rule.node, records) for rule in rules)
    return 1 + sum(size(one, records) for one in children(node))


def _telling_apart(node: Aggregate) -> str:
    """A label to tell series apart by that nothing else is said of."""
    named = {matcher.label for selector in selectors(node) for matcher in selector.matchers} | set(
        node.labels
    )
    return next((label for label in _TELL_APART if label not in named), "copy")


def _instant(node: Node) -> Node:
    match node:
        case Selector():
            return node._replace(window=0.0)
        case Subquery():
            return node.inner
        case _:
            return node


def _window(node: Node) -> float:
    return node.window if isinstance(node, Selector | Subquery) else math.nan


_READ: Final = {"sum": "sum", "count": "number of samples"}
"""What is told of a reading; all others are of a growth."""
_Handler = Callable[[Solver, Call, Line, Scope], None]
_LEVELS: Final = ("avg", "min", "max", "last", "present", "quantile")
_PASSING: Final = (
    "clamp_max",
    "clamp_min",
    "round",
    "scalar",
    "vector",
    "sort",
    "sort_desc",
    "label_replace",
)
_CALLS: Final[dict[str, _Handler]] = {
    **dict.fromkeys(("rate", "irate", "deriv"), Solver._want_growth),
    **dict.fromkeys(("increase", "delta"), Solver._want_total_growth),
    **dict.fromkeys(("changes", "resets"), Solver._want_changes),
    **dict.fromkeys((f"{name}_over_time" for name in _LEVELS), Solver._want_level),
    **dict.fromkeys(READINGS, Solver._want_samples),
    **dict.fromkeys(INVERSE, Solver._want_inverse),
    **dict.fromkeys(_PASSING, Solver._want_argument),
    **dict.fromkeys(ABSENT, Solver._want_absence),
    "predict_linear": Solver._want_prediction,
    "histogram_quantile": Solver._want_quantile,
}
"""How a function comes by a value."""
