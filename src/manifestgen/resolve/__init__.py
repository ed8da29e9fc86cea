"""From the text of a spec to one validated platform for each environment."""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.resolve.complaints import INCOMPLETE, findings_of
from manifestgen.resolve.layers import Layers, split
from manifestgen.resolve.merge import has, with_member, without
from manifestgen.resolve.model import ResolvedPlatform
from manifestgen.spec.platform import Platform
from manifestgen.yamlio.nodes import Node

__all__ = ["ResolvedPlatform", "resolve"]


def resolve(document: Node) -> dict[str | None, ResolvedPlatform]:
    """The base (under None) and each environment of the spec, in the order of the file.

    Raises ManifestgenError with all findings of all environments at once. The base may lack what its
    environments give: an incomplete workload, data service or route is left out of it.
    """
    layers = split(document)
    resolved: dict[str | None, ResolvedPlatform] = {}
    findings: dict[str, list[Finding]] = {}
    for environment in layers.environments:
        node = layers.merged(environment)
        try:
            resolved[environment] = ResolvedPlatform(environment, _validated(node), node)
            findings[environment] = []
        except ValidationError as error:
            findings[environment] = findings_of(error, node)
    base, base_findings = _resolve_base(layers)
    if any(findings.values()) or base_findings or base is None:
        raise ManifestgenError(_once_each(findings, base_findings))
    return {None: base, **resolved}


def _validated(node: Node) -> Platform:
    return Platform.model_validate(node.plain())


def _resolve_base(layers: Layers) -> tuple[ResolvedPlatform | None, list[Finding]]:
    """The base, and what is wrong with it.

    What is incomplete in it is taken from the first environment that has it, and noted: objects made of
    it hold only what all environments share (see ``kinds.base``).
    """
    node = layers.merged(None)
    borrowed: set[tuple[str, ...]] = set()
    while True:
        try:
            return ResolvedPlatform(None, _validated(node), node, frozenset(borrowed)), []
        except ValidationError as error:
            findings = findings_of(error, node)
            things = {_thing(finding.path) for finding in findings if finding.rule in INCOMPLETE}
            wrong = [finding for finding in findings if finding.rule not in INCOMPLETE]
            if wrong or things & borrowed:
                return None, wrong or findings
            for thing in sorted(things):
                node = _borrowed(node, thing, layers)
            borrowed |= things


_NAMED = ("settings", "workloads", "datastores", "externals", "routes")


def _thing(path: str) -> tuple[str, ...]:
    """The named thing, or else the whole section, that ``path`` leads into."""
    section, *rest = path.split(".")
    return (section, rest[0]) if section in _NAMED and rest else (section,)


def _borrowed(node: Node, thing: tuple[str, ...], layers: Layers) -> Node:
    """``node`` with ``thing`` as the first environment has it; without it when none does."""
    for environment in layers.environments:
        document = layers.merged(environment)
        if has(document, thing):
            return with_member(node, thing, document.at(thing))
    return without(node, thing)


def _once_each(by_environment: dict[str, list[Finding]], base: list[Finding]) -> list[Finding]:
    """Findings of several environments, each once; one that not all have names those that have it."""
    seen: dict[Finding, list[str]] = {finding: list(by_environment) for finding in base}
    for environment, findings in by_environment.items():
        for finding in findings:
            where = seen.setdefault(finding, [])
            if environment not in where:
                where.append(environment)
    return [
        finding
        if len(where) == len(by_environment)
        else replace(finding, message=f"{finding.message} (in {', '.join(where)})")
        for finding, where in seen.items()
    ]
