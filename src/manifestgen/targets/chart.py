"""The facts of the platform's Helm chart, taken from the spec."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from manifestgen.kinds.datastores import chart_values, dependencies
from manifestgen.resolving import ResolvedPlatform
from manifestgen.targets.helm import ChartInfo, Dependency, Maintainer


def chart_info(base: ResolvedPlatform, environments: Mapping[str, ResolvedPlatform]) -> ChartInfo:
    """What Chart.yaml says, and the values of the charts that the data services come from."""
    metadata = base.spec.metadata
    layers: dict[str | None, ResolvedPlatform] = {None: base}
    layers.update(environments)
    charts = _dependencies(layers.values())
    return ChartInfo(
        name=base.name,
        description=metadata.description,
        version=metadata.version,
        app_version=metadata.app_version,
        kube_version=f">= {_oldest(layers.values())}.0-0",
        home=metadata.home,
        maintainers=(Maintainer(metadata.owner),),
        dependencies=charts,
        dependency_values=_values(layers, charts),
        namespaces={name: str(platform.namespace) for name, platform in environments.items()},
        release=base.name,
        releases={name: platform.spec.release for name, platform in environments.items()},
    )


def _oldest(platforms: Iterable[ResolvedPlatform]) -> str:
    """The oldest version of Kubernetes that an environment runs."""
    versions = {platform.spec.cluster.kubernetes_version for platform in platforms}
    return min(versions, key=lambda version: int(version.split(".")[1]))


def _dependencies(platforms: Iterable[ResolvedPlatform]) -> tuple[Dependency, ...]:
    """Every chart that any environment uses; environments cannot differ in where it comes from."""
    charts: dict[str, Dependency] = {}
    for platform in platforms:
        for chart in dependencies(platform):
            datastore = platform.spec.datastores[chart["alias"]]
            charts.setdefault(chart["alias"], Dependency(**chart, description=datastore.description or ""))
    return tuple(charts.values())


def _values(
    layers: Mapping[str | None, ResolvedPlatform], charts: Iterable[Dependency]
) -> dict[str | None, dict[str, dict[str, Any]]]:
    """The values of each chart in each layer; where one is not used, it is off, and else as in the base."""
    used = {name: chart_values(platform) for name, platform in layers.items()}
    base = used[None]
    return {
        name: {
            chart.key: values.get(chart.key, {**base.get(chart.key, {}), "enabled": False})
            for chart in charts
        }
        for name, values in used.items()
    }
