"""Operations of two sides: of two vectors, of a vector and a number, of two numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

from manifestgen.monitoring.testing import functions
from manifestgen.monitoring.testing.labelling import (
    Element,
    Kept,
    Key,
    Vector,
    matching_key,
    result_labels,
)
from manifestgen.monitoring.testing.series import Labels
from manifestgen.monitoring.testing.tree import COMPARISONS, Binary
from manifestgen.monitoring.testing.unsolved import UnsolvedError

Sides = Callable[[Vector, Vector], Vector]
Operator = Callable[[float, float], float | None]


def operator(node: Binary) -> Operator:
    """The value that an operation gives, None where a comparison drops it."""
    if node.op not in COMPARISONS:
        return functions.ARITHMETIC[node.op]
    holds = functions.COMPARE[node.op]
    if node.as_bool:
        return lambda left, right: float(holds(left, right))
    return lambda left, right: left if holds(left, right) else None


def of_numbers(node: Binary) -> Callable[[float, float], float]:
    """An operation of two numbers."""
    operate = operator(node)

    def applied(left: float, right: float) -> float:
        result = operate(left, right)
        return math.nan if result is None else result

    return applied


def with_number(node: Binary) -> Callable[[Vector, float], Vector]:
    """An operation with a number on the right."""
    operate = operator(node)
    return lambda left, right: [
        (labels, result) for labels, value in left if (result := operate(value, right)) is not None
    ]


def with_number_before(node: Binary) -> Callable[[float, Vector], Vector]:
    """An operation with a number on the left: a comparison gives the value of the vector all the same."""
    operate = operator(node)
    keeps = node.op in COMPARISONS and not node.as_bool
    return lambda left, right: [
        (labels, value if keeps else result)
        for labels, value in right
        if (result := operate(left, value)) is not None
    ]


def of_sets(node: Binary) -> Sides:
    """``and``, ``or`` and ``unless``."""
    key = matching_key(node.matching)
    if node.op == "or":
        return lambda left, right: _united(key, left, right)
    wanted = node.op == "and"

    def kept(left: Vector, right: Vector) -> Vector:
        theirs = {key(labels) for labels, _ in right}
        return [one for one in left if (key(one[0]) in theirs) == wanted]

    return kept


def _united(key: Kept[Key], left: Vector, right: Vector) -> Vector:
    ours = {key(labels) for labels, _ in left}
    return [*left, *(one for one in right if key(one[0]) not in ours)]


class Joined:
    """An arithmetic operation or a comparison of two vectors, whose series find each other by labels."""

    def __init__(self, node: Binary) -> None:
        self._node = node
        self._is_turned = node.matching.many == "right"
        self._operate = operator(node)
        self._key = matching_key(node.matching)
        self._labels = Kept(lambda labels: Kept(lambda partner: result_labels(node, labels, partner)))

    def __call__(self, left: Vector, right: Vector) -> Vector:
        """Raises UnsolvedError where several series of one side match, as Prometheus does."""
        if not left or not right:
            return []
        many, one = (right, left) if self._is_turned else (left, right)
        partners = self._partners(one)
        found: Vector = []
        for labels, value in many:
            partner = partners.get(self._key(labels))
            if partner is not None:
                sides = (partner[1], value) if self._is_turned else (value, partner[1])
                result = self._operate(*sides)
                if result is not None:
                    found.append((self._named(labels, partner[0]), result))
        return found

    def _partners(self, one: Vector) -> dict[Key, Element]:
        partners: dict[Key, Element] = {}
        for element in one:
            key = self._key(element[0])
            if key in partners:
                raise UnsolvedError(f"several series on one side of `{self._node.op}` match")
            partners[key] = element
        return partners

    def _named(self, labels: Labels, partner: Labels) -> Labels:
        return self._labels(labels)(partner)
