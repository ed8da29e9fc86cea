"""What an expression takes in: the series it selects, and how far it looks back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from manifestgen.monitoring.testing.evaluate import Records
from manifestgen.monitoring.testing.labelling import may_select
from manifestgen.monitoring.testing.tree import Node, Recording, Selector, Subquery, children, selectors

_STEPS: Final = (60, 30, 20, 15, 10, 5)
"""Seconds between two samples; a rate takes two within its window."""


def identity(selected: Iterable[Selector]) -> dict[str, str]:
    """The value that a label has in all series, as far as they may agree on it."""
    found: dict[str, str] = {}
    for selector in selected:
        for matcher in selector.matchers:
            if matcher.op == "=" and matcher.value:
                found.setdefault(matcher.label, matcher.value)
    return found


def closure(node: Node, records: Records) -> Iterator[Selector]:
    """Every selector of the expression, and of the records it uses."""
    for selector in selectors(node):
        yield selector
        for rule in records.get(selector.name, ()):
            if may_select(selector, rule.labels):
                yield from closure(rule.node, records)


def sample_step(selected: Iterable[Selector], interval: int) -> int:
    """Seconds between two samples, so that the shortest window holds two of them for sure."""
    shortest = min((one.window for one in selected if one.window), default=math.inf)
    fitting = (one for one in _STEPS if interval % one == 0 and 2 * one <= shortest)
    return next(fitting, min(interval, _STEPS[-1]))


class Reach(NamedTuple):
    """How far an expression looks back: its longest window, and window and offset together, in seconds."""

    window: float
    total: float


class Reaching:
    """How far expressions look back, each record looked at once."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: dict[int, Reach] = {}
        """By the tree of the record: these live as long as the rules do."""

    def of(self, node: Node) -> Reach:
        """How far ``node`` looks back, with the records it uses."""
        own = offset = 0.0
        if isinstance(node, Selector):
            rules = self._records.get(node.name, ())
            below = [self._of_record(rule) for rule in rules if may_select(node, rule.labels)]
        else:
            below = [self.of(child) for child in children(node)]
        if isinstance(node, Selector | Subquery):
            own, offset = node.window, max(node.offset, 0.0)
        if not below:
            return Reach(own, own + offset)
        return Reach(own + max(one.window for one in below), own + offset + max(one.total for one in below))

    def _of_record(self, rule: Recording) -> Reach:
        known = self._known.get(id(rule.node))
        if known is None:
            known = self._known[id(rule.node)] = self.of(rule.node)
        return known
