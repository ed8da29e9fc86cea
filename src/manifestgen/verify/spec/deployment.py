"""Deployments: what a script asks, migrates, watches and tells is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import VaultStore
from manifestgen.spec.rollout import Rollout
from manifestgen.spec.routes import Route, RouteRule
from manifestgen.spec.workloads import Replicated
from manifestgen.verify.spec.finding import finding

if TYPE_CHECKING:
    from manifestgen.spec.deployment import Deployment, SmokeCheck

_LONGEST_RELEASE: Final = 53
"""Helm's own limit."""


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Findings on the deployment."""
    deployment = platform.spec.deployment
    if deployment is None:
        return
    yield from _release(platform, deployment)
    yield from _backups(platform, deployment)
    yield from _migrations(platform, deployment)
    for name, smoke in deployment.smoke.items():
        yield from _smoke(platform, name, smoke)
    yield from _watch(platform, deployment)
    yield from _canaries(platform, deployment)
    yield from _notify(platform, deployment)


def _release(platform: ResolvedPlatform, deployment: Deployment) -> Iterator[Finding]:
    if deployment.release is None and len(platform.name) > _LONGEST_RELEASE:
        message = (
            f"the name of the platform has more than the {_LONGEST_RELEASE} letters of a release of Helm"
        )
        yield finding(platform, ("deployment", "release"), "deployment-release", message, "name the release")


def _backups(platform: ResolvedPlatform, deployment: Deployment) -> Iterator[Finding]:
    for index, name in enumerate(deployment.backups or ()):
        if name not in platform.spec.backups:
            hint = nearest_hint(name, platform.spec.backups)
            path = ("deployment", "backups", index)
            yield finding(platform, path, "deployment-backup", f"there is no backup {name!r}", hint)


def _migrations(platform: ResolvedPlatform, deployment: Deployment) -> Iterator[Finding]:
    if deployment.migrations is None:
        return
    name, path = deployment.migrations.workload, ("deployment", "migrations", "workload")
    known = [one for one in platform.spec.workloads if one not in platform.spec.backups]
    if name not in known:
        hint = nearest_hint(name, known)
        yield finding(platform, path, "deployment-workload", f"there is no workload {name!r}", hint)


def _smoke(platform: ResolvedPlatform, name: str, smoke: SmokeCheck) -> Iterator[Finding]:
    path = ("deployment", "smoke", name)
    route = platform.spec.routes.get(smoke.route)
    if route is None:
        hint = nearest_hint(smoke.route, platform.spec.routes)
        message = f"there is no route {smoke.route!r}"
        yield finding(platform, (*path, "route"), "deployment-route", message, hint)
        return
    if route.protocol == "GRPC":
        message = f"{smoke.route!r} speaks gRPC, which curl does not"
        yield finding(platform, (*path, "route"), "deployment-route", message, "ask a route of HTTP")
    host = smoke.host or route.hosts[0]
    if host.startswith("*"):
        message = f"{host} is no host that could be asked"
        yield finding(platform, (*path, "host"), "deployment-path", message, "name one that it stands for")
    elif not any(_answers_for(pattern, host) for pattern in route.hosts):
        message = f"{smoke.route!r} does not answer for {host}"
        hint = nearest_hint(host, route.hosts)
        yield finding(platform, (*path, "host"), "deployment-path", message, hint)
    elif not any(_serves(rule, smoke.path) for _, rule in route.all_rules() if _is_for(route, rule, host)):
        paths = [one for _, rule in route.all_rules() if _is_for(route, rule, host) for one in rule.paths]
        message = f"{smoke.route!r} leads nowhere with {smoke.path}"
        yield finding(platform, (*path, "path"), "deployment-path", message, nearest_hint(smoke.path, paths))


def _answers_for(pattern: str, host: str) -> bool:
    """A wildcard stands for one label."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^.]+"), host) is not None


def _is_for(route: Route, rule: RouteRule, host: str) -> bool:
    return any(_answers_for(pattern, host) for pattern in route.hosts_of(rule))


def _serves(rule: RouteRule, path: str) -> bool:
    if rule.path_type == "Exact":
        return path in rule.paths
    return any(path == one or path.startswith(f"{one.rstrip('/')}/") for one in rule.paths)


def _watch(platform: ResolvedPlatform, deployment: Deployment) -> Iterator[Finding]:
    if deployment.watch is None:
        return
    known = platform.spec.slos
    for index, name in enumerate(deployment.watch.slos or ()):
        if name not in known:
            path = ("deployment", "watch", "slos", index)
            message = f"there is no objective {name!r}"
            yield finding(platform, path, "deployment-slo", message, nearest_hint(name, known))
    if not known:
        message = "there is no objective that could be watched"
        yield finding(platform, ("deployment", "watch"), "deployment-slo", message, "add some under `slos`")
    elif _prometheus(platform, deployment) is None:
        message = "there is no Prometheus that could be asked"
        yield finding(platform, ("deployment", "watch"), "prometheus-missing", message, "give `prometheus`")


def _prometheus(platform: ResolvedPlatform, deployment: Deployment) -> str | None:
    return deployment.prometheus or platform.spec.monitoring.prometheus_url


def _canaries(platform: ResolvedPlatform, deployment: Deployment) -> Iterator[Finding]:
    """A canary that nobody looks at goes on whatever it does."""
    for name, workload in platform.spec.workloads.items():
        if not isinstance(workload, Replicated) or workload.strategy != "canary":
            continue
        details = workload.rollout or Rollout()
        own = [slo for slo, one in platform.spec.slos.items() if one.workload == name]
        path = ("workloads", name, "strategy")
        measured = bool(own) and details.analysis != []
        if not measured and details.pause != "manual":
            message = "no objective tells whether the new version is good enough to go on"
            advice = f"add an objective of {name} under `slos`, or let people decide: rollout.pause: manual"
            if own:
                advice = f"name objectives under workloads.{name}.rollout.analysis, or leave it out"
            yield finding(platform, path, "deployment-slo", message, advice)
        elif measured and _prometheus(platform, deployment) is None:
            message = "there is no Prometheus that a deployment could ask about the new version"
            yield finding(platform, path, "prometheus-missing", message, "give `deployment.prometheus`")


def _notify(platform: ResolvedPlatform, deployment: Deployment) -> Iterator[Finding]:
    if deployment.notify is None:
        return
    stores = list(platform.spec.stores_for(deployment.notify.slack).values())
    if len(stores) != 1 or not isinstance(stores[0], VaultStore):
        path = ("deployment", "notify", "slack")
        message = "the script can ask one Vault for the address, and this is not in one that the spec knows"
        advice = "write `vault: path#key`, and `store` where there are several of type vault"
        yield finding(platform, path, "deployment-notify", message, advice)
