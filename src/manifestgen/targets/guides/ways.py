"""How environments get their objects: by Helm, Kustomize, scripts or GitOps, and step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from manifestgen.rendering.markdown import code
from manifestgen.spec.late import Charted
from manifestgen.spec.rollout import Rollout
from manifestgen.spec.workloads import Replicated
from manifestgen.targets.deployment.scripts import programs_of, steps_of, watched_by
from manifestgen.targets.guides import secrets
from manifestgen.targets.guides.site import Site, names_of

_CANARY = (
    "A new version gets more and more of the requests. After each step it waits {wait}, and is taken back by"
    " itself when an objective that is looked at does not hold."
)
_BLUE_GREEN = (
    "All pods of the new version start beside the old ones; the Service is switched over when they are ready."
)


def ways(sites: Sequence[Site], made: Collection[str]) -> dict[str, Any]:
    """How an environment gets its objects, and back."""
    scripted = [site for site in sites if site.spec.deployment is not None and "deployment" in made]
    applied = [site for site in sites if site.spec.gitops is not None and "gitops" in made]
    known = {
        "helm": "helm" in made,
        "kustomize": "kustomize" in made,
        "scripts": scripted,
        "gitops": applied,
    }
    return {
        "methods": [name for name, is_there in known.items() if is_there],
        "scripted": scripted,
        "piped": list(_piped(scripted)) if "ci" in made else [],
        "delivered": applied,
        "pinned": any(site.spec.gitops and site.spec.gitops.tag for site in applied),
        "restorable": [site for site in scripted if _restores(site) and "backup" in made],
        "charted": [site.name for site in sites if _has_charts(site)],
        "namespaces": {site.name: bool(site.names("Namespace")) for site in sites},
        "deploy_steps": {site.name: _sentence(site) for site in scripted},
        "progressive": {site.name: list(_progressive(site)) for site in sites},
        "flow": list(
            _flow(sites, scripted, applied, is_piped="ci" in made and any(site.spec.ci for site in sites))
        ),
        "programs": list(_programs(sites, made)),
    }


def _piped(sites: Sequence[Site]) -> Iterator[tuple[str, str]]:
    """The environments that a pipeline deploys, each with what makes it do so."""
    for site in sites:
        ci = site.spec.ci
        if ci is not None and ci.trigger is not None:
            yield site.name, _TRIGGERS[ci.trigger].format(branch=code(ci.branch), tags=code(ci.tags))


_TRIGGERS: Final = {
    "branch": "after each change of {branch}, and when somebody says so",
    "tag": "after a tag {tags}, and when somebody says so",
    "manual": "when somebody says so",
}


def charts_of(site: Site) -> list[str]:
    """The charts of data services, with the versions that fit."""
    stores = [one for one in site.spec.datastores.values() if isinstance(one, Charted)]
    return [f"{one.chart.name} {one.chart.version}" for one in stores]


def _has_charts(site: Site) -> bool:
    return bool(charts_of(site))


def _restores(site: Site) -> bool:
    deployment = site.spec.deployment
    backups = None if deployment is None else deployment.backups
    return bool(site.spec.backups if backups is None else backups)


def _sentence(site: Site) -> str:
    *first, last = _steps(site)
    return f"{', '.join(first)}, and {last}"


def _steps(site: Site) -> list[str]:
    """What the script does, as its --help says it."""
    deployment = site.spec.deployment
    assert deployment is not None  # it is one of those with scripts
    backups = list(site.spec.backups) if deployment.backups is None else deployment.backups
    watched = watched_by(site.platform, deployment)
    return list(steps_of({"deployment": deployment, "backups": backups, "watch": watched}))


def _progressive(site: Site) -> Iterator[dict[str, Any]]:
    """The workloads whose versions come out step by step."""
    for name, workload in site.spec.workloads.items():
        if isinstance(workload, Replicated) and workload.is_progressive:
            details = workload.rollout or Rollout()
            canary = workload.strategy == "canary"
            wait = "until somebody lets it go on" if details.pause == "manual" else f"for {details.pause}"
            yield {
                "name": name,
                "title": f"{'Canary' if canary else 'Blue-green'} of {name}",
                "shares": details.steps if canary else (),
                "text": _CANARY.format(wait=wait) if canary else _BLUE_GREEN,
            }


def _flow(
    sites: Sequence[Site], scripted: Sequence[Site], applied: Sequence[Site], *, is_piped: bool
) -> Iterator[tuple[str, list[str]]]:
    """The way of a change, from the commit to what watches it."""
    checked = ["the pipeline checks it, and says what changes"] if is_piped else []
    yield (
        "Repository",
        ["change of the spec", *checked, "review: validate, lint, render --check, the diff"],
    )
    for site in sites:
        if site in scripted:
            steps = _steps(site)
        elif site in applied and site.spec.gitops is not None:
            applier = "Argo CD" if site.spec.gitops.type == "argocd" else "Flux"
            steps = [f"{applier} applies what is committed", "health checks"]
        else:
            steps = ["apply it", "health checks"]
        yield f"Deploy to {site.name}", steps
    yield "Afterwards", ["alerts, and those who watch"]


def _programs(sites: Sequence[Site], made: Collection[str]) -> Iterator[tuple[str, str]]:
    charts = {"helm", "deployment"} & set(made) or any(map(_has_charts, sites))
    scripts = [] if "deployment" not in made else names_of(sites, _of_scripts)
    told = "alertmanager" in made and any(site.spec.alerting for site in sites)
    signed = any(route.tls and route.tls.issuer for site in sites for route in site.spec.routes.values())
    wanted = (
        ("kubectl", "everything", True),
        ("helm", "the chart of the platform, charts of data services and of what runs beside it", charts),
        (", ".join(("bash 4.4", *scripts)), "the scripts of deployments", scripts),
        ("vault (or bao)", "setting Vault up, and looking at secrets", any(map(secrets.vaults_of, sites))),
        (
            "psql, pg_dump, pg_restore, aws",
            "backups by hand; in the cluster their image has them",
            any(site.spec.backups for site in sites),
        ),
        (
            "linkerd",
            "installing the mesh, and looking at it",
            any(mesh.type == "linkerd" for site in sites if (mesh := site.spec.service_mesh)),
        ),
        ("crane", "looking for images in their registries", "crane" not in scripts),
        ("cmctl", "asking cert-manager for new certificates", signed),
        ("promtool", "checking what Prometheus is told, and asking it", "prometheus" in made),
        ("amtool", "checking what Alertmanager is told", told),
        ("k6 or locust", "load tests", any(site.spec.load_tests for site in sites)),
    )
    yield from ((program, why) for program, why, is_wanted in wanted if is_wanted)


def _of_scripts(site: Site) -> list[str]:
    deployment = site.spec.deployment
    if deployment is None:
        return []
    found = programs_of(deployment, watched_by(site.platform, deployment))
    return [program for program in found if program not in ("kubectl", "helm")]
