"""Text in workflows of GitHub Actions, which evaluates what it finds between ``${{`` and ``}}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from manifestgen.yamlio import emit

_OPENS: Final = "${{"


def text(value: str | Sequence[str]) -> str:
    """A text, or a list of texts, on one line of YAML, where no part of it is an expression."""
    if isinstance(value, str):
        return emit.scalar(_literal(value))
    return emit.flow([_literal(one) for one in value])


def _literal(value: str) -> str:
    """What opens an expression becomes one that gives just that."""
    return value.replace(_OPENS, f"{_OPENS} '{_OPENS}' }}}}")


def expression(value: str) -> str:
    """An expression of ours, as a whole value of YAML."""
    return f"{_OPENS} {value} }}}}"


def glob(value: str) -> str:
    """The name of a branch as a pattern that matches no other: a plus would repeat what stands before it."""
    return emit.scalar(value.replace("+", "\\+"))
