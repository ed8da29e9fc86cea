"""What is delivered to an environment: production gets what somebody chose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.lint import LEVELS
from manifestgen.verify.lint.world import World, has
from manifestgen.yamlio.nodes import dotted

_PRODUCTION: Final = frozenset({"live", "prd", "prod", "production"})
"""What people call it; a part of the name is enough: ``production-eu``."""


def check(world: World) -> Iterator[Finding]:
    """Production does not follow a branch."""
    environment = world.platform.environment or ""
    gitops = world.platform.spec.gitops
    if gitops is None or gitops.pin is not None or _PRODUCTION.isdisjoint(environment.split("-")):
        return
    node = world.platform.node
    path = ("gitops", "branch") if has(node, ("gitops", "branch")) else ("gitops",)
    found = node.at(path)
    yield Finding(
        "revision-unpinned",
        f"{environment} gets whatever is merged into the branch {gitops.branch}, at once",
        f"pin it: `tag: …` under environments.{environment}.gitops, and promote by a change of that",
        dotted(path),
        found.location if len(path) > 1 else found.key_location or found.location,
        LEVELS["revision-unpinned"],
    )
