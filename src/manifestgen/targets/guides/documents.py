"""Both documents: what their templates are given, and their text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.markdown import code
from manifestgen.targets.guides import (
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
from manifestgen.targets.guides.ways import charts_of, ways

Delivered = Mapping[str, Sequence[tuple[str, str]]]
"""The objects of Argo CD or Flux by environment: kind in small letters, and name."""

TARGET: Final = "guides"
FOLDER: Final = "docs/deployment"
_DOCUMENTS: Final = ("KUBERNETES_GUIDE", "DEPLOYMENT_RUNBOOK")


def documents(
    sites: Sequence[Site],
    delivered: Delivered,
    made: Collection[str],
    renderer: Renderer,
) -> Iterator[Artifact]:
    """The guide and the runbook.

    ``delivered`` are the objects of Argo CD or Flux, ``made`` the targets that there are.
    """
    facts = _facts(sites, delivered, made)
    for name in _DOCUMENTS:
        text = renderer.render(f"guides/{name}.md.j2", facts)
        yield Artifact(f"{FOLDER}/{name}.md", with_contents(text), TARGET)


def _facts(sites: Sequence[Site], delivered: Delivered, made: Collection[str]) -> dict[str, Any]:
    metadata = sites[-1].spec.metadata
    facts: dict[str, Any] = {
        "platform": metadata.name,
        "about": metadata,
        "sites": sites,
        "made": made,
        "all_sites": ", ".join(site.name for site in sites),
        "hosts": {site.name: _hosts(site) for site in sites},
        "delivery_objects": {
            name: [one for kind, one in found if kind == "application"] for name, found in delivered.items()
        },
        "flux_objects": {
            name: [(kind, one) for kind, one in found if kind in ("kustomization", "helmrelease")]
            for name, found in delivered.items()
        },
        **ways(sites, made),
        **_parts(sites, made),
        **subjects.more(sites),
        **subjects.routes(sites),
        **_people(sites),
        "lists": _lists(sites),
        "pods": subjects.pods(sites),
        "migrations": alike(sites, _migrations),
    }
    facts["lists"]["components"] = [one.name for one in facts["components"] if one.commands]
    facts["has"] = _has(sites, facts)
    facts["quick"] = list(_quick(facts))
    facts["flow"] = diagrams.steps(facts["flow"])
    return facts


def _lists(sites: Sequence[Site]) -> dict[str, Any]:
    """Names of what is there, of all environments."""
    return {
        "profiles": names_of(
            sites, lambda site: site.spec.load_tests.profiles if site.spec.load_tests else ()
        ),
        "smoke": names_of(sites, lambda site: site.spec.deployment.smoke if site.spec.deployment else ()),
        "slos": names_of(sites, lambda site: site.spec.slos),
        "stores": names_of(sites, lambda site: site.spec.datastores),
        "windows": names_of(sites, lambda site: getattr(site.spec.gitops, "windows", ())),
        "charts": names_of(sites, charts_of),
        "versions": names_of(sites, lambda site: [site.spec.cluster.kubernetes_version]),
    }


def _migrations(site: Site) -> Iterator[dict[str, Any]]:
    migrations = site.spec.deployment.migrations if site.spec.deployment else None
    if migrations is not None:
        yield {"limit": migrations.time_limit, "preview": migrations.preview is not None}


def _hosts(site: Site) -> list[str]:
    return list(dict.fromkeys(host for route in site.spec.routes.values() for host in route.hosts))


def _parts(sites: Sequence[Site], made: Collection[str]) -> dict[str, Any]:
    """What the chapters of the guide are about."""
    wanted = components.components_of(sites)
    return {
        "components": wanted,
        "apis": components.apis_of(sites, wanted),
        "figures": components.wanted_figures(sites),
        "pictures": diagrams.architecture(sites[-1]),
        "things": _things(sites),
        "capacity": [workloads.capacity(site) for site in sites],
        "rows": {"environments": workloads.environments(sites), "settings": workloads.settings(sites)},
        "secrets": alike(sites, secrets.secrets_of),
        "restarts": alike(
            sites, lambda site: (one for kept in secrets.secrets_of(site) for one in kept.restarts)
        ),
        "vaults": [(site, *one) for site in sites for one in secrets.vaults_of(site)],
        "set_up": [site for site in sites if site.spec.vault_setup is not None and "vault" in made],
        "scaling": {
            "rows": [(site.name, rows) for site in sites if (rows := workloads.running(site))],
            "kinds": subjects.scaling_kinds(sites),
        },
        "network": diagrams.network(sites[-1]),
        "policies": _policies(sites),
        "told": [
            site for site in sites if site.spec.monitoring.delivery != "operator" and _checked(site, made)
        ],
        "told_where": [
            site.name
            for site in sites
            if site.spec.alerting is not None and site.spec.alerting.delivery != "operator"
        ],
        "alerts": {site.name: watching.counted(site) for site in sites},
        "boards": watching.dashboards(sites) if "grafana" in made else [],
        "routing": watching.routing(sites),
        "latency": watching.latency(sites),
        "severities": watching.severities(sites, _pages(sites, made)),
        "stores": subjects.stores(sites),
        "workloads": subjects.workloads(sites),
        "controllers": subjects.controllers_named(sites),
        "probes": subjects.probes(sites),
        "images": subjects.images(sites),
        "limits": subjects.limits(sites),
        "spread": " or ".join(dict.fromkeys(word for word in _spreads(sites) if word)),
        "runbook_pages": _pages(sites, made),
    }


def _checked(site: Site, made: Collection[str]) -> bool:
    return "prometheus" in made or ("alertmanager" in made and site.spec.alerting is not None)


def _pages(sites: Sequence[Site], made: Collection[str]) -> bool:
    """Whether every alert has a page."""
    return "runbooks" in made and all(site.spec.monitoring.runbooks_url is not None for site in sites)


def _policies(sites: Sequence[Site]) -> list[tuple[str, list[network.Policy]]]:
    """The policies by environment; once where they are the same."""
    everywhere = ", ".join(site.name for site in sites)
    found = alike(sites, lambda site: filter(None, [network.policies(site)]))
    return [(one.where or everywhere, one.value) for one in found]


def _spreads(sites: Sequence[Site]) -> Iterator[str]:
    for site in sites:
        for one in workloads.running(site):
            yield from one.spread.split(", ")


def _things(sites: Sequence[Site]) -> list[Somewhere]:
    """What the platform consists of, and what it connects to anywhere."""
    known = dict(part for site in sites for part in _parts_of(site))
    connects = {name: names_of(sites, partial(_connections, name)) for name in known}
    return [
        Somewhere({"name": one.value, "what": known[one.value], "connects": connects[one.value]}, one.where)
        for one in alike(sites, lambda site: [name for name, _ in _parts_of(site)])
    ]


def _connections(name: str, site: Site) -> list[str]:
    workload = site.spec.workloads.get(name)
    return [] if workload is None else list(workload.connects)


def _parts_of(site: Site) -> Iterator[tuple[str, str]]:
    """Everything by its name, and what it is."""
    spec = site.spec
    for name, workload in spec.workloads.items():
        yield name, workload.description or workload.type
    for name, store in spec.datastores.items():
        yield name, store.description or store.type
    for name, external in spec.externals.items():
        yield name, external.description or "outside of the namespace"


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
        lambda one: (
            one[1].rate_limit and f"{one[0]} {one[1].rate_limit.requests_per_second} requests a second"
        )
    )
    return {
        "policies": kinds("NetworkPolicy"),
        "hpa": kinds("HorizontalPodAutoscaler"),
        "keda": kinds("ScaledObject"),
        "vpa": kinds("VerticalPodAutoscaler"),
        "pdb": kinds("PodDisruptionBudget"),
        "quotas": kinds("ResourceQuota"),
        "scan": _any(sites, lambda site: site.spec.deployment and site.spec.deployment.scan),
        "settings": _any(sites, lambda site: site.spec.settings),
        "chaos": _any(sites, lambda site: site.spec.chaos),
        "mesh": _any(sites, lambda site: site.spec.mesh),
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
        "traces": _any(
            sites,
            lambda site: [
                s for s in site.spec.monitoring.datasources.values() if s.type in ("tempo", "jaeger")
            ],
        ),
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
