"""PromQL of the user's own: what is sure to go wrong with it.

That of the presets is proven by our tests for every platform; ``lint/monitoring.py`` reads it, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from manifestgen.errors import Finding, Severity
from manifestgen.facts.lint import LEVELS
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.lint.world import World, has
from manifestgen.yamlio.nodes import dotted

if TYPE_CHECKING:
    from manifestgen.monitoring.flaw import Flaw
    from manifestgen.monitoring.rules import Alert, Group

Path = tuple[str, ...]

_PLACES: Final = {"alert-never-fires": "for", "alert-template-label": "description"}
"""Keys of an alert that rules are about; all others are about its expression."""
_OF_OURS: Final = frozenset(("promql-range", "promql-range-short"))
"""Rules about the range, which an objective's series are given by us."""


class Own(NamedTuple):
    """An expression that stands in the spec, at ``path``."""

    path: Path
    text: str


def check(world: World) -> Iterator[Finding]:
    """Expressions, waits and series that the spec gives."""
    for finding in own_findings(world.platform):
        if finding.severity is Severity.ERROR:
            yield finding


def own_findings(platform: ResolvedPlatform) -> Iterator[Finding]:
    """What is wrong with PromQL of the user's own, warnings too; the parser is loaded if there is some."""
    if not _has_own(platform):
        return
    from manifestgen.monitoring.expressions import review
    from manifestgen.monitoring.expressions.surroundings import Surroundings
    from manifestgen.monitoring.rulebook import groups_of

    groups = groups_of(platform)
    there = Surroundings(platform, [record for group in groups for record in group.records])
    for own in _expressions(platform):
        for flaw in review.of_expression(own.text, there):
            if own.path[0] != "slos" or flaw.rule not in _OF_OURS:
                yield found(platform, flaw, own.path)
    for alert in changed_alerts(platform, groups):
        for flaw in review.of_alert(alert, there):
            yield found(platform, flaw, ("monitoring", "alerts", alert.name, _PLACES.get(flaw.rule, "expr")))


def changed_alerts(platform: ResolvedPlatform, groups: tuple[Group, ...]) -> Iterator[Alert]:
    """The alerts that the spec has a word in."""
    entries = platform.spec.monitoring.alerts
    yield from (alert for group in groups for alert in group.alerts if alert.name in entries)


def found(platform: ResolvedPlatform, flaw: Flaw, path: Path) -> Finding:
    """A finding at the longest part of ``path`` that the spec has."""
    while path and not has(platform.node, path):
        path = path[:-1]
    node = platform.node.at(path)
    location = node.key_location if isinstance(node.value, dict) and node.key_location else node.location
    return Finding(flaw.rule, flaw.message, flaw.advice, dotted(path), location, LEVELS[flaw.rule])


def _has_own(platform: ResolvedPlatform) -> bool:
    """Whether there is anything to read; who only turns an alert off or up changes none of it."""
    entries = platform.spec.monitoring.alerts.values()
    wordy = any(entry.enabled and (entry.expr or entry.for_ or entry.description) for entry in entries)
    return wordy or any(slo.custom is not None for slo in platform.spec.slos.values())


def _expressions(platform: ResolvedPlatform) -> Iterator[Own]:
    for name, entry in platform.spec.monitoring.alerts.items():
        if entry.enabled and entry.expr is not None:
            yield Own(("monitoring", "alerts", name, "expr"), entry.expr)
    for name, slo in platform.spec.slos.items():
        if slo.custom is not None:
            for key in ("errors", "total"):
                yield Own(("slos", name, "custom", key), f"rate({getattr(slo.custom, key)}[5m])")
