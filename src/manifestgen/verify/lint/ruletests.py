"""Alerts have a test: ``promtool test rules`` shows that they fire when they should, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from manifestgen.errors import Finding, Severity
from manifestgen.facts.lint import LEVELS
from manifestgen.monitoring.findings import finding_at
from manifestgen.monitoring.testing.wanted import wants_tests
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.lint.expressions import own_findings
from manifestgen.verify.lint.world import World, has
from manifestgen.yamlio.nodes import dotted


def check(world: World) -> Iterator[Finding]:
    """Alerts for which no input is found, and the spec gives none; where tests are wanted."""
    if not wants_tests(world.platform):
        return
    from manifestgen.monitoring.rulebook import groups_of
    from manifestgen.monitoring.testing.files import untested

    platform = world.platform
    wrong = None
    for one in untested(groups_of(platform)):
        path = ("monitoring", "alerts", one.alert.name)
        wrong = _wrong(platform) if wrong is None else wrong
        about = dotted(("slos", one.alert.slo, "custom")) if one.alert.slo else dotted((*path, "expr"))
        if any(place.startswith(about) for place in wrong):  # that is to be mended first
            continue
        found = finding_at(
            platform,
            path if has(platform.node, path) else ("monitoring",),
            rule="alert-untested",
            message=f"no test is found for {one.alert.name}: {one.reason}",
            advice="give the input yourself: `test: {firing: {series: …, at: …}, quiet: {series: …, at: …}}`",
        )
        yield replace(found, severity=LEVELS["alert-untested"])


def _wrong(platform: ResolvedPlatform) -> frozenset[str]:
    """Places of expressions that an error is told about."""
    findings = own_findings(platform)
    return frozenset(one.path for one in findings if one.severity is Severity.ERROR)
