"""From the text of a spec to one validated platform for each environment."""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.resolve.complaints import INCOMPLETE, findings_of
from manifestgen.resolve.layers import Layers, split
from manifestgen.resolve.merge import without
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
    """The base without what is incomplete in it; its other findings."""
    node = layers.merged(None)
    while True:
        try:
            return ResolvedPlatform(None, _validated(node), node), []
        except ValidationError as error:
            findings = findings_of(error, node)
            incomplete = [f for f in findings if f.rule in INCOMPLETE]
            if len(incomplete) < len(findings):
                return None, [f for f in findings if f.rule not in INCOMPLETE]
            pruned = node
            for finding in incomplete:
                pruned = _without_thing(pruned, finding.path)
            if pruned == node:  # what is missing cannot be left out, e.g. metadata
                return None, findings
            node = pruned


_NAMED = ("settings", "workloads", "datastores", "externals", "routes")


def _without_thing(node: Node, path: str) -> Node:
    """``node`` without the named thing (or the whole section) that ``path`` leads into."""
    section, *rest = path.split(".")
    if section in _NAMED and rest:
        return without(node, (section, rest[0]))
    return without(node, (section,))


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
