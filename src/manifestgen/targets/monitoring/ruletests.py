"""Tests of the alerts for ``promtool test rules``, beside the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from manifestgen.artifact import Artifact
from manifestgen.monitoring.rules import Group
from manifestgen.monitoring.testing.wanted import wants_tests
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.targets.monitoring.place import file


def render_tests(
    platform: ResolvedPlatform, groups: Sequence[Group], renderer: Renderer, target: str
) -> Iterator[Artifact]:
    """``tests/<group>.test.yml`` for each group with alerts of one environment that wants tests."""
    if not wants_tests(platform):
        return
    from manifestgen.monitoring.testing.files import tests_of  # reads PromQL; many renders have no alert

    for tests in tests_of(groups):
        name = f"tests/{tests.name}.test.yml"
        context = {"tests": tests, "file": name}
        yield file(platform, renderer, f"{target}/{name}", f"{target}/tests.yml", context)
