"""Checks of the finished objects against each other: the rules of ``manifestgen lint``.

They look at objects and not at the spec, so that they hold for what patches, own manifests and own templates
make, too. The objects are valid for their schemas by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Final

from manifestgen.errors import Finding
from manifestgen.kube.objects import Inventory
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.lint.silence import Silence
from manifestgen.verify.lint.world import World

__all__ = ["Silence", "World", "lint"]

Check = Callable[[World], Iterator[Finding]]

_ERRORS: Final = (
    "disruption",
    "autoscaling",
    "selectors_match",
    "ports",
    "claims",
    "references",
    "backends",
    "listeners",
    "naming",
    "containers",
    "quota",
    "admission",
    "network",
    "expressions",
)
_WARNINGS: Final = (
    "images",
    "units",
    "probes",
    "numbers",
    "memory",
    "missing",
    "variables",
    "nodes",
    "selecting",
    "metrics",
    "updates",
    "rollouts",
    "monitoring",
    "waits",
    "ruletests",
    "gitops",
)
"""Modules of this package, each with a function ``check``; the second are imported when they are asked."""


def lint(platform: ResolvedPlatform, inventory: Inventory, *, warnings: bool) -> Iterator[Finding]:
    """What is sure to go wrong in one environment; with ``warnings`` also what is likely not meant."""
    world = World(platform, inventory)
    for name in (*_ERRORS, *_WARNINGS) if warnings else _ERRORS:
        check: Check = import_module(f"{__name__}.{name}").check
        yield from check(world)
