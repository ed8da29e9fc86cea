"""All files of all targets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Final

from manifestgen.artifact import Artifact
from manifestgen.targets.registry import REGISTRY, Inputs

_ASIDE: Final = ("helm", "grafana", "runbooks")
"""The targets that take as long as all the others together, which are made while the objects are checked."""
_OTHERS: Final = tuple(target.name for target in REGISTRY if target.name not in _ASIDE)


@contextmanager
def making(
    inputs: Callable[[], Inputs], wanted: Collection[str] | None
) -> Iterator[Callable[[], list[Artifact]]]:
    """Begin with the files in a second process, where one helps, while the caller checks the objects.

    What is yielded gives the files of the ``wanted`` targets, None for all, and raises ManifestgenError as
    the targets do. It asks for ``inputs`` then; the second process asks at once, and its failures count for
    nothing.
    """
    from manifestgen.targets.aside import Aside, is_possible

    aside, others = (
        [name for name in names if wanted is None or name in wanted] for names in (_ASIDE, _OTHERS)
    )
    if not aside or not is_possible():
        yield lambda: _made(inputs(), [*others, *aside])
        return
    with Aside(lambda: _made(inputs(), aside)) as meanwhile:
        yield lambda: [*_made(inputs(), others), *meanwhile.result()]


def _made(inputs: Inputs, names: Collection[str]) -> list[Artifact]:
    return [artifact for target in REGISTRY if target.name in names for artifact in target.make(inputs)]
