"""Findings on a place in the spec."""

from __future__ import annotations

from manifestgen.errors import Finding
from manifestgen.resolving import ResolvedPlatform
from manifestgen.yamlio.nodes import dotted

Step = str | int


def finding(  # noqa: PLR0913 - the fields of a finding
    platform: ResolvedPlatform,
    path: tuple[Step, ...],
    rule: str,
    message: str,
    advice: str,
    *,
    on_key: bool = False,
) -> Finding:
    """A finding of ``rule`` at ``path``: at the value there, or with ``on_key`` at its key.

    Where there is nothing, it stands at the key of what ``path`` leads into.
    """
    path = platform.written(path)
    node = platform.node.at(path)
    is_there = platform.node.at(path[:-1]) is not node
    location = node.key_location if (on_key or not is_there) and node.key_location else node.location
    return Finding(rule, message, advice, dotted(path), location)
