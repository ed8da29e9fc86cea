"""One expression to be tested, and what comes of a search for its inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from manifestgen.monitoring.testing.evaluate import Records
from manifestgen.monitoring.testing.series import Series
from manifestgen.monitoring.testing.tree import Recording, parse

Written = tuple[str, tuple[tuple[str, str], ...]]
"""A recording rule as it is written: its expression, and the labels that it puts on the result."""


class Problem(NamedTuple):
    """All that decides the inputs for an alert; the same for many an alert of several environments."""

    expr: str
    wait: int
    """Seconds of `for`."""
    needed: frozenset[str]
    """Labels that the result should have."""
    records: tuple[tuple[str, tuple[Written, ...]], ...]
    """The recording rules in use by name."""
    siblings: tuple[str, ...]
    """Expressions of other alerts of the same name, which must not fire with it."""
    interval: int
    """Seconds between two evaluations."""
    queries: tuple[str, ...]
    """What its annotations ask for."""
    keeps_firing: bool
    """Whether it goes on firing when it is over."""
    exact: bool
    """Whether every digit of the result is shown."""


class Outcome(NamedTuple):
    """Inputs, and what the expression gives when `for` has passed."""

    series: tuple[Series, ...]
    end: int
    found: tuple[tuple[dict[str, str], float], ...]
    recorded: tuple[tuple[str, int], ...]
    """How many series the records in use have then."""
    step: int
    """Seconds between two samples."""
    answers: tuple[tuple[str, tuple[tuple[dict[str, str], float], ...]], ...]
    """What its annotations are told then, by the query."""


def trees(records: Iterable[tuple[str, tuple[Written, ...]]]) -> Records:
    """The recording rules as trees. Raises UnsolvedError for what cannot be read."""
    return {name: tuple(Recording(parse(expr), labels) for expr, labels in rules) for name, rules in records}
