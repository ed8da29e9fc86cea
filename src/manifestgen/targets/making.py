"""All files of all targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from manifestgen.artifact import Artifact
from manifestgen.targets.registry import REGISTRY, Inputs

_ASIDE: Final = ("helm", "grafana", "runbooks")
"""The targets that take as long as all the others together, which are made while the objects are checked."""
_OTHERS: Final = tuple(target.name for target in REGISTRY if target.name not in _ASIDE)


@contextmanager
def making(inputs: Callable[[], Inputs]) -> Iterator[Callable[[], list[Artifact]]]:
    """Begin with the files in a second process, where one helps, while the caller checks the objects.

    What is yielded gives the files of all targets, and raises ManifestgenError as the targets do. It asks for
    ``inputs`` then; the second process asks at once, and its failures count for nothing.
    """
    from manifestgen.targets.aside import Aside, is_possible

    if not is_possible():
        yield lambda: [*_made(inputs(), _OTHERS), *_made(inputs(), _ASIDE)]
        return
    with Aside(lambda: _made(inputs(), _ASIDE)) as aside:
        yield lambda: [*_made(inputs(), _OTHERS), *aside.result()]


def _made(inputs: Inputs, names: tuple[str, ...]) -> list[Artifact]:
    return [artifact for target in REGISTRY if target.name in names for artifact in target.make(inputs)]
