"""Both documents: what their templates are given, and their text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.markdown import code
from manifestgen.spec.late import InCluster
from manifestgen.spec.rollout import Rollout
from manifestgen.spec.workloads import Replicated
from manifestgen.targets.deployment.scripts import programs_of, steps_of, watched_by
from manifestgen.targets.guides import (
    advice,
    components,
    diagrams,
    network,
    recovery,
    secrets,
    subjects,
    watching,
    workloads,
)
from manifestgen.targets.guides.site import Site, Somewhere, alike, names_of
from manifestgen.targets.guides.tidying import with_contents

TARGET: Final = "guides"
FOLDER: Final = "docs/deployment"
_DOCUMENTS: Final = ("KUBERNETES_GUIDE", "DEPLOYMENT_RUNBOOK")


def documents(
    sites: Sequence[Site],
    delivered: Mapping[str, Sequence[str]],
    made: Collection[str],
    renderer: Renderer,
) -> Iterator[Artifact]:
    """The guide and the runbook; ``delivered`` are the Applications of Argo CD by environment, ``made`` the targets."""
    facts = _facts(sites, delivered, made)
    for name in _DOCUMENTS:
        text = renderer.render(f"guides/{name}.md.j2", facts)
        yield Artifact(f"{FOLDER}/{name}.md", with_contents(text), TARGET)


def _facts(
    sites: Sequence[Site], delivered: Mapping[str, Sequence[str]], made: Collection[str]
) -> dict[str, Any]:
    metadata = sites[-1].spec.metadata
    facts: dict[str, Any] = {
        "platform": metadata.name,
        "about": metadata,
        "sites": sites,
        "made": made,
        "all_sites": ", ".join(site.name for site in sites),
        "hosts": {site.name: _hosts(site) for site in sites},
        "delivery_objects": delivered,
        **_ways(sites, made),
        **_parts(sites, made),
        **subjects.more(sites),
        **subjects.routes(sites),
        **_people(sites),
    }
    facts["has"] = _has(sites, facts)
    facts["practices"] = advice.practices(sites, facts, made)
    facts["checklist"] = advice.checklist(sites, facts)
    facts["checks"] = advice.checks(facts)
    facts["afterwards"] = list(advice.afterwards(sites, facts))
    facts["dependencies"] = list(advice.dependencies(sites, facts))
    facts["quick"] = list(_quick(facts))
    facts["flow"] = diagrams.steps(list(_flow(facts)))
    return facts


def _hosts(site: Site) -> list[str]:
    return list(dict.fromkeys(host for route in site.spec.routes.values() for host in route.hosts))


def _ways(sites: Sequence[Site], made: Collection[str]) -> dict[str, Any]:
    """How an environment gets its objects, and back."""
    scripted = [site for site in sites if site.spec.deployment is not None and "deployment" in made]
    applied = [site for site in sites if site.spec.gitops is not None and "gitops" in made]
    known = {"helm": "helm" in made, "kustomize": "kustomize" in made, "scripts": scripted, "gitops": applied}
    charts = [site.name for site in sites if _has_charts(site)]
    return {
        "methods": [name for name, is_there in known.items() if is_there],
        "scripted": scripted,
        "delivered": applied,
        "pinned": any(site.spec.gitops and site.spec.gitops.tag for site in applied),
        "restorable": [site for site in scripted if _restores(site) and "backup" in made],
        "charts": {"helm": charts, "kustomize": charts},
        "namespaces": {site.name: bool(site.names("Namespace")) for site in sites},
        "deploy_steps": {site.name: _deploy_steps(site) for site in scripted},
        "progressive": {site.name: list(_progressive(site)) for site in sites},
    }


def _has_charts(site: Site) -> bool:
    stores = site.spec.datastores.values()
    return any(isinstance(one, InCluster) and getattr(one, "chart", None) is not None for one in stores)


def _restores(site: Site) -> bool:
    deployment = site.spec.deployment
    backups = None if deployment is None else deployment.backups
    return bool(site.spec.backups if backups is None else backups)


def _deploy_steps(site: Site) -> str:
    deployment = site.spec.deployment
    assert deployment is not None  # it is one of those with scripts
    backups = list(site.spec.backups) if deployment.backups is None else deployment.backups
    watched = watched_by(site.platform, deployment)
    *first, last = steps_of({"deployment": deployment, "backups": backups, "watch": watched})
    return f"{', '.join(first)}, and {last}"


def _progressive(site: Site) -> Iterator[dict[str, Any]]:
    """The workloads whose versions come out step by step."""
    for name, workload in site.spec.workloads.items():
        if isinstance(workload, Replicated) and workload.is_progressive:
            details = workload.rollout or Rollout()
            canary = workload.strategy == "canary"
            waits = "until somebody lets it go on" if details.pause == "manual" else f"for {details.pause}"
            yield {
                "name": name,
                "title": f"{'Canary' if canary else 'Blue-green'} of {name}",
                "shares": details.steps if canary else (),
                "text": f"A new version gets more and more of the requests. After each step it waits {waits}, and is taken"
                " back by itself when an objective that is looked at does not hold."
                if canary
                else "All pods of the new version start beside the old ones; the Service is switched over when they are ready.",
            }


def _parts(sites: Sequence[Site], made: Collection[str]) -> dict[str, Any]:
    """What the chapters of the guide are about."""
    wanted = components.components_of(sites)
    return {
        "components": wanted,
        "apis": components.apis_of(sites, wanted),
        "figures": "",
        "programs": list(_programs(sites, made)),
        "pictures": diagrams.architecture(sites[-1]),
        "things": alike(sites, _things),
        "capacity": [workloads.capacity(site) for site in sites],
        "rows": {"environments": workloads.environments(sites), "settings": workloads.settings(sites)},
        "secrets": alike(sites, secrets.secrets_of),
        "restarts": alike(sites, lambda site: (one for kept in secrets.secrets_of(site) for one in kept.restarts)),
        "vaults": [(site, *one) for site in sites for one in secrets.vaults_of(site)],
        "set_up": [site for site in sites if site.spec.vault_setup is not None and "vault" in made],
        "scaling": {
            "rows": [(site.name, rows) for site in sites if (rows := workloads.running(site))],
            "kinds": subjects.scaling_kinds(sites),
        },
        "network": diagrams.network(sites[-1]),
        "policies": _policies(sites),
        "told": [site for site in sites if site.spec.monitoring.delivery != "operator" and _checked(site, made)],
        "told_where": [site.name for site in sites if site.spec.alerting is not None],
        "alerts": {site.name: watching.counted(site) for site in sites},
        "boards": watching.dashboards(sites) if "grafana" in made else [],
        "routing": watching.routing(sites),
        "latency": watching.latency(sites),
        "severities": watching.severities(sites, _pages(sites, made)),
        "stores": subjects.stores(sites),
        "workloads": subjects.workloads(sites),
        "kinds_of": subjects.kinds_of(sites),
        "controllers": subjects.controllers_named(sites),
        "probes": subjects.probes(sites),
        "images": subjects.images(sites),
        "limits": subjects.limits(sites),
        "spread": ", ".join(dict.fromkeys(one.spread for site in sites for one in workloads.running(site) if one.spread)),
        "runbook_pages": _pages(sites, made),
    }


def _checked(site: Site, made: Collection[str]) -> bool:
    return "prometheus" in made or ("alertmanager" in made and site.spec.alerting is not None)


def _pages(sites: Sequence[Site], made: Collection[str]) -> bool:
    """Whether every alert has a page."""
    return "runbooks" in made and all(site.spec.monitoring.runbooks_url is not None for site in sites)


def _policies(sites: Sequence[Site]) -> list[tuple[str, list[network.Policy]]]:
    """The policies by environment; once where they are the same."""
    found: list[tuple[list[str], list[network.Policy]]] = []
    for site in sites:
        own = network.policies(site)
        for names, known in found:
            if known == own:
                names.append(site.name)
                break
        else:
            if own:
                found.append(([site.name], own))
    return [(" and ".join(names), rows) for names, rows in found]


def _things(site: Site) -> Iterator[dict[str, Any]]:
    spec = site.spec
    for name, workload in spec.workloads.items():
        yield {
            "name": name,
            "what": workload.description or f"{workload.type}",
            "connects": list(dict.fromkeys(workload.connects)),
        }
    for name, store in spec.datastores.items():
        yield {"name": name, "what": store.description or store.type, "connects": []}
    for name, external in spec.externals.items():
        yield {"name": name, "what": external.description or "outside of the namespace", "connects": []}


def _programs(sites: Sequence[Site], made: Collection[str]) -> Iterator[tuple[str, str]]:
    yield "kubectl", "everything; 1.27 or newer"
    if {"helm", "deployment"} & set(made) or any(map(_has_charts, sites)):
        yield "helm", "the chart of the platform, charts of data services and of what runs beside it; 3.8 or newer"
    scripts: dict[str, None] = {}
    for site in sites:
        deployment = site.spec.deployment
        if deployment is not None and "deployment" in made:
            scripts.update(dict.fromkeys(programs_of(deployment, watched_by(site.platform, deployment))))
    others = [program for program in scripts if program not in ("kubectl", "helm")]
    if others:
        yield ", ".join(("bash 4.4", *others)), "the scripts of deployments"
    if any(secrets.vaults_of(site) for site in sites):
        yield "vault (or bao), jq", "setting Vault up, and looking at secrets"
    if any(site.spec.backups for site in sites):
        yield "psql, pg_dump, pg_restore, aws", "backups by hand; in the cluster their image has them"
    if any(_checked(site, made) for site in sites):
        yield "promtool, amtool", "checking what Prometheus and Alertmanager are told, and asking them"
    if any(site.spec.load_tests for site in sites):
        yield "k6 or locust", "load tests"


def _people(sites: Sequence[Site]) -> dict[str, Any]:
    return {
        "contacts": recovery.contacts(sites),
        "security_contact": recovery.for_security(sites),
        "recovery": {"times": recovery.times(sites), "points": recovery.points(sites)},
        "loss": recovery.loss(sites),
        "durations": recovery.durations(sites),
        "backup_rows": [
            {
                "name": name,
                "site": site.name,
                "schedule": one.schedule,
                "retention": one.retention,
                "datastore": one.datastore,
            }
            for site in sites
            for name, one in site.spec.backups.items()
        ],
    }


def _any(sites: Sequence[Site], ask: Callable[[Site], object]) -> bool:
    return any(bool(ask(site)) for site in sites)


def _has(sites: Sequence[Site], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What there is anywhere."""

    def kinds(*names: str) -> bool:
        return _any(sites, lambda site: site.names(*names))

    def of_routes(ask: Callable[[Any], object]) -> list[Somewhere]:
        return alike(sites, lambda site: (words for one in site.spec.routes.items() if (words := ask(one))))

    body = of_routes(lambda one: one[1].max_body and f"{one[0]} {one[1].max_body}")
    rate = of_routes(
        lambda one: one[1].rate_limit
        and f"{one[0]} {one[1].rate_limit.requests_per_second} requests a second"
    )
    return {
        "policies": kinds("NetworkPolicy"),
        "hpa": kinds("HorizontalPodAutoscaler"),
        "keda": kinds("ScaledObject"),
        "vpa": kinds("VerticalPodAutoscaler"),
        "pdb": kinds("PodDisruptionBudget"),
        "quotas": kinds("ResourceQuota"),
        "ingress": kinds("Ingress"),
        "gateway": kinds("HTTPRoute", "GRPCRoute"),
        "nginx": kinds("Ingress") and _any(sites, lambda site: site.spec.cluster.has_ingress_nginx),
        "issuers": bool(facts["issuers"]),
        "maxbody": _said(body),
        "ratelimit": _said(rate),
        "firewall": bool(of_routes(lambda one: one[1].firewall)),
        "cors": bool(facts["origins"]),
        "claims": kinds("PersistentVolumeClaim") or _any(sites, _has_volumes),
        "alerting": _any(sites, lambda site: site.spec.alerting is not None),
        "runbooks": facts["runbook_pages"],
        "monitored": bool(facts["workloads"]["monitored"]) and sites[-1].spec.monitoring.prometheus_url,
        "traces": _any(sites, lambda site: [s for s in site.spec.monitoring.datasources.values() if s.type in ("tempo", "jaeger")]),
        "argocd": any(site.spec.gitops.type == "argocd" for site in facts["delivered"]),
    }


def _said(found: Sequence[Somewhere]) -> Somewhere | None:
    return Somewhere([f"{one.value}{one.aside}" for one in found], "") if found else None


def _has_volumes(site: Site) -> bool:
    return any(getattr(one, "volumes", None) for one in site.usages)


def _quick(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for site in facts["scripted"]:
        yield f"Deploy to {site.name}", f"[{code(f'scripts/deploy-{site.name}.sh')}](#deploy-to-{site.name})"
    for site in facts["scripted"]:
        yield f"Take {site.name} back", f"[{code(f'scripts/rollback-{site.name}.sh --yes')}](#roll-back)"
    if not facts["scripted"]:
        yield "Take a version back", "[Roll back](#roll-back)"
    yield "See whether all is well", "[Health checks](#health-checks)"
    yield "Something is wrong", "[Incidents](#incidents)"
    if facts["backups"]:
        yield "Back up now, restore", "[Backups](#backups), [restore](#restore-a-database)"
    if facts["secrets"]:
        yield "Change a secret", "[Rotate a secret](#rotate-a-secret)"
    yield "Call somebody", "[Contacts](#contacts)"


def _flow(facts: Mapping[str, Any]) -> Iterator[str]:
    """The way of a change, from the commit to what watches it."""
    yield "Change of the spec or of an image's tag"
    yield "Review: validate, lint, render --check, the diff"
    for site in facts["sites"]:
        if site in facts["delivered"] and site not in facts["scripted"]:
            yield f"{site.name}: applied by {site.spec.gitops.type}"
        elif site.name in facts["deploy_steps"]:
            yield f"{site.name}: {facts['deploy_steps'][site.name]}"
        else:
            yield f"{site.name}: applied, and its health looked at"
    yield "Monitoring: dashboards and alerts"
