"""Why no test can be made of an expression."""

from __future__ import annotations


class UnsolvedError(Exception):
    """No input is found for an expression; the text says why, for people."""
