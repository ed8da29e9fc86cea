"""Durations as both meshes read them."""

from __future__ import annotations

from manifestgen.facts.quantities import parse_duration


def plain(duration: str) -> str:
    """A duration in one unit: Linkerd reads no `1m30s`."""
    milliseconds = max(1, round(parse_duration(duration) * 1000))
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"
