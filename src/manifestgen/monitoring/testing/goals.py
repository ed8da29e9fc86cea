"""What is wanted of input series, and how far from a threshold a value has to be."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from manifestgen.monitoring.testing.tree import Aggregate, Binary, Call, Node, Number, Selector

STEP_AT_ZERO: Final = 0.1
"""Events in a second that are clearly more than none."""
_CONTINUOUS: Final = ("seconds", "duration", "ratio", "bytes", "lag", "offset", "percent", "celsius", "_ms")
"""Parts of the names of metrics that are measured, not counted."""
_WHOLE: Final = frozenset({"changes", "resets", "count_over_time"})
_KEPT: Final = frozenset(
    {"max_over_time", "min_over_time", "last_over_time", "sum_over_time", "sort", "sort_desc", "scalar"}
)
_FLIPPED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">="}

Fixed = tuple[tuple[str, str], ...]


class Line(NamedTuple):
    """A value that may grow with time: what it is at 0 and by how much it grows in a second."""

    start: float
    slope: float = 0.0

    @property
    def constant(self) -> float:
        """The value, where it does not grow; NaN where it does."""
        return math.nan if self.slope else self.start


class Scope(NamedTuple):
    """What stands around a node: labels that its series need, and how they are read."""

    needed: frozenset[str] = frozenset()
    fixed: Fixed = ()
    """Labels whose value is given, to tell series of one selector apart."""
    shift: float = 0.0
    """Seconds ago."""
    summed: bool = False
    """Whether all series together make the value."""

    def with_labels(self, labels: frozenset[str]) -> Scope:
        """The same with more labels that are needed."""
        return self._replace(needed=self.needed | labels)


class Goal(NamedTuple):
    """The value that one selector has to read from its series.

    ``reading`` is ``level``, ``growth`` (in a second), ``ahead`` (where a line through it is ``span`` seconds
    later), ``changes``, ``resets``, ``count`` or ``sum`` (within ``span`` seconds).
    """

    selector: Selector
    scope: Scope
    reading: str
    value: Line
    span: float = 0.0


class Margin(NamedTuple):
    """How close to a threshold values are: a share of it, and at it where nothing is rounded."""

    share: float = 0.02
    at_threshold: bool = True


def flipped(op: str) -> str:
    """The comparison with its sides exchanged."""
    return _FLIPPED.get(op, op)


class Aim(NamedTuple):
    """A comparison with a limit that shall hold, or shall not; what must differ may do so from ``below``."""

    op: str
    limit: Line
    holds: bool = True
    below: bool = False


def target(aim: Aim, node: Node, margin: Margin) -> Line:
    """A value of ``node`` for which the comparison just holds, or just does not."""
    op, limit, holds, below = aim
    step = _step(node, limit, margin)
    exact = margin.at_threshold and (is_whole(node) or is_plain(node) or limit.start == 0)
    exact = exact and not _whole_of(node)  # what is left is worked out, and so rounded
    up, down, at = (limit._replace(start=limit.start + by) for by in (step, -step, 0.0))
    if op == "==":
        return at if holds else (down if limit.start == 1 else up)
    if op == "!=":
        return (down if below else up) if holds else at
    if op in (">", ">="):
        inside, outside = up, down
    else:
        inside, outside = down, up
    strict = op in (">", "<")
    if holds:
        return at if exact and not strict else inside
    return at if exact and strict else outside


def _step(node: Node, limit: Line, margin: Margin) -> float:
    if limit.start == 0 and (whole := _whole_of(node)):
        return whole * margin.share
    if limit.start == 0:
        return (STEP_AT_ZERO if _is_speed(node) else 1.0) * max(1.0, margin.share / Margin().share)
    if is_whole(node):
        return 1.0
    if is_plain(node) and limit.start.is_integer() and abs(limit.start) < 1e6 and not _is_measured(node):
        return 1.0
    if 0.5 < limit.start < 1:  # a share of all: there is no more than all
        return min(limit.start * margin.share, (1 - limit.start) / 2)
    return abs(limit.start) * margin.share


def _whole_of(node: Node) -> float:
    """What a share is taken off, in ``1 - share``; 0 where nothing is."""
    if isinstance(node, Binary) and node.op == "-" and isinstance(node.left, Number):
        return abs(node.left.value)
    return 0.0


def is_whole(node: Node) -> bool:
    """Whether it counts series or changes."""
    match node:
        case Aggregate():
            return node.op in ("count", "group")
        case Call():
            return node.function in _WHOLE
        case Binary():
            return is_whole(node.left)
        case _:
            return False


def is_plain(node: Node) -> bool:
    """Whether it gives the value of one series as that is, with nothing computed and so nothing rounded."""
    match node:
        case Selector():
            return True
        case Aggregate():
            return node.op in ("sum", "min", "max", "avg", "topk", "bottomk") and is_plain(node.inner)
        case Call():
            return node.function in _KEPT and is_plain(node.arguments[0])
        case Binary():
            return node.op in ("or", "and", "unless", "==", "!=", ">", "<", ">=", "<=") and is_plain(
                node.left
            )
        case _:
            return False


def _is_measured(node: Node) -> bool:
    match node:
        case Selector():
            return any(part in node.name for part in _CONTINUOUS)
        case Aggregate():
            return _is_measured(node.inner)
        case Call():
            return _is_measured(node.arguments[0])
        case Binary():
            return _is_measured(node.left)
        case _:
            return False


def _is_speed(node: Node) -> bool:
    match node:
        case Call():
            return node.function in ("rate", "irate", "deriv")
        case Aggregate():
            return _is_speed(node.inner)
        case Binary():
            return _is_speed(node.left)
        case _:
            return False
