"""What is wrong with an expression."""

from __future__ import annotations

from typing import NamedTuple


class Flaw(NamedTuple):
    """A rule that an expression breaks: what is wrong, and what to do."""

    rule: str
    message: str
    advice: str
