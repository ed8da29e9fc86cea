"""The public functions: what the command line does, for Python programs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final

from manifestgen import pipeline, write
from manifestgen.api.listing import Target, listed
from manifestgen.api.upgrading import refused_changes
from manifestgen.artifact import Artifact
from manifestgen.errors import Exit, Finding, ManifestgenError, Severity, errors_in
from manifestgen.facts.nearest import nearest_hint
from manifestgen.kube.objects import Inventory
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.targets import REGISTRY
from manifestgen.write import Plan, Selection

__all__ = [
    "Artifact",
    "Finding",
    "ManifestgenError",
    "RenderResult",
    "Rendered",
    "Request",
    "ResolvedPlatform",
    "Target",
    "init",
    "lint",
    "list_targets",
    "plan",
    "render",
    "rendered",
    "resolve",
    "schema",
    "validate",
]

AnyPath = str | PathLike[str]

DEFAULT_SPEC: Final = "specs/platform.yaml"
DEFAULT_OUT: Final = "out"


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What a render found and did; every path is relative to ``out``, every tuple sorted.

    With ``check=True`` nothing was written, and the lists say what a render would do.
    """

    out: Path
    findings: tuple[Finding, ...]
    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Left as they are although the spec gives something else: edited by hand, or not written by us."""
    outdated: tuple[str, ...] = ()
    """Out of date, but of environments or targets that were not asked for."""
    current: bool = False
    """Whether the files asked for were on disk as the spec gives them, before anything was written."""
    artifacts: Mapping[str, Artifact] = field(default_factory=dict, repr=False)
    """The files asked for, by path, as the spec gives them; none when a finding on the spec is an error."""
    _plan: Plan | None = field(default=None, repr=False, compare=False)

    @property
    def diff(self) -> str:
        """What the render changed, or with ``check=True`` would change, as ``git diff`` prints it."""
        return "" if self._plan is None else "".join(write.unified(self._plan))

    @property
    def ok(self) -> bool:
        """Whether the spec is right and no file was kept back."""
        return not errors_in(self.findings)


@dataclass(frozen=True, slots=True)
class Request:
    """What to render, from where, and where to."""

    spec: Path = Path(DEFAULT_SPEC)
    out: Path = Path(DEFAULT_OUT)
    environments: tuple[str, ...] = ()
    """Empty: all."""
    targets: tuple[str, ...] = ()
    """Empty: all."""
    templates: Path | None = None
    force: bool = False
    crd_schemas: Path | None = None
    """A folder with JSON Schemas of custom resources: ``<group>/<kind>_<version>.json``."""
    warnings: bool = False
    """Ask all rules of ``manifestgen lint``, not only those that forbid writing."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A render that has not looked at the output folder yet.

    ``artifacts`` are all files of the spec, also those that were not asked for, and None when a
    finding is an error: a wrong spec never renders.
    """

    findings: tuple[Finding, ...]
    artifacts: Mapping[str, Artifact] | None
    select: Selection
    environments: Mapping[str, tuple[ResolvedPlatform, Inventory]] = field(default_factory=dict)
    """Each environment, and its objects; none when a finding is an error."""

    @property
    def chosen(self) -> tuple[Artifact, ...]:
        """The files that were asked for, sorted by path."""
        return tuple(
            artifact
            for artifact in (self.artifacts or {}).values()
            if self.select.covers(artifact.target, artifact.environment)
        )


def render(  # noqa: PLR0913 - the options of the command, by name
    spec: AnyPath = DEFAULT_SPEC,
    environments: Iterable[str] | None = None,
    *,
    out: AnyPath = DEFAULT_OUT,
    targets: Iterable[str] | None = None,
    templates: AnyPath | None = None,
    crd_schemas: AnyPath | None = None,
    check: bool = False,
    force: bool = False,
) -> RenderResult:
    """Render the spec into ``out``, as ``manifestgen render`` does.

    Args:
        spec: the spec file.
        environments: names of environments; None means all. The others' files stay as they are.
        out: the output folder.
        targets: names of targets (``list_targets`` gives them); None means all.
        templates: a folder whose templates win over the built-in ones.
        crd_schemas: a folder with JSON Schemas of custom resources, laid out as the public catalogues are.
        check: compare only, write nothing.
        force: replace files that were edited by hand or that others wrote.

    Returns:
        What was found and done. When a finding is an error, nothing was written.

    Raises:
        ManifestgenError: when there is no environment or target of a name, or the folder cannot be
            read or written. It carries the findings.
        ValueError: when a path is empty, which would mean the current folder.
    """
    request = Request(
        spec=_path(spec),
        out=_path(out),
        environments=tuple(environments or ()),
        targets=tuple(targets or ()),
        templates=_folder(templates),
        force=force,
        crd_schemas=_folder(crd_schemas),
    )
    found = rendered(request)
    if found.artifacts is None:
        return RenderResult(request.out, found.findings)
    planned = plan(request, found.artifacts, found.select)
    upgrade = upgrade_findings(request, found, planned)
    found = replace(found, findings=(*found.findings, *upgrade))
    if not check and errors_in(upgrade):
        return RenderResult(request.out, found.findings)
    if not check:
        write.apply(planned)
    return _result(planned, found)


def validate(
    spec: AnyPath = DEFAULT_SPEC, *, templates: AnyPath | None = None, crd_schemas: AnyPath | None = None
) -> tuple[Finding, ...]:
    """All findings on the spec and on what it renders to; nothing is written."""
    request = Request(spec=_path(spec), templates=_folder(templates), crd_schemas=_folder(crd_schemas))
    return rendered(request).findings


def lint(
    spec: AnyPath = DEFAULT_SPEC,
    *,
    out: AnyPath | None = None,
    templates: AnyPath | None = None,
    crd_schemas: AnyPath | None = None,
) -> tuple[Finding, ...]:
    """All findings of ``validate``, and the warnings of all rules; nothing is written.

    With ``out``, also those on changes to what this folder holds. Raises ManifestgenError when it cannot
    be read.
    """
    request = Request(
        spec=_path(spec),
        out=_path(DEFAULT_OUT if out is None else out),
        templates=_folder(templates),
        crd_schemas=_folder(crd_schemas),
        warnings=True,
    )
    found = rendered(request)
    if out is None or found.artifacts is None:
        return found.findings
    planned = plan(request, found.artifacts, found.select)
    return (*found.findings, *upgrade_findings(request, found, planned))


def resolve(spec: AnyPath = DEFAULT_SPEC, environment: str | None = None) -> ResolvedPlatform:
    """The platform as one environment sees it, every default filled in; without ``environment``, the base.

    Raises ManifestgenError when the spec is wrong or has no such environment.
    """
    file = _path(spec)
    platforms = pipeline.load(file).platforms
    if environment is not None:
        known = [name for name in platforms if name is not None]
        refuse_unknown("unknown-environment", [environment], known, str(file))
    return platforms[environment]


def schema() -> dict[str, Any]:
    """The JSON Schema of the spec, a new one for each call."""
    from manifestgen.spec.schema import json_schema

    return json_schema()


def list_targets(*, templates: AnyPath | None = None) -> tuple[Target, ...]:
    """What can be emitted, each target with its templates; those in the folder ``templates`` win."""
    return listed(_folder(templates))


def init(folder: AnyPath = ".") -> tuple[Path, ...]:
    """Start a spec in the folder, as ``manifestgen init`` does; the files that were written.

    Raises ManifestgenError when one of them is there already or cannot be written.
    """
    from manifestgen.api.starting import start

    return tuple(start(_path(folder)))


def rendered(request: Request) -> Rendered:
    """Everything of a render that does not ask the output folder.

    Raises ManifestgenError for a target or an environment that there is not; what is wrong with the
    spec comes back as findings.
    """
    refuse_unknown("unknown-target", request.targets, [target.name for target in REGISTRY])
    select = Selection(
        targets=frozenset(request.targets) or None, environments=frozenset(request.environments) or None
    )
    try:
        build = pipeline.build(
            request.spec,
            templates=request.templates,
            crd_schemas=request.crd_schemas,
            warnings=request.warnings,
        )
    except ManifestgenError as error:
        if error.exit_code is not Exit.FINDINGS:
            raise
        return Rendered(error.findings, None, select)
    if errors_in(build.findings):
        return Rendered(build.findings, None, select)
    refuse_unknown("unknown-environment", request.environments, build.environments, str(request.spec))
    _refuse_left_out(request, build.platforms[None].spec.targets)
    environments = {name: (build.platforms[name], made) for name, made in build.inventories.items()}
    return Rendered(build.findings, build.artifacts, select, environments)


def upgrade_findings(request: Request, found: Rendered, planned: Plan) -> tuple[Finding, ...]:
    """Changes to objects in the folder that a cluster would refuse; with ``force`` they are warnings only."""
    refused = refused_changes(planned, found.artifacts or {}, found.select, found.environments)
    if request.force:
        refused = [replace(finding, severity=Severity.WARNING) for finding in refused]
    return tuple(refused)


def plan(request: Request, artifacts: Mapping[str, Artifact], select: Selection) -> Plan:
    """What writing the files that were asked for comes to; ``manifestgen.write.apply`` does it."""
    return write.plan(artifacts, request.out, select=select, force=request.force)


def refuse_unknown(rule: str, names: Iterable[str], known: Iterable[str], file: str = "") -> None:
    """Raise ManifestgenError (wrong usage) for each of ``names`` that is not among those that are known."""
    choices = tuple(known)
    noun = rule.removeprefix("unknown-")
    findings = [
        Finding(rule, f"there is no {noun} {name!r}", nearest_hint(name, choices), path=file)
        for name in names
        if name not in choices
    ]
    if findings:
        raise ManifestgenError(findings, Exit.USAGE)


def _refuse_left_out(request: Request, made: Collection[str] | None) -> None:
    """Whoever asks for a target that the spec leaves out would have its files removed."""
    findings = [
        Finding(
            "unknown-target",
            f"the spec leaves out the target {name!r}",
            "add it to `targets:`",
            path=str(request.spec),
        )
        for name in request.targets
        if made is not None and name not in made
    ]
    if findings:
        raise ManifestgenError(findings, Exit.USAGE)


def _path(path: AnyPath) -> Path:
    """The path; an empty one is a variable that nobody set, and not the current folder."""
    if not fspath(path):
        raise ValueError("the path is empty; '.' is the current folder")
    return Path(path)


def _folder(path: AnyPath | None) -> Path | None:
    return None if path is None else _path(path)


def _result(planned: Plan, found: Rendered) -> RenderResult:
    return RenderResult(
        out=planned.out,
        findings=(*found.findings, *write.report(planned)),
        created=tuple(change.path for change in planned.created),
        changed=tuple(change.path for change in planned.changed),
        removed=tuple(change.path for change in planned.removed),
        unchanged=planned.unchanged,
        kept=tuple(kept.path for kept in planned.kept),
        outdated=tuple(item.path for item in planned.outdated),
        current=planned.is_current,
        artifacts={artifact.path: artifact for artifact in found.chosen},
        _plan=planned,
    )
