"""PromQL worked forward: what an expression gives for input series at a time.

It follows Prometheus 2.53. Where 3.0 differs (a range no longer holds the sample at its very start), the
series of ``solve`` give the same in both: what grows, grows on a line.

A tree is read once for all times: each node becomes a function of the time. What no series can ever fill
becomes ``nothing``, and so does all that needs it: such a branch costs no time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from manifestgen.monitoring.testing import calls, functions, operations
from manifestgen.monitoring.testing.labelling import (
    Kept,
    Key,
    Vector,
    grouping,
    may_select,
    selects,
)
from manifestgen.monitoring.testing.readings import (
    At,
    Found,
    NumberAt,
    RangeAt,
    no_range,
    nothing,
    ranging,
    recording,
    sampled,
)
from manifestgen.monitoring.testing.series import Labels, Samples, Series
from manifestgen.monitoring.testing.tree import (
    SETS,
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    Recording,
    Selector,
    Subquery,
    Words,
)
from manifestgen.monitoring.testing.unsolved import UnsolvedError

Records = Mapping[str, tuple[Recording, ...]]
"""The recording rules by the name they record to."""

_Given = list[tuple[Labels, Samples]]
_PICKING: Final = ("topk", "bottomk")


class World:
    """Input series, the recording rules over them, and the seconds between two evaluations."""

    def __init__(self, series: Sequence[Series], records: Records, interval: int) -> None:
        self._series: dict[str, _Given] = {}
        for one in series:
            self._series.setdefault(one.name, []).append((one.labels, Samples(one)))
        self.records = records
        self._interval = interval
        self._read: dict[int, tuple[Node, At]] = {}
        self._recorded: dict[tuple[str, int], At] = {}

    def vector(self, node: Node, time: float) -> Vector:
        """What the expression gives at ``time``; a scalar is one element without labels.

        Raises UnsolvedError for what cannot be read.
        """
        known = self._read.get(id(node))
        if known is None:
            known = (node, self.reading(node))  # with the node: an id is its own while it lives
            self._read[id(node)] = known
        return known[1](time)

    def reading(self, node: Node) -> At:
        """What the expression gives, by the time; ``nothing`` for what is empty at all times."""
        if is_number(node):
            number = self.number(node)
            labels: Labels = {}
            return lambda time: [(labels, number(time))]
        match node:
            case Selector():
                return self._instant(node)
            case Call():
                return calls.reading(self, node)
            case Aggregate():
                return self._aggregate(node)
            case Binary():
                return self._binary(node)
            case _:
                raise UnsolvedError("a range or a text stands where a value is needed")

    def number(self, node: Node) -> NumberAt:
        """The value of a scalar expression, by the time; NaN for a vector that is not one element."""
        if isinstance(node, Number):
            value = node.value
            return lambda time: value
        if isinstance(node, Call) and node.function == "time":
            return lambda time: time
        if isinstance(node, Call) and node.function == "scalar":
            return self.number(node.arguments[0])
        if isinstance(node, Binary) and is_number(node):
            operate = operations.of_numbers(node)
            left, right = self.number(node.left), self.number(node.right)
            return lambda time: operate(left(time), right(time))
        return _single(self.reading(node))

    def _instant(self, selector: Selector) -> At:
        if selector.window:
            raise UnsolvedError("a range stands where a value is needed")
        given, recorded = self._given(selector), self._records(selector)
        if recorded is nothing:
            return _of_given(given, selector.offset) if given else nothing
        found, offset = _of_given(given, selector.offset), selector.offset
        if not given:
            return recorded if not offset else lambda time: recorded(time - offset)
        return lambda time: found(time) + recorded(time - offset)

    def _given(self, selector: Selector) -> _Given:
        return [one for one in self._series.get(selector.name, ()) if selects(selector.matchers, one[0])]

    def _records(self, selector: Selector) -> At:
        """What recording rules give for a selector."""
        rules = enumerate(self.records.get(selector.name, ()))
        fitting = [
            self._record(selector.name, number, rule)
            for number, rule in rules
            if may_select(selector, rule.labels)
        ]
        filled = [one for one in fitting if one is not nothing]
        if not filled:
            return nothing
        passes = Kept(lambda labels: selects(selector.matchers, labels))

        def at(time: float) -> Vector:
            if time < 0:  # before the first evaluation
                return []
            return [one for record in filled for one in record(time) if passes(one[0])]

        return at

    def _record(self, name: str, number: int, rule: Recording) -> At:
        known = self._recorded.get((name, number))
        if known is None:
            known = recording(self.reading(rule.node), rule.labels)
            self._recorded[name, number] = known
        return known

    def range(self, node: Node) -> RangeAt:
        """A range, by the time; ``no_range`` where it is empty at all times."""
        match node:
            case Selector() if node.window:
                return self._range_of_selector(node)
            case Subquery():
                inner = sampled(self.reading(node.inner), node.step or self._interval)
                return no_range if inner is None else ranging(inner, node)
            case _:
                raise UnsolvedError("a value stands where a range is needed")

    def _range_of_selector(self, node: Selector) -> RangeAt:
        given = self._given(node)
        records = sampled(self._records(node), self._interval)
        if not given:
            return no_range if records is None else ranging(records, node)

        def within(start: float, end: float) -> Found:
            found: Found = [(labels, inside) for labels, one in given if (inside := one.within(start, end))]
            return found if records is None else [*found, *records(start, end)]

        return ranging(within, node)

    def _aggregate(self, node: Aggregate) -> At:
        inner = self.reading(node.inner)
        if inner is nothing:
            return nothing
        parameter: NumberAt | None = None
        if node.parameter is not None and not isinstance(node.parameter, Words):
            parameter = self.number(node.parameter)
        group_of, combine = grouping(node), _combining(node.op)

        def at(time: float) -> Vector:
            groups: dict[Key, tuple[Labels, Vector]] = {}
            for element in inner(time):
                key, labels = group_of(element[0])
                known = groups.get(key)
                if known is None:
                    known = groups[key] = (labels, [])
                known[1].append(element)
            value = math.nan if parameter is None else parameter(time)
            return [one for labels, group in groups.values() for one in combine(labels, group, value)]

        return at

    def _binary(self, node: Binary) -> At:
        if is_number(node.right):
            return self._with_number(node)
        right = self.reading(node.right)
        if is_number(node.left):
            number, applied = self.number(node.left), operations.with_number_before(node)
            return nothing if right is nothing else lambda time: applied(number(time), right(time))
        left = self.reading(node.left)
        if node.op in SETS:
            return _of_sets(node, left, right)
        if left is nothing or right is nothing:
            return nothing
        joined = operations.Joined(node)
        return lambda time: joined(left(time), right(time))

    def _with_number(self, node: Binary) -> At:
        left = self.reading(node.left)
        number, applied = self.number(node.right), operations.with_number(node)
        return nothing if left is nothing else lambda time: applied(left(time), number(time))


def is_number(node: Node) -> bool:
    """Whether an expression is a scalar and no vector."""
    match node:
        case Number():
            return True
        case Call():
            return node.function in ("time", "scalar")
        case Binary():
            return is_number(node.left) and is_number(node.right)
        case _:
            return False


def _single(reading: At) -> NumberAt:
    def number(time: float) -> float:
        found = reading(time)
        return found[0][1] if len(found) == 1 else math.nan

    return number


def _of_given(given: _Given, offset: float) -> At:
    def at(time: float) -> Vector:
        return [(labels, value) for labels, one in given if (value := one.at(time - offset)) is not None]

    return at


def _combining(op: str) -> Callable[[Labels, Vector, float], Vector]:
    """What becomes of a group: one value, or the elements that are picked."""
    if op in _PICKING:
        return lambda labels, group, count: _picked(op, group, int(count))
    if op == "quantile":
        return lambda labels, group, q: [(labels, functions.quantile(q, [value for _, value in group]))]
    if op not in functions.AGGREGATE:
        raise UnsolvedError(f"{op} is not understood")
    total = functions.AGGREGATE[op]
    return lambda labels, group, parameter: [(labels, total([value for _, value in group]))]


def _picked(op: str, group: Vector, count: int) -> Vector:
    ordered = sorted(group, key=lambda one: one[1])
    return ordered[-count:] if op == "topk" else ordered[:count]


def _of_sets(node: Binary, left: At, right: At) -> At:
    if right is nothing:
        return nothing if node.op == "and" else left
    if left is nothing:
        return right if node.op == "or" else nothing
    united = operations.of_sets(node)
    return lambda time: united(left(time), right(time))
