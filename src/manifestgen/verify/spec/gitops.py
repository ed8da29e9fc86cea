"""What a GitOps tool is told: names that fit, and charts that it can find."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.names import MAX_LABEL
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import ArgoCD, Charted, Flux
from manifestgen.verify.spec.finding import finding

_MAX_RELEASE: Final = 53
"""How long the name of a release of Helm may be."""
_FILE: Final = "file://"


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Findings on ``gitops`` of one environment."""
    gitops = platform.spec.gitops
    if gitops is None:
        return
    yield from _targets(platform, gitops)
    yield from _names(platform, gitops)
    yield from _charts(platform, gitops)


def _targets(platform: ResolvedPlatform, gitops: ArgoCD | Flux) -> Iterator[Finding]:
    """What is applied is made: an overlay, or a chart; data services of Argo CD are a part of the first."""
    made = platform.spec.targets
    if made is None or "gitops" not in made:
        return
    stores = any(isinstance(one, Charted) for one in platform.spec.datastores.values())
    needed = {gitops.source} - {"plugin"}
    needed |= {"kustomize"} if stores and isinstance(gitops, ArgoCD) and gitops.source == "plugin" else set()
    for name in sorted(needed - set(made)):
        message = f"{gitops.type} applies what the target {name} makes, which is left out"
        yield finding(
            platform, ("targets",), "gitops-target", message, f"add {name}, or apply something else"
        )


def _names(platform: ResolvedPlatform, gitops: ArgoCD | Flux) -> Iterator[Finding]:
    """Labels hold the names of the objects; Flux runs each chart of a data service as a release."""
    own = f"{platform.name}-{platform.environment}"
    stores = [name for name, one in platform.spec.datastores.items() if isinstance(one, Charted)]
    names = [(own, MAX_LABEL)]
    if stores and gitops.source != "helm":
        names.append((f"{own}-data", MAX_LABEL))
        if isinstance(gitops, Flux):
            names += ((f"{own}-{name}", MAX_LABEL) for name in stores)
            names += ((f"{platform.name}-{name}", _MAX_RELEASE) for name in stores)
    elif gitops.source == "helm":
        names.append((platform.name, _MAX_RELEASE))
    for name, most in names:
        if len(name) > most:
            message = f"an object would be called {name!r}, which is of {len(name)} characters"
            advice = f"use shorter names of the platform, the environment or the data service: at most {most}"
            yield finding(platform, ("gitops",), "gitops-name", message, advice, on_key=True)


def _charts(platform: ResolvedPlatform, gitops: ArgoCD | Flux) -> Iterator[Finding]:
    for name, service in platform.spec.datastores.items():
        if not isinstance(service, Charted) or not service.chart.repository.startswith(_FILE):
            continue
        path = service.chart.repository.removeprefix(_FILE)
        there = posixpath.normpath(posixpath.join(gitops.path, "helm", platform.name, path))
        if path.startswith("/") or there.startswith(".."):
            message = f"the chart lies outside of the repository, where {gitops.type} does not find it"
            advice = "put it into the repository, and write its path from the folder of the platform's chart"
            place = ("datastores", name, "chart", "repository")
            yield finding(platform, place, "gitops-chart", message, advice)
