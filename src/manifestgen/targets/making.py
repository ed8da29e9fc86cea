"""All files of all targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from manifestgen.artifact import Artifact
from manifestgen.targets.registry import REGISTRY, Inputs

_LARGE: Final = 300
"""From so many objects on, the time that a second process saves is worth what it costs to make one."""
_LONGEST: Final = "helm"
"""The target that takes as long as all the others together."""


def made(inputs: Inputs) -> list[Artifact]:
    """The files of all targets; raises ManifestgenError as the targets do."""
    names = [target.name for target in REGISTRY]
    if _is_large(inputs):
        from manifestgen.targets.aside import Aside, is_possible

        if is_possible():
            with Aside(lambda: list(_made(inputs, [_LONGEST]))) as chart:
                others = list(_made(inputs, [name for name in names if name != _LONGEST]))
                return [*others, *chart.result()]
    return list(_made(inputs, names))


def _is_large(inputs: Inputs) -> bool:
    return sum(len(inventory.objects) for inventory in inputs.objects.values()) >= _LARGE


def _made(inputs: Inputs, names: list[str]) -> Iterator[Artifact]:
    for target in REGISTRY:
        if target.name in names:
            yield from target.make(inputs)
