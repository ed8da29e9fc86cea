"""Argo CD: the AppProject and the Applications of an environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.kinds.datastores import charted
from manifestgen.kinds.gitops.place import Place
from manifestgen.kinds.views import View
from manifestgen.kube.identity import group, is_cluster_scoped
from manifestgen.kube.objects import Inventory
from manifestgen.spec.late import ArgoCD, PostgreSQL, Window

Context = dict[str, Any]

PLUGIN: Final = "manifestgen"
"""The name of the config-management plugin."""
_NAMESPACE: Final = ("", "Namespace")


def views(place: Place, gitops: ArgoCD, inventory: Inventory) -> Iterator[tuple[str, View]]:
    """The project, the platform and, where that is not in the chart of the platform, the data services."""
    if gitops.project is None:
        yield "project.yaml", _project(place, gitops, inventory)
    yield "platform.yaml", _platform(place, gitops)
    if gitops.source != "helm" and any(charted(place.platform)):
        yield "data-services.yaml", _data_services(place, gitops)


def _project(place: Place, gitops: ArgoCD, inventory: Inventory) -> View:
    return place.view(
        "app-project",
        place.name,
        f"What the Applications of {place.platform.name} in {place.environment} may do, and where.",
        title=f"{place.platform.name} in {place.environment}",
        repository=gitops.repository,
        destination=_destination(place, gitops),
        cluster_kinds=_cluster_kinds(place, gitops, inventory),
        windows=[_window(name, window) for name, window in gitops.windows.items()],
    )


def _cluster_kinds(place: Place, gitops: ArgoCD, inventory: Inventory) -> list[Context]:
    """The kinds of cluster-wide objects that there are, that the spec names, and a namespace to make."""
    made = {
        (group(one.id.api_version), one.id.kind)
        for one in inventory.objects.values()
        if is_cluster_scoped(one.manifest, one.scope)
    }
    named = {_kind(one) for one in gitops.cluster_kinds}
    wanted = sorted(made | named | (set() if place.makes_namespace else {_NAMESPACE}))
    return [{"group": of, "kind": kind} for of, kind in wanted]


def _kind(text: str) -> tuple[str, str]:
    of, _, kind = text.rpartition("/")
    return of, kind


def _window(name: str, window: Window) -> Context:
    return {
        "kind": window.kind,
        "schedule": window.schedule,
        "duration": window.duration,
        "timeZone": window.time_zone,
        "applications": ["*"],
        "manualSync": window.manual_sync,
        "description": name,
    }


def _destination(place: Place, gitops: ArgoCD) -> Context:
    key = "server" if gitops.cluster.startswith("https://") else "name"
    return {key: gitops.cluster, "namespace": place.platform.namespace}


def _platform(place: Place, gitops: ArgoCD) -> View:
    drawn = _drawn(place) if gitops.source == "helm" else []
    return _application(
        place,
        gitops,
        place.name,
        f"{place.platform.name} in {place.environment}. Its objects say in which wave they are applied.",
        source=_source(place, gitops),
        drawn=drawn,
    )


def _source(place: Place, gitops: ArgoCD) -> Context:
    match gitops.source:
        case "kustomize":
            return {"path": place.path(f"k8s/overlays/{place.environment}")}
        case "helm":
            values = {"releaseName": place.platform.name, "valueFiles": [f"values-{place.environment}.yaml"]}
            return {"path": place.chart, "helm": values}
        case "plugin":
            parameters = [
                {"name": "environment", "string": place.environment},
                {"name": "spec", "string": gitops.spec_file},
            ]
            return {"path": ".", "plugin": {"name": PLUGIN, "parameters": parameters}}


def _data_services(place: Place, gitops: ArgoCD) -> View:
    return _application(
        place,
        gitops,
        place.data,
        f"The data services of {place.platform.name} in {place.environment} that charts run. Argo CD needs\n"
        "`kustomize.buildOptions: --enable-helm` in its ConfigMap argocd-cm for it.",
        source={"path": place.path(f"k8s/dependencies/{place.environment}")},
        drawn=_drawn(place),
    )


def _drawn(place: Place) -> list[Context]:
    """Secrets with a certificate that a chart draws anew with every build; the one that is there stays."""
    return [
        {"kind": "Secret", "name": f"{name}-crt", "jsonPointers": ["/data"]}
        for name, service in charted(place.platform)
        if isinstance(service, PostgreSQL)
    ]


def _application(  # noqa: PLR0913 - the parts of the object
    place: Place, gitops: ArgoCD, name: str, description: str, *, source: Context, drawn: list[Context]
) -> View:
    options = [
        *([] if place.makes_namespace else ["CreateNamespace=true"]),
        "ServerSideApply=true",
        *(["PruneLast=true"] if gitops.prune else []),
        *(["RespectIgnoreDifferences=true"] if drawn else []),
    ]
    return place.view(
        "application",
        name,
        description,
        project=gitops.project or place.name,
        repository=gitops.repository,
        revision=gitops.revision,
        pin=gitops.pin,
        source=source,
        destination=_destination(place, gitops),
        automated={"prune": gitops.prune, "selfHeal": gitops.self_heal} if gitops.automated else None,
        options=options,
        drawn=drawn,
    )
