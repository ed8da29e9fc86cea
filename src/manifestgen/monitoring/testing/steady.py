"""Expressions as they are while all counters grow evenly from the beginning.

A speed is the same within every window then, and so is a record of speeds, its mean and its share of another:
windows of days need no input of days. What is the same then becomes the same node, so that ``solve`` sees it.
"""

from __future__ import annotations

from typing import Final

from manifestgen.monitoring.testing.evaluate import Records
from manifestgen.monitoring.testing.labelling import may_select
from manifestgen.monitoring.testing.tree import (
    Aggregate,
    Binary,
    Call,
    Matching,
    Node,
    Number,
    Selector,
    Subquery,
    children,
)

_SPEEDS: Final = frozenset({"rate", "irate"})
_MEANS: Final = frozenset({"avg_over_time", "sum_over_time"})
_WINDOW: Final = 300.0
"""Seconds that every window of a speed becomes."""


def steady(node: Node, records: Records, interval: int) -> Node | None:
    """The expression with its records written out and all windows of speeds equal.

    None where it takes no mean and no sum of recorded speeds: it is to be read as it stands then.
    ``interval`` is the number of seconds between two samples of a record.
    """
    reader = _Reader(records, interval, _WINDOW)
    found = reader.read(node)
    return found if reader.has_found else None


def windowed(node: Node, records: Records, interval: int) -> Node:
    """The same with the windows as they are: a mean of recorded speeds is the speed within its window."""
    return _Reader(records, interval, None).read(node)


class _Reader:
    def __init__(self, records: Records, interval: int, window: float | None) -> None:
        self._window = window
        self._records = records
        self._interval = interval
        self.has_found = False

    def read(self, node: Node) -> Node:
        match node:
            case Selector() if not node.window and not node.offset:
                inner = self._record(node)
                return node if inner is None else self.read(inner)
            case Call():
                return self._call(node)
            case Aggregate():
                return _flat(node._replace(inner=self.read(node.inner)))
            case Binary():
                left, right = self.read(node.left), self.read(node.right)
                return left if node.op == "and" and left == right else _chained(node, left, right)
            case _:
                return node

    def _call(self, node: Call) -> Node:
        range_ = node.arguments[-1] if node.arguments else node
        if not isinstance(range_, Selector):
            return node._replace(arguments=tuple(map(self.read, node.arguments)))
        if node.function in _SPEEDS:
            return node._replace(arguments=(range_._replace(window=self._window or range_.window),))
        inner = None if range_.offset else self._record(range_)
        if node.function not in _MEANS or inner is None or not _is_of_speeds(inner, self._records):
            return node
        self.has_found = True
        mean = _Reader(self._records, self._interval, self._window or range_.window).read(inner)
        if node.function == "avg_over_time":
            return mean
        return _times(mean, range_.window // self._interval + 1)

    def _record(self, node: Selector) -> Node | None:
        rules = [one for one in self._records.get(node.name, ()) if may_select(node, one.labels)]
        return rules[0].node if len(rules) == 1 else None


def _is_of_speeds(node: Node, records: Records) -> bool:
    if isinstance(node, Call) and node.function in _SPEEDS:
        return True
    below = list(children(node))
    if isinstance(node, Selector):
        below = [one.node for one in records.get(node.name, ()) if may_select(node, one.labels)]
    return not isinstance(node, Subquery) and any(_is_of_speeds(one, records) for one in below)


def _flat(node: Aggregate) -> Aggregate:
    """A sum of a single sum is that sum."""
    inner = node.inner
    return inner if isinstance(inner, Aggregate) and _is_total(node) and _is_total(inner) else node


def _is_total(node: Aggregate) -> bool:
    return node.op == "sum" and not node.labels and not node.without


def _chained(node: Binary, left: Node, right: Node) -> Binary:
    """The operation; a condition that the left side names already is not named again."""
    if (
        node.op == "and"
        and isinstance(left, Binary)
        and left.op == "and"
        and right in (left.left, left.right)
    ):
        return left
    return node._replace(left=left, right=right)


def _times(node: Node, count: float) -> Node:
    return Binary("*", node, Number(count), Matching(), False)
