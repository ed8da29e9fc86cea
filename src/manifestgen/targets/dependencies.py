"""The charts of the data services for users of Kustomize: one kustomization of charts for each environment.

Kustomize hands ``helmCharts`` to ``helm template``. What makes that give the very objects that the chart of
the platform gives by its dependencies:

* the release is called like that of the platform's chart, and stands in the same namespace;
* the names of the charts, which are aliases there, are in no name of an object: ``fullnameOverride`` is set;
* values stand in files, which Helm reads itself: Kustomize would lose a null among inline values;
* custom resource definitions are installed, tests are not;
* objects that name no namespace get that of the release by a patch: since 5.8, Kustomize's own ``namespace:``
  leaves alone what comes from a chart.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.kinds.datastores import chart_values, charted
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform
from manifestgen.yamlio import emit

TARGET: Final = "kustomize"
_FILE: Final = "file://"


def render(environments: Mapping[str, ResolvedPlatform], renderer: Renderer) -> Iterator[Artifact]:
    """``k8s/dependencies/<environment>`` for each environment in which charts run data services."""
    for environment, platform in environments.items():
        if any(charted(platform)):
            yield from _Tree(environment, platform).artifacts(renderer)


@dataclass(frozen=True, slots=True)
class _Tree:
    environment: str
    platform: ResolvedPlatform

    @property
    def folder(self) -> str:
        return f"k8s/dependencies/{self.environment}"

    def artifacts(self, renderer: Renderer) -> Iterator[Artifact]:
        values = chart_values(self.platform)
        stores = dict(charted(self.platform))
        apart = [name for name, store in stores.items() if store.chart.repository.startswith(_FILE)]
        together = [self._chart(name) for name in stores if name not in apart]
        yield self._file("kustomization.yaml", self._kustomization(renderer, together, resources=apart))
        for name in apart:
            # Kustomize looks for all charts of a kustomization in one folder: this one has its own.
            home, chart = posixpath.split(self._local_path(name))
            text = self._kustomization(renderer, [{**self._chart(name), "name": chart}], home=home)
            yield self._file(f"{name}/kustomization.yaml", text)
        for name in stores:
            comment = (
                f"Values of the chart of {name} in {self.environment}, as the platform's chart has them."
            )
            path = f"{name}/values-{name}.yaml" if name in apart else f"values-{name}.yaml"
            yield self._file(path, emit.dump(values[name], comment))

    def _chart(self, name: str) -> dict[str, Any]:
        """One entry of ``helmCharts``."""
        source = dict(charted(self.platform))[name].chart
        is_local = source.repository.startswith(_FILE)
        return {
            "name": source.name,
            **({} if is_local else {"repo": source.repository, "version": source.version}),
            "releaseName": self.platform.name,
            "namespace": self.platform.namespace,
            "valuesFile": f"values-{name}.yaml",
            "includeCRDs": True,
            "skipTests": True,
            "kubeVersion": f"{self.platform.spec.cluster.kubernetes_version}.0",
        }

    def _local_path(self, name: str) -> str:
        """Where a chart in a folder lies, from the folder of its own kustomization.

        Helm looks for it from the folder of the platform's chart.
        """
        path = dict(charted(self.platform))[name].chart.repository.removeprefix(_FILE)
        if path.startswith("/"):
            return posixpath.normpath(path)
        return posixpath.normpath(f"../../../../helm/{self.platform.name}/{path}")

    def _kustomization(
        self,
        renderer: Renderer,
        charts: list[dict[str, Any]],
        *,
        resources: list[str] | None = None,
        home: str | None = None,
    ) -> str:
        context = {
            "platform": self.platform.name,
            "environment": self.environment,
            "namespace": self.platform.namespace,
            "folder": self.folder,
            "charts": charts,
            "resources": resources or [],
            "home": home,
        }
        return renderer.render("kustomize/dependencies.yaml.j2", context)

    def _file(self, path: str, text: str) -> Artifact:
        return Artifact(path=f"{self.folder}/{path}", text=text, target=TARGET, environment=self.environment)
