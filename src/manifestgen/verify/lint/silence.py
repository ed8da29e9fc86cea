"""Exceptions from the rules: what the spec says is broken on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from manifestgen.errors import Finding, Location
from manifestgen.facts.lint import LEVELS, OF_THE_OUTPUT
from manifestgen.resolving import ResolvedPlatform
from manifestgen.yamlio.nodes import dotted


class Silence:
    """The exceptions of a spec in all its environments, and which of them were needed."""

    def __init__(self) -> None:
        self._needed: set[Location] = set()

    def heard(self, platform: ResolvedPlatform, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings that no exception of this environment is about."""
        ignored = platform.spec.lint.ignore
        for finding in findings:
            exception = ignored.get(finding.rule) if finding.rule in LEVELS else None
            places = None if exception is None else exception.at
            if exception is None:
                yield finding
            elif places is None:
                self._needed.add(_location(platform, finding.rule, None))
            else:
                covering = [index for index, at in enumerate(places) if _covers(at, finding.path)]
                self._needed |= {_location(platform, finding.rule, index) for index in covering}
                if not covering:
                    yield finding

    def unused(self, platform: ResolvedPlatform) -> Iterator[Finding]:
        """Exceptions that silenced nothing in any environment asked so far."""
        for rule, exception in platform.spec.lint.ignore.items():
            if rule not in LEVELS or rule in OF_THE_OUTPUT:
                continue
            for index in [None] if exception.at is None else range(len(exception.at)):
                location = _location(platform, rule, index)
                if location not in self._needed:
                    path = ("lint", "ignore", rule, *(() if index is None else ("at", index)))
                    yield Finding(
                        "lint-ignore-unused",
                        f"{rule} finds nothing {'here' if index is None else 'there'}",
                        "remove it, so that it hides nothing later",
                        dotted(path),
                        location,
                        LEVELS["lint-ignore-unused"],
                    )


def _covers(at: str, path: str) -> bool:
    return path.startswith(at) and path[len(at) : len(at) + 1] in ("", ".", "[")


def _location(platform: ResolvedPlatform, rule: str, index: int | None) -> Location:
    node = platform.node.at(("lint", "ignore", rule))
    if index is None:
        return node.key_location or node.location
    return node.at(("at", index)).location
