"""Tests of the alerts for ``promtool test rules``, beside the rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from manifestgen.artifact import Artifact
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Group
from manifestgen.monitoring.testing.wanted import wants_tests
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.targets.monitoring.place import file
from manifestgen.targets.monitoring.prometheus import TARGET


class Share(NamedTuple):
    """One of ``of`` shares in the groups: the tests of objectives, which take long, are the first."""

    number: int
    of: int

    def has(self, index: int, group: Group) -> bool:
        """Whether the group, which stands at ``index`` among all, belongs to it."""
        if self.of == 1:
            return True
        if any(alert.slo for alert in group.alerts):
            return self.number == 0
        return self.number == 1 + index % (self.of - 1)


def render_tests(platform: ResolvedPlatform, renderer: Renderer, share: Share) -> Iterator[Artifact]:
    """``tests/<group>.test.yml`` for each group of the share with alerts, if the environment wants tests."""
    if not wants_tests(platform):
        return
    from manifestgen.monitoring.testing.files import tests_of  # reads PromQL; many renders have no alert

    groups = groups_of(platform)
    mine = frozenset(group.name for index, group in enumerate(groups) if share.has(index, group))
    for tests in tests_of(groups, mine):
        name = f"tests/{tests.name}.test.yml"
        context = {"tests": tests, "file": name}
        yield file(platform, renderer, f"{TARGET}/{name}", f"{TARGET}/tests.yml", context)
