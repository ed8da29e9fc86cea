"""The smallest spec that still goes wrong in the same way: parts are left out as long as it does."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

Spec = dict[str, Any]
Path = tuple[str | int, ...]
_SECONDS = 90.0


def minimal(spec: Spec, fails: Callable[[Spec], bool]) -> Spec:
    """``spec`` without what does not matter for ``fails``; largest parts first, until nothing more can go."""
    until = time.monotonic() + _SECONDS
    shrinking = True
    while shrinking and time.monotonic() < until:
        shrinking = False
        for path in sorted(_paths(spec, ()), key=len):
            smaller = _without(spec, path)
            if smaller is not None and time.monotonic() < until and fails(smaller):
                spec, shrinking = smaller, True
    return spec


def _paths(value: Any, path: Path) -> Iterator[Path]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield (*path, key)
        yield from _paths(member, (*path, key))


def _without(spec: Spec, path: Path) -> Spec | None:
    """A copy without what lies at ``path``, None when that is gone already."""
    smaller = copy.deepcopy(spec)
    value: Any = smaller
    try:
        for step in path[:-1]:
            value = value[step]
        del value[path[-1]]
    except (LookupError, TypeError):
        return None
    return smaller
