"""Findings of the monitoring targets, at the line of the spec they are about."""

from __future__ import annotations

from collections.abc import Sequence

from manifestgen.errors import Finding
from manifestgen.resolve.model import ResolvedPlatform


def finding_at(
    platform: ResolvedPlatform, path: Sequence[str], *, rule: str, message: str, advice: str
) -> Finding:
    """A finding on the key at ``path`` of the spec; its location is that of the key."""
    node = platform.node.at(path)
    return Finding(
        rule=rule,
        path=".".join(path),
        message=message,
        advice=advice,
        location=node.key_location or node.location,
    )
