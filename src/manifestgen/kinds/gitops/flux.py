"""Flux: the repository, and what of it is applied to an environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.kinds.datastores import chart_values, charted
from manifestgen.kinds.gitops.place import Place
from manifestgen.kinds.views import View, present
from manifestgen.kube.objects import Inventory, KubeObject
from manifestgen.spec.late import Charted, Flux

Context = dict[str, Any]

_RETRY: Final = "1m"
_CHECKED: Final = ("CronJob", "DaemonSet", "Deployment", "Job", "Rollout", "StatefulSet")
"""The kinds of workloads, by which the platform is ready where not all of its objects can be."""
_ROLLOUT: Final = ("argoproj.io/v1alpha1", "Rollout")
_ROLLOUT_HEALTH: Final = {
    "apiVersion": _ROLLOUT[0],
    "kind": _ROLLOUT[1],
    "inProgress": "!has(status.phase) || !has(status.observedGeneration)"
    " || status.observedGeneration != string(metadata.generation)"
    " || status.phase in ['Progressing', 'Paused']",
    "failed": "status.phase == 'Degraded'",
    "current": "status.phase == 'Healthy'",
}
"""In the order in which they are asked. Argo Rollouts writes ``observedGeneration`` as a text, which no check
of Flux's own can read."""


def views(place: Place, gitops: Flux, inventory: Inventory) -> Iterator[tuple[str, View]]:
    """The repository, the platform and, where that is not in the chart of the platform, the data services."""
    if not place.makes_namespace and gitops.kubeconfig is None:
        yield "namespace.yaml", _namespace(place)
    yield "git-repository.yaml", _repository(place, gitops)
    if gitops.source == "helm":
        yield "platform.yaml", _platform_chart(place, gitops)
        return
    yield "platform.yaml", _platform(place, gitops, inventory)
    if any(charted(place.platform)):
        yield "data-services.yaml", _data_services(place, gitops)
        for name, service in charted(place.platform):
            yield from _data_service(place, gitops, name, service)


def _namespace(place: Place) -> View:
    return place.view(
        "namespace",
        str(place.platform.namespace),
        f"The namespace of {place.platform.name} in {place.environment}. Flux never deletes it.",
        annotations={"kustomize.toolkit.fluxcd.io/prune": "disabled"},
    )


def _repository(place: Place, gitops: Flux) -> View:
    reference = (
        {"branch": gitops.branch, "commit": gitops.commit}
        if gitops.commit
        else {"tag": gitops.tag}
        if gitops.tag
        else {"branch": gitops.branch}
    )
    return place.view(
        "git-repository",
        place.name,
        f"What {place.platform.name} in {place.environment} is made of.",
        url=gitops.repository,
        reference=reference,
        pin=gitops.pin,
        interval=gitops.poll,
        credentials=gitops.credentials,
    )


def _platform(place: Place, gitops: Flux, inventory: Inventory) -> View:
    workloads = [made for made in inventory.objects.values() if made.id.kind in _CHECKED]
    never_ready = [
        made for made in workloads if made.id.kind == "Job" and made.manifest["spec"].get("suspend")
    ]
    checked = [made for made in workloads if made not in never_ready] if never_ready else []
    has_rollouts = any(made.id[:2] == _ROLLOUT for made in workloads)
    return place.view(
        "kustomization",
        place.name,
        f"{place.platform.name} in {place.environment}.",
        path=place.path(f"k8s/overlays/{place.environment}"),
        wait=not never_ready,
        checks=[_check(made, place.platform.namespace) for made in checked],
        expressions=[_ROLLOUT_HEALTH] if has_rollouts else [],
        target=_target(gitops),
        **_common(place, gitops),
    )


def _check(made: KubeObject, namespace: str | None) -> Context:
    return {
        "apiVersion": made.id.api_version,
        "kind": made.id.kind,
        "name": made.id.name,
        "namespace": namespace,
    }


def _common(place: Place, gitops: Flux) -> Context:
    return {
        "repository": place.name,
        "interval": gitops.interval,
        "retry": _RETRY,
        "timeout": gitops.timeout,
        "prune": gitops.prune,
    }


def _target(gitops: Flux) -> Context:
    """Which cluster is changed, and in whose name."""
    secret = {"secretRef": {"name": gitops.kubeconfig}} if gitops.kubeconfig else None
    return present(kubeConfig=secret, serviceAccountName=gitops.service_account)


def _data_services(place: Place, gitops: Flux) -> View:
    return place.view(
        "kustomization",
        place.data,
        f"The data services of {place.platform.name} in {place.environment} that charts run.",
        path=place.path(f"{place.folder}/data-services"),
        wait=True,
        checks=[],
        expressions=[],
        target=present(serviceAccountName=gitops.service_account),
        **_common(place, gitops),
    )


def _platform_chart(place: Place, gitops: Flux) -> View:
    values = [f"{place.chart}/{file}.yaml" for file in ("values", f"values-{place.environment}")]
    return _release(
        place,
        gitops,
        place.name,
        f"{place.platform.name} in {place.environment}.",
        release=place.platform.name,
        chart={**_chart_in_git(place, place.chart), "valuesFiles": values},
        values=None,
    )


def _chart_in_git(place: Place, path: str) -> Context:
    return {
        "chart": f"./{path}",
        "sourceRef": {"kind": "GitRepository", "name": place.name},
        "reconcileStrategy": "Revision",  # else only a new version in Chart.yaml would be a change
    }


def _data_service(place: Place, gitops: Flux, name: str, service: Charted) -> Iterator[tuple[str, View]]:
    title = f"{name} of {place.platform.name} in {place.environment}"
    own = f"{place.name}-{name}"
    source, path = service.chart, place.chart_path(service.chart.repository)
    if path is None:
        chart = {
            "chart": source.name,
            "version": source.version,
            "sourceRef": {"kind": "HelmRepository", "name": own},
        }
        yield f"data-services/{name}-repository.yaml", _charts(place, own, title, source.repository)
    else:
        chart = _chart_in_git(place, path)
    yield (
        f"data-services/{name}.yaml",
        _release(
            place,
            gitops,
            own,
            f"{title}.",
            release=f"{place.platform.name}-{name}",
            chart=chart,
            values=chart_values(place.platform)[name],
        ),
    )


def _charts(place: Place, name: str, title: str, url: str) -> View:
    kind = "oci" if url.startswith("oci://") else "default"
    return place.view("helm-repository", name, f"The charts that {title} comes from.", url=url, type=kind)


def _release(  # noqa: PLR0913 - the parts of the object
    place: Place,
    gitops: Flux,
    name: str,
    description: str,
    *,
    release: str,
    chart: Context,
    values: Context | None,
) -> View:
    return place.view(
        "helm-release",
        name,
        description,
        release=release,
        chart=chart,
        values=values,
        target_namespace=place.platform.namespace,
        makes_namespace=not place.makes_namespace,
        interval=gitops.interval,
        timeout=gitops.timeout,
        target=_target(gitops),
    )
