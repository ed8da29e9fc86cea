"""All rules of Prometheus and Alertmanager: what is hardly meant, and what the spec makes of the presets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from manifestgen.errors import Finding, Severity
from manifestgen.monitoring.flaw import Flaw
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.lint.expressions import found, own_findings
from manifestgen.verify.lint.world import World

if TYPE_CHECKING:
    from manifestgen.monitoring.rules import Group


def check(world: World) -> Iterator[Finding]:
    """Warnings about what the spec says in PromQL, and everything about what presets say."""
    platform = world.platform
    own = list(own_findings(platform))
    yield from (one for one in own if one.severity is not Severity.ERROR)
    yield from _presets(platform, frozenset((one.rule, one.message) for one in own))
    yield from _cardinality(platform)


def _cardinality(platform: ResolvedPlatform) -> Iterator[Finding]:
    given = platform.spec.monitoring.cardinality
    if given is None:
        return
    from manifestgen.monitoring.cardinality import estimates_of

    estimates = sorted(estimates_of(platform, given), key=lambda one: -one.total)
    total = sum(estimate.total for estimate in estimates)
    if total > given.budget:
        most = "; ".join(f"{one.job} {one.targets} × {one.each} ({one.told})" for one in estimates[:3])
        flaw = Flaw(
            "cardinality-budget",
            f"about {total} series are to be expected, and the budget is {given.budget}; most are of {most}",
            "raise the budget, scrape less, or correct monitoring.cardinality.counts",
        )
        yield found(platform, flaw, ("monitoring", "cardinality", "budget"))


def _presets(platform: ResolvedPlatform, told: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    """Presets are sound; a setting may still make nonsense of them: what is kept, which exporter runs.

    What comes from PromQL of the user's own is ``told`` already.
    """
    from manifestgen.monitoring.expressions import inhibiting, review
    from manifestgen.monitoring.expressions.surroundings import Surroundings
    from manifestgen.monitoring.rulebook import groups_of

    groups = groups_of(platform)
    there = Surroundings(platform, [record for group in groups for record in group.records])
    for name, expr in _expressions(platform, groups).items():
        for flaw in review.of_expression(expr, there):
            # A preset is PromQL; on a very large platform it may be longer than is read here.
            if (flaw.rule, flaw.message) not in told and flaw.rule != "promql-syntax":
                named = flaw._replace(message=f"{name}: {flaw.message}")
                yield found(platform, named, _place(platform, name, flaw.rule))
    alerts = [alert for group in groups for alert in group.alerts]
    for path, flaw in inhibiting.flaws(platform, alerts, there):
        yield found(platform, flaw, path)


def _expressions(platform: ResolvedPlatform, groups: tuple[Group, ...]) -> dict[str, str]:
    """All records, and the alerts whose expression is not the spec's, by name."""
    own = {name for name, entry in platform.spec.monitoring.alerts.items() if entry.expr is not None}
    rules = {record.name: record.expr for group in groups for record in group.records}
    return rules | {one.name: one.expr for group in groups for one in group.alerts if one.name not in own}


def _place(platform: ResolvedPlatform, name: str, rule: str) -> tuple[str, ...]:
    """What in the spec makes nonsense of the record or alert ``name`` of a preset."""
    for figure in platform.spec.monitoring.business:
        if f":{figure}:" in name:
            return ("monitoring", "business", figure, "window")
    return ("monitoring", "retention") if rule == "promql-range" else ("monitoring", "alerts", name)
