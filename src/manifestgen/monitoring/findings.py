"""Findings of the monitoring targets, at the line of the spec they are about."""

from __future__ import annotations

from collections.abc import Sequence

from manifestgen.errors import Finding
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.yamlio.nodes import dotted


def finding_at(
    platform: ResolvedPlatform, path: Sequence[str | int], *, rule: str, message: str, advice: str
) -> Finding:
    """A finding at ``path`` of the spec: at the value there, or at the key of a whole map."""
    node = platform.node.at(path)
    whole = isinstance(node.value, dict)
    return Finding(
        rule=rule,
        path=dotted(path),
        message=message,
        advice=advice,
        location=(whole and node.key_location) or node.location,
    )
