"""The scripts, one pair for each environment, and what lies beside them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.facts.quantities import parse_duration
from manifestgen.kinds.views import seconds
from manifestgen.kube.objects import Inventory
from manifestgen.monitoring.objectives import within_budget
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform
from manifestgen.resolving.backups import SCRIPTS
from manifestgen.spec.deployment import Deployment, SmokeCheck, Watch
from manifestgen.spec.late import VaultStore
from manifestgen.targets.deployment.images import PinnedImage
from manifestgen.targets.deployment.migrations import Migration, migration_of
from manifestgen.targets.deployment.workloads import controllers_of, rollouts_of, writers_of
from manifestgen.yamlio import emit

TARGET: Final = "deployment"
FOLDER: Final = "scripts"
_WIDTH: Final = 88
_GRACE: Final = 300
"""Seconds that a job may take beyond its own limit, until a node has pulled its image."""


def render_deployment(
    platforms: Mapping[str, ResolvedPlatform],
    objects: Mapping[str, Inventory],
    images: Mapping[str, tuple[PinnedImage, ...]],
    charts: frozenset[str],
    renderer: Renderer,
) -> Iterator[Artifact]:
    """Both scripts of each environment with a ``deployment``; those in ``charts`` need charts of others."""
    views = []
    for environment, platform in platforms.items():
        if platform.spec.deployment is None:
            continue
        inventory = objects[environment]
        migration = migration_of(platform, inventory)
        view = _view(platform, platform.spec.deployment, inventory, migration)
        view |= {"images": images[environment], "dependencies": environment in charts}
        views.append(view)
        for name in ("deploy", "rollback"):
            own = {"script": view[name], "usage_about": _about(name, view)}
            yield Artifact(
                f"{FOLDER}/{view[name]}",
                renderer.render(f"deployment/{name}.sh.j2", {**view, **own}),
                TARGET,
                environment,
                executable=True,
            )
        if migration is not None:
            header = f"The pod that {view['deploy']} starts, each time with another name and command."
            text = emit.dump(migration.pod, header)
            yield Artifact(f"{FOLDER}/{migration.file}", text, TARGET, environment)
    if views:
        shared = {"name": views[0]["name"], "views": views}
        text = renderer.render("deployment/README.md.j2", shared)
        yield Artifact(f"{FOLDER}/deployment/README.md", text, TARGET)


def _about(script: str, view: Mapping[str, Any]) -> list[str]:
    """What the script does, as --help says it."""
    place = f"{view['name']} to {view['environment']}" if script == "deploy" else view["name"]
    if script == "rollback":
        text = f"Takes {place} in {view['environment']} back to the revision from before, in one go."
        return textwrap.wrap(text, _WIDTH)
    return textwrap.wrap(f"Deploys {place}: {', '.join(steps_of(view))}.", _WIDTH)


def steps_of(view: Mapping[str, Any]) -> Iterator[str]:
    """What the script that deploys does, one after the other."""
    deployment: Deployment = view["deployment"]
    migrations = deployment.migrations
    yield "checks the cluster and the images"
    if deployment.scan is not None:
        yield "scans these for vulnerabilities"
    if view["backups"]:
        yield "backs the database up"
    if migrations is not None and migrations.preview is not None:
        yield "shows what a migration would change"
    if deployment.approval is not None:
        yield "asks for approval"
    if migrations is not None:
        yield "migrates the database"
    yield "upgrades the release of Helm"
    yield "waits for all workloads"
    if deployment.smoke:
        yield "asks as users do"
    if view["watch"]["slos"]:
        yield "watches the objectives"
    yield "records what it has done"


def _view(
    platform: ResolvedPlatform, deployment: Deployment, inventory: Inventory, migration: Migration | None
) -> dict[str, Any]:
    spec = platform.spec
    release = spec.release
    rollouts = rollouts_of(platform)
    watched = watched_by(platform, deployment)
    measured = dict.fromkeys([*watched["slos"], *(slo for one in rollouts for slo in one.slos)])
    backups = list(spec.backups) if deployment.backups is None else deployment.backups
    return {
        "name": platform.name,
        "environment": platform.environment,
        "namespace": platform.namespace,
        "deployment": deployment,
        "timeout": deployment.seconds,
        "release": release,
        "deploy": f"deploy-{platform.environment}.sh",
        "rollback": f"rollback-{platform.environment}.sh",
        "chart": platform.name,
        "values": f"values-{platform.environment}.yaml",
        "controllers": controllers_of(platform),
        "rollouts": rollouts,
        "slack": _slack(platform, deployment),
        "stores": [one.name for one in inventory.objects if one.kind == "SecretStore"],
        "backups": backups,
        "backup_limit": _limit(platform, backups),
        "settle": seconds(deployment.settle),
        "prometheus": deployment.prometheus or spec.monitoring.prometheus_url or "",
        "objectives": [(name, within_budget(name, spec.slos[name])) for name in measured],
        "watch": watched,
        "migrations": migration,
        "smoke": [_smoke(platform, name, check) for name, check in deployment.smoke.items()],
        "programs": {"deploy": programs_of(deployment, watched), "rollback": _tools(deployment)},
        "backup": backups[0] if backups else None,
        "writers": writers_of(platform, inventory, backups),
        "restore_limit": 2 * _limit(platform, backups),
        "scripts": SCRIPTS,
    }


def watched_by(platform: ResolvedPlatform, deployment: Deployment) -> dict[str, Any]:
    """The looks at objectives; where none are asked for afterwards, canaries still are looked at."""
    watch = deployment.watch or Watch()
    slos = list(platform.spec.slos) if watch.slos is None else watch.slos
    return {
        "slos": slos if deployment.watch is not None else [],
        "count": watch.count,
        "interval": seconds(watch.interval),
        "failures": watch.failures,
    }


def _slack(platform: ResolvedPlatform, deployment: Deployment) -> dict[str, str]:
    """Where Vault has the address of the webhook."""
    empty = dict.fromkeys(("mount", "path", "key", "server"), "")
    if deployment.notify is None or deployment.notify.slack.vault is None:
        return empty
    stores = [
        store
        for store in platform.spec.stores_for(deployment.notify.slack).values()
        if isinstance(store, VaultStore)
    ]
    if not stores:
        return empty  # the checks have a finding for it
    path, _, key = deployment.notify.slack.vault.partition("#")
    return {"mount": stores[0].mount, "path": path, "key": key, "server": stores[0].server}


def _limit(platform: ResolvedPlatform, backups: list[str]) -> int:
    """Seconds that the slowest backup may take."""
    limits = [parse_duration(platform.spec.backups[name].time_limit) for name in backups]
    return round(max(limits, default=0)) + _GRACE


def _smoke(platform: ResolvedPlatform, name: str, check: SmokeCheck) -> dict[str, Any]:
    route = platform.spec.routes[check.route]
    scheme = "https" if route.tls is not None else "http"
    return {
        "name": name,
        "url": f"{scheme}://{check.host or route.hosts[0]}{check.path}",
        "status": check.status,
        "contains": check.contains or "",
        "timeout": seconds(check.timeout),
        "attempts": check.attempts,
    }


def _tools(deployment: Deployment) -> list[str]:
    """The programs that both scripts need."""
    tools = ["kubectl", "helm"]
    if deployment.eks is not None:
        tools.append("aws")
    if deployment.notify is not None:
        tools.append("curl")
    return tools


def programs_of(deployment: Deployment, watched: Mapping[str, Any]) -> list[str]:
    """The programs that the script that deploys calls."""
    tools = ["git", *_tools(deployment), "crane"]
    if deployment.scan is not None:
        tools.append("trivy")
    if (deployment.smoke or watched["slos"]) and "curl" not in tools:
        tools.append("curl")
    return tools
