"""What can be emitted. One more kind of output is one folder of templates and one line in REGISTRY."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from manifestgen.artifact import Artifact
from manifestgen.kube.objects import Inventory
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform

if TYPE_CHECKING:
    from manifestgen.kinds.gitops import Delivery


class Inputs(NamedTuple):
    """What every target is given: the platform and its objects, as the base and each environment has them."""

    base: ResolvedPlatform
    environments: Mapping[str, ResolvedPlatform]
    base_objects: Inventory
    objects: Mapping[str, Inventory]
    renderer: Renderer
    delivered: Mapping[str, Delivery] = {}
    """What tells Argo CD or Flux to apply an environment, where the spec says who does."""


Make = Callable[[Inputs], Iterable[Artifact]]
"""What makes files. Raises ManifestgenError where that cannot be done."""


class Target(NamedTuple):
    """One kind of output: its name, what it is for, its folders of templates, and what makes its files."""

    name: str
    summary: str
    templates: tuple[str, ...]
    make: Make
    shares: tuple[Make, ...] = ()
    """What makes more of its files, each for itself: where all of them take long, processes share them."""


def _kustomize(inputs: Inputs) -> Iterable[Artifact]:
    from manifestgen.targets import dependencies, kustomize

    return [
        *kustomize.render(inputs.base_objects, inputs.objects, inputs.base.name, inputs.renderer),
        *dependencies.render(inputs.environments, inputs.renderer),
    ]


def _helm(inputs: Inputs) -> Iterable[Artifact]:
    from manifestgen.targets import helm
    from manifestgen.targets.chart import chart_info

    info = chart_info(inputs.base, inputs.environments)
    return helm.render(inputs.base_objects, inputs.objects, info, inputs.renderer)


def _prometheus(inputs: Inputs) -> Iterable[Artifact]:
    from manifestgen.targets.monitoring import render_collector, render_prometheus

    platforms = inputs.environments.values()
    told = [one for one in platforms if one.spec.monitoring.delivery != "operator"]
    return [
        *(a for platform in told for a in render_prometheus(platform, inputs.renderer)),
        *(a for platform in platforms for a in render_collector(platform, inputs.renderer, "prometheus")),
    ]


def _rule_tests(share: int, inputs: Inputs) -> Iterable[Artifact]:
    from manifestgen.targets.monitoring.ruletests import Share, render_tests

    platforms = inputs.environments.values()
    told = [one for one in platforms if one.spec.monitoring.delivery != "operator"]
    mine = Share(share, _TEST_SHARES)
    return [a for platform in told for a in render_tests(platform, inputs.renderer, mine)]


def _alertmanager(inputs: Inputs) -> Iterable[Artifact]:
    from manifestgen.targets.monitoring import render_alertmanager

    return [
        a for platform in inputs.environments.values() for a in render_alertmanager(platform, inputs.renderer)
    ]


def _grafana(inputs: Inputs) -> Iterable[Artifact]:
    from manifestgen.targets.monitoring import render_grafana

    return [a for platform in inputs.environments.values() for a in render_grafana(platform, inputs.renderer)]


def _runbooks(inputs: Inputs) -> Iterable[Artifact]:
    told = {n: one for n, one in inputs.environments.items() if one.spec.monitoring.runbooks_url is not None}
    if not told:
        return []
    from manifestgen.targets.monitoring.runbooks import render_runbooks

    return render_runbooks(told, inputs.renderer)


def _gitops(inputs: Inputs) -> Iterable[Artifact]:
    if not inputs.delivered:
        return []
    from manifestgen.targets import gitops

    return gitops.render(inputs.environments, inputs.delivered, inputs.renderer)


def _loadtests(inputs: Inputs) -> Iterable[Artifact]:
    if all(one.spec.load_tests is None for one in inputs.environments.values()):
        return []
    from manifestgen.targets import loadtests

    return loadtests.render(inputs.environments, inputs.renderer)


_TEST_SHARES: Final = 4
"""Tests of alerts take as long as all else of Prometheus several times over."""


def _backup(inputs: Inputs) -> Iterable[Artifact]:
    if not any(platform.spec.backups for platform in inputs.environments.values()):
        return []
    from manifestgen.targets.backup import render_backup

    return render_backup(inputs.environments, inputs.renderer)


def _deployment(inputs: Inputs) -> Iterable[Artifact]:
    if all(platform.spec.deployment is None for platform in inputs.environments.values()):
        return []
    from manifestgen.kinds.datastores import dependencies
    from manifestgen.targets.chart import chart_info
    from manifestgen.targets.deployment import render_deployment
    from manifestgen.targets.deployment.images import pinned_images

    reserved = chart_info(inputs.base, inputs.environments).reserved
    images = pinned_images(inputs.base_objects, inputs.objects, reserved)
    charts = frozenset(name for name, one in inputs.environments.items() if any(dependencies(one)))
    return render_deployment(inputs.environments, inputs.objects, images, charts, inputs.renderer)


def _vault(inputs: Inputs) -> Iterable[Artifact]:
    if all(one.spec.vault_setup is None for one in inputs.environments.values()):
        return []
    from manifestgen.targets.vault import render

    return list(render(inputs.environments, inputs.objects, inputs.renderer))


def _ci(inputs: Inputs) -> Iterable[Artifact]:
    if all(one.spec.ci is None for one in inputs.environments.values()):
        return []
    from manifestgen.targets.ci import render_ci

    return render_ci(inputs.environments, inputs.renderer)


def _guides(inputs: Inputs) -> Iterable[Artifact]:
    if all(one.spec.documentation is None for one in inputs.environments.values()):
        return []
    from manifestgen.targets import guides

    delivered = {
        name: [(one.kind.lower(), one.name) for one in delivery.inventory.objects]
        for name, delivery in inputs.delivered.items()
    }
    # What the spec leaves out is not there; what a command leaves out is, from the render before.
    made = frozenset(inputs.base.spec.targets or (target.name for target in REGISTRY))
    return guides.render(inputs.environments, inputs.objects, delivered, made, inputs.renderer)


REGISTRY: Final[tuple[Target, ...]] = (
    Target(
        "kustomize",
        "Kustomize base and one overlay for each environment",
        ("kubernetes", "kustomize"),
        _kustomize,
    ),
    Target("helm", "Helm chart with values for each environment", ("kubernetes", "helm"), _helm),
    Target(
        "prometheus",
        "Prometheus: scrape jobs, alerts, recording rules",
        ("monitoring/prometheus", "monitoring/sql-exporter"),
        _prometheus,
        tuple(partial(_rule_tests, share) for share in range(_TEST_SHARES)),
    ),
    Target(
        "alertmanager",
        "Alertmanager: routes, receivers, inhibition",
        ("monitoring/alertmanager",),
        _alertmanager,
    ),
    Target("grafana", "Grafana: data sources, dashboards", ("monitoring/grafana",), _grafana),
    Target("backup", "Backups: scripts to back up and to restore", ("backup", "shell"), _backup),
    Target(
        "deployment",
        "Deployment: scripts to deploy, and to take a deployment back",
        ("deployment", "shell"),
        _deployment,
    ),
    Target("runbooks", "Runbooks: a page for each alert", ("monitoring/runbooks",), _runbooks),
    Target("vault", "Vault: server, policies, and the script that sets it up", ("vault", "shell"), _vault),
    Target("gitops", "GitOps: what tells Argo CD or Flux to apply each environment", ("gitops",), _gitops),
    Target("loadtests", "Load tests: programs for Locust and k6", ("loadtests",), _loadtests),
    Target("ci", "CI: pipelines of GitHub Actions and GitLab that check and deploy", ("ci", "shell"), _ci),
    Target("guides", "Guides: how to set it up, deploy it, and mend it", ("guides",), _guides),
)
