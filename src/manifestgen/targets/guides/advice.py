"""What is looked at before and after a deployment, and what the platform does well: lines of lists.

Each line is about something that this platform has, and is not there otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from manifestgen.kube.pods import all_containers, pod_template
from manifestgen.rendering.markdown import cell, code
from manifestgen.targets.guides.site import Site, names_of
from manifestgen.targets.guides.workloads import BRIEF, CONTROLLERS, controllers

Facts = dict[str, Any]
"""What the templates are given."""


def _listed(words: Iterable[str]) -> str:
    found = list(words)
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


# --- Before ----------------------------------------------------------------------------------------


def checklist(sites: Sequence[Site], facts: Facts) -> list[tuple[str, list[str]]]:
    """The groups of the checklist, with their lines."""
    groups = (
        ("The change", _change(sites, facts)),
        ("Where it has been tried", _tried(sites, facts)),
        ("The database", _database(sites, facts)),
        ("The cluster", _cluster(sites, facts)),
        ("The people", _people(sites, facts)),
        ("The way back", _way_back(sites, facts)),
    )
    found = ((title, list(lines)) for title, lines in groups)
    return [(title, lines) for title, lines in found if lines]


def _change(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    version = sites[-1].spec.metadata.app_version
    yield "The change is reviewed, and in the branch that is deployed."
    yield "`manifestgen validate` and `manifestgen lint --strict` say nothing."
    yield "`manifestgen render --check` says that what is committed is what the spec says."
    yield "Somebody has read the whole diff of the rendered files, and nothing in it is a surprise."
    if version:
        yield f"`metadata.appVersion` says the version that is meant; now it is {code(version)}."
    yield f"Every image is in its registry: {_listed(map(code, facts['images'])) or 'there is none'}."
    if any(site.spec.deployment and site.spec.deployment.scan for site in sites):
        yield "The images have no vulnerability that stops a deployment (Trivy), or there is a decision about it."
    if any(site.spec.settings for site in sites):
        yield "Each new setting has a value for each environment."
    if facts["secrets"]:
        yield "Each new secret is in its store, in each environment."
    if facts["has"]["policies"]:
        yield "Whatever a workload newly talks to is in its `connects`; all else is closed."


def _tried(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    if len(sites) > 1:
        yield f"The same version, by digest, runs in {sites[0].name}, and has done so long enough to be seen."
        yield f"No alert has fired in {sites[0].name} since."
    for name in names_of(sites, lambda site: site.spec.load_tests.profiles if site.spec.load_tests else ())[:1]:
        yield f"The load test `{name}` has held its thresholds in {sites[0].name}."
    checks = names_of(sites, lambda site: site.spec.deployment.smoke if site.spec.deployment else ())
    if checks:
        yield f"The smoke checks hold: {_listed(map(code, checks))}."
    slos = names_of(sites, lambda site: site.spec.slos)
    if slos:
        yield f"No objective has spent its error budget: {_listed(map(code, slos))}."
    if any(site.spec.chaos is not None for site in sites):
        yield "The last experiments of Chaos Mesh did no harm that people saw."


def _database(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    migrations = [site.spec.deployment.migrations for site in sites if site.spec.deployment]
    wanted = [one for one in migrations if one is not None]
    if wanted:
        yield "The old version gets along with the new schema, for both run for a while."
        yield f"The migration takes no lock for long, and less than {wanted[-1].time_limit}."
    if any(one.preview for one in wanted):
        yield "Somebody who knows the database has read the preview of the migration."
    for one in facts["backups"]:
        yield f"The last backup `{one.value['name']}` has succeeded{one.aside}."
    if facts["backups"]:
        yield "A backup was restored, for the proof of it, within the last month."
    for kind in ("postgresql", "redis", "rabbitmq", "minio"):
        for one in facts["stores"][kind]:
            yield f"All pods of `{one.value['name']}` are ready{one.aside}."


def _cluster(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    has = facts["has"]
    contexts = [f"{code(site.context)} for {site.name}" for site in sites if site.context]
    if contexts:
        yield f"`kubectl config current-context` is {' or '.join(contexts)}."
    yield "All nodes are ready, and none is being drained."
    yield "There is room for the pods that come beside the old ones: see [capacity](KUBERNETES_GUIDE.md#capacity)."
    if any(site.names("ResourceQuota") for site in sites):
        yield "The quotas of the namespace have room for them, too."
    yield "No critical alert fires, and no other deployment is in progress."
    if facts["secrets"]:
        yield "All ExternalSecrets are synced."
    if has["issuers"]:
        yield "No certificate ends within two weeks."
    if has["hpa"] or has["keda"]:
        yield "No autoscaler is at its maximum."
    if has["argocd"]:
        yield "Argo CD shows everything as synced and healthy."
    windows = names_of(
        sites,
        lambda site: site.spec.gitops.windows if site.spec.gitops and site.spec.gitops.type == "argocd" else (),
    )
    if windows:
        yield f"No window forbids it: {_listed(map(code, windows))}."


def _people(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    for site in sites:
        deployment = site.spec.deployment
        if deployment is not None and deployment.approval is not None:
            yield f"{cell(deployment.approval.by)} has agreed, or is there to do so, for {site.name}."
    for name, text in facts["durations"]:
        yield f"There is time for it: a deployment to {name} takes {cell(text)}."
    if facts["contacts"]:
        yield "Those who are on duty know of it: see [contacts](#contacts)."
    yield "Those who answer to users know what changes for them."
    if facts["boards"]:
        yield "Somebody has the [dashboards](#dashboards) open."
    if facts["has"]["alerting"]:
        yield "Alerts that it is sure to cause are silenced, for as long as it takes."


def _way_back(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    yield "It is known which revision to go back to, and that its images are still there."
    if facts["scripted"]:
        yield "The rollback script has been run with `--dry-run`."
    yield "It is agreed what makes you go back, and who says so."


def checks(facts: Facts) -> list[str]:
    """Commands that answer what is on the checklist."""
    has, names = facts["has"], 'kubectl --namespace "$NS" get '
    wanted = (
        ("kubectl config current-context", True),
        ("kubectl get nodes", True),
        (f"{names}pods", True),
        (f"{names}externalsecrets", facts["secrets"]),
        (f"{names}certificates", has["issuers"]),
        (f"{names}horizontalpodautoscalers", has["hpa"]),
        (f"{names}scaledobjects", has["keda"]),
        (f"{names}resourcequotas", has["quotas"]),
        (f"{names}leases", facts["scripted"]),
        ('helm history "$RELEASE" --namespace "$NS" --max 5', "helm" in facts["methods"]),
    )
    return [command for command, is_wanted in wanted if is_wanted]


def afterwards(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    """What is done when a deployment is over."""
    yield "All [health checks](#health-checks) hold."
    if facts["boards"]:
        yield "Errors, durations and restarts on the [dashboards](#dashboards) are as they were, for half an hour."
    if facts["has"]["alerting"]:
        yield "Silences are taken away, and no alert fires."
    if any(site.spec.slos for site in sites):
        yield "The error budgets are spent no faster than before."
    if facts["scripted"]:
        yield "The record is there: `kubectl` shows the ConfigMap `RELEASE-deployment`."
    if any(site.spec.deployment and site.spec.deployment.tag for site in sites):
        yield "The commit has its tag, and the tag is pushed."
    for site in facts["delivered"]:
        if site.spec.gitops.tag:
            yield f"`gitops.tag` of {site.name} names the version that runs."
    if any(site.spec.deployment and site.spec.deployment.migrations for site in sites):
        yield "What the old schema still has and nobody reads is on a list, for a later migration."
    yield "Those who asked for the change know that it is there."
    yield "What went otherwise than planned is written down, and what would have helped goes into the spec."


def dependencies(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    """What is brought up to date, and where that is done."""
    yield f"Images: their tags are in the spec; now {_listed(map(code, facts['images'])) or 'none'}."
    charts = names_of(
        sites,
        lambda site: [
            f"{one.chart.name} {one.chart.version}"
            for one in site.spec.datastores.values()
            if getattr(one, "chart", None) is not None
        ],
    )
    if charts:
        yield (
            f"Charts of data services: {_listed(map(code, charts))}. The newest version that fits is fetched; read its notes"
            " before you raise the number."
        )
    if facts["components"]:
        yield (
            "What the cluster has beside the platform:"
            f" {_listed(one.name for one in facts['components'] if one.commands) or 'nothing'}. Raise it in"
            f" {sites[0].name} first."
        )
    versions = names_of(sites, lambda site: [site.spec.cluster.kubernetes_version])
    yield (
        f"Kubernetes: `cluster.kubernetesVersion` ({_listed(versions)}) says what objects are checked against. Raise it before"
        " the cluster, and render: what the new version no longer knows is a finding."
    )


# --- Practices -------------------------------------------------------------------------------------


def practices(sites: Sequence[Site], facts: Facts, made: Collection[str]) -> list[str]:
    """What the platform does, and where the spec says so."""
    return [*_of_changes(sites, facts, made), *_of_pods(sites, facts), *_of_operation(sites, facts)]


def _of_changes(sites: Sequence[Site], facts: Facts, made: Collection[str]) -> Iterator[str]:
    yield "**Change the spec, never what is made from it.** `manifestgen render --check` in CI finds what was edited by hand."
    if len(sites) > 1:
        yield (
            "**Let environments differ in as little as can be.** Each is a patch on the same base (`environments`):"
            " see [what differs](#environments)."
        )
    if facts["scripted"]:
        yield (
            "**Deploy what was tested.** The scripts pin every image to the digest that they have found and looked at"
            " (`deployment`)."
        )
    pinned = [site.name for site in facts["delivered"] if site.spec.gitops.tag]
    if pinned:
        yield f"**Promote by a commit.** {_listed(pinned)} is pinned to a tag that a review has changed (`gitops.tag`)."
    if facts["secrets"]:
        yield "**Keep secrets out of Git.** The spec has references only, and a literal that looks like a secret is refused."


def _of_pods(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    pods = [
        (pod_template(one) or {}).get("spec") or {}
        for site in sites
        for one in controllers(site, (*CONTROLLERS, *BRIEF))
    ]
    containers = [container for pod in pods for container in all_containers(pod)]
    if pods and all(_without_root(pod) for pod in pods):
        yield "**Run without root.** Every pod says so, and none may raise its privileges (`security`)."
    if containers and all((one.get("securityContext") or {}).get("readOnlyRootFilesystem") for one in containers):
        yield "**Write nowhere but where it is meant.** Every root file system is read-only (`scratch`, `volumes`)."
    if facts["has"]["policies"]:
        yield "**Open only what is used.** Network policies close everything but what `connects` names."
    if containers and all((one.get("resources") or {}).get("requests") for one in containers):
        yield "**Ask for what you need.** Every container has requests, so that the cluster can plan (`resources`)."
    if facts["has"]["pdb"]:
        yield "**Survive the loss of a node.** Pods are spread (`spread`), and drains leave enough of them (`disruptionBudget`)."
    if facts["has"]["hpa"] or facts["has"]["keda"]:
        yield "**Scale by the load, with an upper end.** See [what scales](#scaling-and-availability) (`autoscaling`)."
    if facts["workloads"]["ready"]:
        yield "**Say when you are ready.** A pod without readiness gets requests that it cannot answer (`probes.readiness`)."


def _without_root(pod: dict[str, Any]) -> bool:
    own = pod.get("securityContext") or {}
    return all(
        (one.get("securityContext") or {}).get("runAsNonRoot", own.get("runAsNonRoot")) for one in all_containers(pod)
    )


def _of_operation(sites: Sequence[Site], facts: Facts) -> Iterator[str]:
    if any(site.spec.slos for site in sites):
        yield "**Promise something, and measure it.** Alerts go by how fast error budgets are spent (`slos`)."
    if facts["has"]["runbooks"]:
        yield "**Wake nobody without a page to read.** Every alert has [a runbook](../runbooks/README.md) (`monitoring.runbooksUrl`)."
    if facts["backups"]:
        yield "**Prove that backups can be restored.** The restore has a way that touches nothing (`--check`)."
    if any(site.spec.load_tests is not None for site in sites):
        yield "**Know where the end is.** Load tests hold the objectives before users do (`loadTests`)."
    if any(site.spec.chaos is not None for site in sites):
        yield "**Break it on purpose.** What is survived on workdays is survived at night (`chaos`)."
    yield "**Say who is called.** Contacts and objectives of recovery are in the [runbook](DEPLOYMENT_RUNBOOK.md#contacts) (`documentation`)."
