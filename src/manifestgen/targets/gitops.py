"""GitOps: what tells Argo CD or Flux to apply the output, a folder for each environment."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from manifestgen.artifact import Artifact
from manifestgen.kinds.gitops import Delivery
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import ArgoCD

TARGET: Final = "gitops"


def render(
    environments: Mapping[str, ResolvedPlatform], delivered: Mapping[str, Delivery], renderer: Renderer
) -> Iterator[Artifact]:
    """The objects of each environment, a kustomization for each folder, and the plugin if it is used."""
    for environment, delivery in delivered.items():
        title = f"{environments[environment].name} in {environment}"
        for path, text in _files(delivery, title, renderer):
            yield Artifact(f"{delivery.folder}/{path}", text, TARGET, environment)
    if any(_uses_plugin(platform) for platform in environments.values()):
        yield Artifact(
            "gitops/argocd/plugin.yaml", renderer.render("gitops/argocd/plugin.yaml.j2", {}), TARGET
        )


def _uses_plugin(platform: ResolvedPlatform) -> bool:
    return isinstance(platform.spec.gitops, ArgoCD) and platform.spec.gitops.source == "plugin"


def _files(delivery: Delivery, title: str, renderer: Renderer) -> Iterator[tuple[str, str]]:
    folders: dict[str, list[str]] = {}
    for path, made in delivery.files.items():
        folder, name = posixpath.split(path)
        folders.setdefault(folder, []).append(name)
        yield path, made.text
    for folder, paths in folders.items():
        what = (
            "Its data services." if folder else f"{title}: `kubectl apply -k` on this folder hands it over."
        )
        yield posixpath.join(folder, "kustomization.yaml"), _kustomization(what, paths, renderer)


def _kustomization(title: str, paths: Iterable[str], renderer: Renderer) -> str:
    return renderer.render("gitops/kustomization.yaml.j2", {"title": title, "paths": list(paths)})
