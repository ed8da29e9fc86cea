"""Checks across the spec: what one part says of another must be so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.spec import (
    autoscaling,
    backups,
    capacity,
    chaos,
    ci,
    controllers,
    deployment,
    exceptions,
    features,
    gitops,
    handbook,
    loadtests,
    mesh,
    names,
    networking,
    objectives,
    ports,
    probes,
    references,
    routes,
    routing,
    secrets,
    services,
    settings,
    variables,
    volumes,
)

_CHECKS: Final[tuple[Callable[[ResolvedPlatform], Iterator[Finding]], ...]] = (
    names.check,
    references.check,
    ports.check,
    probes.check,
    services.check,
    routes.check,
    routing.check,
    networking.check,
    capacity.check,
    autoscaling.check,
    objectives.check,
    backups.check,
    loadtests.check,
    deployment.check,
    handbook.check,
    controllers.check,
    features.check,
    volumes.check,
    variables.check,
    settings.check,
    secrets.check,
    chaos.check,
    mesh.check,
    exceptions.check,
    gitops.check,
    ci.check,
)


def check_platform(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Findings on one environment of a spec."""
    for check in _CHECKS:
        yield from check(platform)
