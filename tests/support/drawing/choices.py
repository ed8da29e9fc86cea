"""The few ways in which everything is chosen, so that Hypothesis can replay all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

_T = TypeVar("_T")

ASCII = st.characters(min_codepoint=32, max_codepoint=126)


@cache
def _matching(pattern: str) -> SearchStrategy[str]:
    return st.from_regex(pattern.removesuffix("$") + r"\Z", alphabet=ASCII)


class Choices:
    """Draws by ``draw`` of a Hypothesis strategy, thousands of times for a spec.

    Hypothesis gives a source of chance for all of them but texts by patterns: to be asked for each takes most
    of the time, and it would remember them only to make a failing spec smaller, which is done in another way.
    """

    def __init__(self, draw: Callable[[SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self._random = draw(st.randoms(use_true_random=True))

    def integer(self, low: int, high: int) -> int:
        """A whole number, both bounds included."""
        return int(self._random.randint(low, high))

    def chance(self, percent: int) -> bool:
        """True in about so many of a hundred draws."""
        return self.integer(0, 99) >= 100 - percent

    def pick(self, options: Sequence[_T]) -> _T:
        """One of ``options``, the first one for preference."""
        return options[self.integer(0, len(options) - 1)]

    def sample(self, options: Sequence[_T], count: int) -> list[_T]:
        """``count`` different ones of ``options``, in their order."""
        left = list(range(len(options)))
        for _ in range(max(0, len(options) - count)):
            left.pop(self.integer(0, len(left) - 1))
        return [options[index] for index in left]

    def matching(self, pattern: str) -> str:
        """A short text that matches all of ``pattern``."""
        return str(self.draw(_matching(pattern)))
