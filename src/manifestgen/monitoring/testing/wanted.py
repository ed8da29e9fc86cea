"""Whether a platform gets tests of its alerts."""

from __future__ import annotations

from manifestgen.resolving.model import ResolvedPlatform


def wants_tests(platform: ResolvedPlatform) -> bool:
    """As the spec says; where it does not, alerts that reach somebody are tested."""
    wanted = platform.spec.monitoring.tests
    return platform.spec.alerting is not None if wanted is None else wanted
