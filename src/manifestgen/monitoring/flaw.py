"""What is wrong with an expression, or with what comes of it."""

from __future__ import annotations

from typing import NamedTuple


class Flaw(NamedTuple):
    """A rule that is broken: what is wrong, and what to do."""

    rule: str
    message: str
    advice: str
