"""The stages in their order: load → resolve → render → verify. Writing is the caller's last step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from manifestgen.artifact import Artifact, as_tree
from manifestgen.errors import Finding, ManifestgenError, errors_in
from manifestgen.kinds import ObjectMaker
from manifestgen.kinds.base import base_inventory
from manifestgen.kinds.own import file_findings
from manifestgen.kube.objects import Inventory
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.resolving import ResolvedPlatform, SpecFiles, once_each, resolve
from manifestgen.resolving.assembly import assemble
from manifestgen.targets import Inputs
from manifestgen.targets.making import making
from manifestgen.verify.catalogue import Catalogue
from manifestgen.verify.lint import Silence, lint
from manifestgen.verify.schemas import SchemaChecker, check_version
from manifestgen.verify.spec import check_platform
from manifestgen.verify.spec.ci import check_pipelines
from manifestgen.verify.spec.loadtests import check_environments
from manifestgen.verify.spec.settings import check_base

if TYPE_CHECKING:
    from manifestgen.kinds.gitops import Delivery
    from manifestgen.verify.scopes import Scopes


class LoadedSpec(NamedTuple):
    """A spec that is right in itself: the base (under None) and each environment, resolved."""

    file: Path
    platforms: Mapping[str | None, ResolvedPlatform]

    @property
    def base(self) -> ResolvedPlatform:
        """The spec without an environment."""
        return self.platforms[None]

    @property
    def environments(self) -> dict[str, ResolvedPlatform]:
        """The spec as each environment sees it, in the order of the file."""
        return {name: platform for name, platform in self.platforms.items() if name is not None}


@dataclass(frozen=True, slots=True)
class Build:
    """Everything that a spec gives: findings, and all files in memory if no finding is an error."""

    platforms: Mapping[str | None, ResolvedPlatform]
    findings: tuple[Finding, ...]
    artifacts: Mapping[str, Artifact]
    inventories: Mapping[str, Inventory] = field(default_factory=dict)
    """The objects of each environment, if no finding is an error."""

    @property
    def environments(self) -> tuple[str, ...]:
        """Names of the environments, in the order of the file."""
        return tuple(name for name in self.platforms if name is not None)


def load(spec_file: Path, text: str | None = None) -> LoadedSpec:
    """Read and resolve a spec, whose ``text`` may be at hand.

    Raises ManifestgenError with all findings that stand in the way.
    """
    files = SpecFiles() if text is None else SpecFiles({spec_file: text})
    return LoadedSpec(spec_file, resolve(assemble(spec_file, files), files))


def build(  # noqa: PLR0913 - what a build may be asked
    spec_file: Path,
    *,
    text: str | None = None,
    targets: Collection[str] | None = None,
    templates: Path | None = None,
    crd_schemas: Path | None = None,
    warnings: bool = False,
) -> Build:
    """All files of a spec, in memory and checked; ``templates`` is a folder that wins over the built-in.

    Where the ``text`` of the spec is given, ``spec_file`` is what it is called, and where the files that it
    names are looked for. ``targets`` are the names of those whose files are made;
    left out, the spec says which.

    ``crd_schemas`` is a folder with schemas of custom resources. With ``warnings`` the findings are those of
    ``manifestgen lint``, else only what forbids writing.

    Raises ManifestgenError where no object can be made of the spec; what is found later comes back
    in ``findings``, and then there are no artifacts.
    """
    spec = load(spec_file, text)
    renderer = Renderer(template_folders(templates))
    maker = ObjectMaker(renderer)
    inventories = _inventories(spec, maker)
    environments = {name: inventory for name, inventory in inventories.items() if name is not None}
    delivered = _delivered(spec, environments, maker)

    def inputs() -> Inputs:
        base_objects = base_inventory(inventories[None], spec.base.incomplete, environments)
        return Inputs(spec.base, spec.environments, base_objects, environments, renderer, delivered)

    with making(inputs, spec.base.spec.targets if targets is None else targets) as files:
        asked = _Checkers(crd_schemas)
        findings = _findings(spec, inventories, asked, warnings=warnings)
        if not errors_in(findings):
            findings += _delivery_findings(spec, delivered, asked)
        if errors_in(findings):
            return Build(spec.platforms, _sorted(findings), {})
        artifacts = as_tree(files())
    if renderer.has_own_templates:
        findings += file_findings(artifacts)
    if errors_in(findings):
        return Build(spec.platforms, _sorted(findings), {})
    return Build(spec.platforms, _sorted(findings), artifacts, environments)


def _delivered(
    spec: LoadedSpec, inventories: Mapping[str, Inventory], maker: ObjectMaker
) -> dict[str, Delivery]:
    """What tells a GitOps tool to apply each environment, where the spec says which does."""
    if not any(platform.spec.gitops for platform in spec.environments.values()):
        return {}
    from manifestgen.kinds.gitops import deliveries

    return deliveries(
        maker, {name: (spec.platforms[name], inventory) for name, inventory in inventories.items()}
    )


def _delivery_findings(
    spec: LoadedSpec, delivered: Mapping[str, Delivery], checkers: _Checkers
) -> Iterator[Finding]:
    for name, delivery in delivered.items():
        platform = spec.environments[name]
        yield from checkers.of(platform).check(platform, delivery.inventory)


def _inventories(spec: LoadedSpec, maker: ObjectMaker) -> dict[str | None, Inventory]:
    """The objects of the base and of each environment; raises ManifestgenError where none can be made."""
    try:
        return {name: maker.inventory(platform) for name, platform in spec.platforms.items()}
    except Exception as error:
        # That may come of what is wrong with the spec, which the checks say better.
        findings = _spec_findings(spec, Silence())
        if errors_in(findings):
            raise ManifestgenError(findings) from error
        raise


def _findings(
    spec: LoadedSpec, inventories: Mapping[str | None, Inventory], checkers: _Checkers, *, warnings: bool
) -> list[Finding]:
    """What is wrong with the spec; if nothing is, with the objects; if nothing is, what lint says."""
    silence = Silence()
    findings = _spec_findings(spec, silence)
    if not errors_in(findings):
        findings += _object_findings(spec, inventories, checkers)
    if not errors_in(findings):  # what is invalid has no shape that the checks could rely on
        environments = {name: inventory for name, inventory in inventories.items() if name is not None}
        findings += _lint_findings(spec, environments, _Asking(silence, checkers, warnings=warnings))
    return findings


def _spec_findings(spec: LoadedSpec, silence: Silence) -> list[Finding]:
    from manifestgen.monitoring.checks import check_monitoring

    found = {
        name: [
            *check_version(platform),
            *silence.heard(platform, check_platform(platform)),
            *check_monitoring(platform),
            *_vault_findings(platform),
        ]
        for name, platform in spec.environments.items()
    }
    for name, finding in (*check_environments(spec.environments), *check_pipelines(spec.environments)):
        found[name].append(finding)
    return once_each(found, [*check_version(spec.base), *check_base(spec.base)])


def _vault_findings(platform: ResolvedPlatform) -> Iterator[Finding]:
    if platform.spec.vault_setup is not None:
        from manifestgen.vault.checks import check_vault

        yield from check_vault(platform)


class _Checkers:
    """What checks objects by their schemas, one for each version of Kubernetes."""

    def __init__(self, crd_schemas: Path | None) -> None:
        self._catalogue = None if crd_schemas is None else Catalogue(crd_schemas)
        self._by_version: dict[str, SchemaChecker] = {}

    def of(self, platform: ResolvedPlatform) -> SchemaChecker:
        version = platform.spec.cluster.kubernetes_version
        if version not in self._by_version:
            self._by_version[version] = SchemaChecker(version, self._catalogue)
        return self._by_version[version]


class _Asking(NamedTuple):
    """How the rules of lint are asked."""

    silence: Silence
    checkers: _Checkers
    warnings: bool

    def findings(self, platform: ResolvedPlatform, inventory: Inventory) -> list[Finding]:
        heard = list(self.silence.heard(platform, lint(platform, inventory, warnings=self.warnings)))
        if not heard or not platform.spec.patches:
            return heard
        from manifestgen.verify.lint.blame import blamed

        return list(blamed(platform, inventory, heard, partial(self._if_valid, platform)))

    def _if_valid(self, platform: ResolvedPlatform, inventory: Inventory) -> list[Finding] | None:
        if any(self.checkers.of(platform).check(platform, inventory)):
            return None
        return list(lint(platform, inventory, warnings=self.warnings))


def _lint_findings(spec: LoadedSpec, inventories: Mapping[str, Inventory], asking: _Asking) -> list[Finding]:
    environments = spec.environments
    found = {name: asking.findings(environments[name], inventory) for name, inventory in inventories.items()}
    if asking.warnings:
        for name, platform in environments.items():
            found[name] += asking.silence.unused(platform)
    return once_each(found)


def _object_findings(
    spec: LoadedSpec, inventories: Mapping[str | None, Inventory], checkers: _Checkers
) -> Iterator[Finding]:
    """What is wrong with objects that a cluster gets; no cluster gets the base as it is."""
    own = _OwnChecks()
    for name, platform in spec.environments.items():
        yield from checkers.of(platform).check(platform, inventories[name])
        if platform.spec.manifests or platform.spec.patches:
            yield from own.check(platform, inventories[name])
    if spec.base.spec.manifests:
        yield from own.check_scopes(spec.base, inventories[None])


class _OwnChecks:
    """What is asked of objects of the user's own and of patches; loaded only where there are some."""

    def __init__(self) -> None:
        self._scopes: Scopes | None = None

    def check(self, platform: ResolvedPlatform, inventory: Inventory) -> Iterator[Finding]:
        from manifestgen.verify import annotations, literals

        yield from annotations.check(platform, inventory)
        yield from literals.check(platform, inventory)
        yield from self.check_scopes(platform, inventory)

    def check_scopes(self, platform: ResolvedPlatform, inventory: Inventory) -> Iterator[Finding]:
        """What must not differ between environments, nor between the base and them."""
        from manifestgen.verify import scopes

        self._scopes = self._scopes or scopes.Scopes()
        yield from self._scopes.check(platform, inventory)


def _sorted(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: finding.sort_key))
