"""All rules of Prometheus and Alertmanager: what is hardly meant, and what the spec makes of the presets."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding, Severity
from manifestgen.monitoring.flaw import Flaw
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.lint.expressions import found, own_findings
from manifestgen.verify.lint.world import World


def check(world: World) -> Iterator[Finding]:
    """Warnings about what the spec says in PromQL, and everything about what presets say."""
    platform = world.platform
    yield from (one for one in own_findings(platform) if one.severity is not Severity.ERROR)
    yield from _presets(platform)
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


def _presets(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Presets are sound; a setting may still make nonsense of them: what is kept, which exporter runs."""
    from manifestgen.monitoring.expressions import inhibiting, review
    from manifestgen.monitoring.expressions.surroundings import Surroundings
    from manifestgen.monitoring.rulebook import groups_of

    groups = groups_of(platform)
    there = Surroundings(platform, [record for group in groups for record in group.records])
    own = platform.spec.monitoring.alerts
    rules = {record.name: record.expr for group in groups for record in group.records}
    rules |= {one.name: one.expr for group in groups for one in group.alerts if one.name not in own}
    for name, expr in rules.items():
        for flaw in review.of_expression(expr, there):
            told = flaw._replace(message=f"{name}: {flaw.message}")
            yield found(platform, told, ("monitoring", "alerts", name))
    alerts = [alert for group in groups for alert in group.alerts]
    for path, flaw in inhibiting.flaws(platform, alerts, there):
        yield found(platform, flaw, path)
