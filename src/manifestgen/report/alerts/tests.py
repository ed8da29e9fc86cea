"""``alerts test``: which expectations hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from manifestgen.monitoring.expectations import Outcome
from manifestgen.report.columns import text
from manifestgen.yamlio.characters import escaped

Outcomes = Mapping[str, Sequence[Outcome]]
"""By environment."""


def tests_text(found: Outcomes) -> str:
    """A line for each expectation, and one that counts them."""
    lines = [escaped(_line(name, one)) for name, outcomes in found.items() for one in outcomes]
    faults = sum(bool(one.fault) for outcomes in found.values() for one in outcomes)
    return text([*lines, f"{len(lines) - faults} of {len(lines)} hold"])


def tests_objects(found: Outcomes) -> list[dict[str, Any]]:
    """The same for scripts."""
    return [
        {"environment": name, "test": one.name, "ok": not one.fault, "fault": one.fault or None}
        for name, outcomes in found.items()
        for one in outcomes
    ]


def _line(environment: str, one: Outcome) -> str:
    return f"FAIL {environment} {one.name}: {one.fault}" if one.fault else f"ok   {environment} {one.name}"
