"""From the text of a spec to one validated platform for each environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pydantic import ValidationError

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.resolving.complaints import Flaw, flaws_of
from manifestgen.resolving.files import SpecFiles
from manifestgen.resolving.layers import Layers, split
from manifestgen.resolving.merge import has, with_member, without
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.resolving.own import documents_of
from manifestgen.resolving.patches import NAMED, member, unknown_overrides
from manifestgen.spec.platform import Platform
from manifestgen.yamlio.nodes import Node

__all__ = ["ResolvedPlatform", "SpecFiles", "once_each", "resolve"]


def resolve(document: Node, files: SpecFiles | None = None) -> dict[str | None, ResolvedPlatform]:
    """The base (under None) and each environment of the spec, in the order of the file.

    The files that the spec names are read through ``files``.

    Raises ManifestgenError with all findings of all environments at once. The base may lack what its
    environments give: an incomplete workload, data service or route is left out of it.
    """
    layers = split(document, files or SpecFiles())
    resolved: dict[str | None, ResolvedPlatform] = {}
    findings: dict[str, list[Finding]] = {}
    for environment, patches in layers.environments.items():
        node = layers.merged(environment)
        found = _validated(layers, environment, node)
        if isinstance(found, ResolvedPlatform):
            resolved[environment] = found
            findings[environment] = []
        else:
            flaws = unknown_overrides(layers.base, patches, found)
            findings[environment] = [flaw.finding for flaw in flaws]
    base = _resolve_base(layers)
    wrong = [flaw.finding for flaw in base] if isinstance(base, list) else []
    if isinstance(base, list) or any(findings.values()):
        raise ManifestgenError(once_each(findings, wrong))
    return {None: base, **resolved}


def once_each(by_environment: Mapping[str, Iterable[Finding]], base: Iterable[Finding] = ()) -> list[Finding]:
    """Findings of several environments, each once; one that not all have names those that have it.

    What stands below ``environments`` says so itself.
    """
    seen: dict[Finding, list[str]] = {finding: list(by_environment) for finding in base}
    for environment, findings in by_environment.items():
        for finding in findings:
            where = seen.setdefault(finding, [])
            if environment not in where:
                where.append(environment)
    return [
        finding
        if len(where) == len(by_environment) or finding.path.startswith("environments.")
        else replace(finding, message=f"{finding.message} (in {', '.join(where)})")
        for finding, where in _one_for_each_place(seen).items()
    ]


def _one_for_each_place(seen: dict[Finding, list[str]]) -> dict[Finding, list[str]]:
    """Without what only repeats another finding: a mistake in ``defaults`` is one in every workload."""
    places: dict[Finding, Finding] = {}
    for finding in seen:
        places.setdefault(replace(finding, path=""), finding)
    return {finding: seen[finding] for finding in places.values()}


def _validated(layers: Layers, environment: str | None, node: Node) -> ResolvedPlatform | list[Flaw]:
    try:
        spec = Platform.model_validate(node.plain(), by_alias=True, by_name=False)
    except ValidationError as error:
        return flaws_of(error, node)
    if spec.backups:
        from manifestgen.resolving.backups import with_backups  # which few specs have

        default = layers.default(environment, "workloads", "cronjob")
        try:
            spec, node = with_backups(spec, node, environment, default)
        except ValidationError as error:
            return [_of_backups(flaw, node) for flaw in flaws_of(error, node)]
    place = layers.place(environment)
    if not spec.manifests:
        return ResolvedPlatform(environment, spec, node, place)
    try:
        documents = documents_of(spec, node, layers.files)
    except ManifestgenError as error:
        return [Flaw(("manifests",), finding) for finding in error.findings]
    return ResolvedPlatform(environment, spec, node, place, documents=documents)


def _of_backups(flaw: Flaw, node: Node) -> Flaw:
    """What is wrong with a workload that a backup is: that comes of the defaults."""
    place = member(node, "backups") or node
    location = place.key_location or place.location
    message = f"what workloads start from does not fit a backup: {flaw.finding.message}"
    return Flaw(("backups",), replace(flaw.finding, message=message, path="backups", location=location))


def _resolve_base(layers: Layers) -> ResolvedPlatform | list[Flaw]:
    """The base, or what is wrong with it.

    What is incomplete in it is taken from the first environment that has it, and noted: objects made of
    it hold only what all environments share (see ``kinds.base``).
    """
    node = layers.merged(None)
    borrowed: set[tuple[str, ...]] = set()
    while isinstance(found := _validated(layers, None, node), list):
        things = {_thing(flaw) for flaw in found if flaw.is_incomplete}
        wrong = [flaw for flaw in found if not flaw.is_incomplete]
        if wrong or things & borrowed:
            return wrong or found
        for thing in sorted(things):
            node = _borrowed(node, thing, layers)
        borrowed |= things
    made = {("workloads", name) for section, *rest in borrowed if section == "backups" for name in rest}
    return replace(found, incomplete=frozenset(borrowed | made))


def _thing(flaw: Flaw) -> tuple[str, ...]:
    """The named thing, or else the whole section, that ``flaw`` lies in."""
    section, *rest = map(str, flaw.path)
    return (section, rest[0]) if section in NAMED and rest else (section,)


def _borrowed(node: Node, thing: tuple[str, ...], layers: Layers) -> Node:
    """``node`` with ``thing`` as the first environment has it; without it when none does."""
    for environment in layers.environments:
        document = layers.merged(environment)
        if has(document, thing):
            return with_member(node, thing, document.at(thing))
    return without(node, thing)
