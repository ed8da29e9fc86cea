"""Versions of programs, compared by their numbers."""

from __future__ import annotations

import re


def is_older(version: str, than: str) -> bool:
    """Whether ``version`` comes before ``than``; ``0.20`` is as old as ``0.20.0``."""
    one, other = _numbers(version), _numbers(than)
    longest = max(len(one), len(other))
    return [*one, *[0] * (longest - len(one))] < [*other, *[0] * (longest - len(other))]


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
