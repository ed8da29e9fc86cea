"""The nearest known name to a mistyped one."""

from __future__ import annotations

from collections.abc import Collection

from manifestgen.facts.names import quoted
from manifestgen.yamlio.characters import shortened


def nearest(name: str, known: Collection[str]) -> str | None:
    """The member of ``known`` that ``name`` most likely means, None when none is near."""
    from difflib import get_close_matches  # only needed on the way to an error

    folded = {candidate.lower().replace("_", "").replace("-", ""): candidate for candidate in known}
    matches = get_close_matches(name.lower().replace("_", "").replace("-", ""), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def nearest_hint(name: str, known: Collection[str]) -> str:
    """Advice for a name that is not in ``known``: the nearest one, or all there are."""
    match = nearest(name, known)
    if match is not None:
        return f"did you mean {quoted(match)}?"
    shown = sorted(known)
    if not shown:
        return "there are none to choose from"
    listed = ", ".join(shortened(candidate) for candidate in shown[:12]) + (", …" if len(shown) > 12 else "")
    return f"known here: {listed}"
