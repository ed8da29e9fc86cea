"""All files of all targets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from manifestgen.artifact import Artifact
from manifestgen.errors import ManifestgenError
from manifestgen.targets.registry import REGISTRY, Inputs, Make

_FIRST: Final = ("helm", "prometheus", "grafana", "runbooks")
"""The targets that take longest: begun with, so that no process is left with one of them at last."""

_FEWEST: Final = 2
"""As many jobs are worth a second process."""

_Made = dict[int, list[Artifact]]
"""What came of jobs, by the number of the job."""


@contextmanager
def making(
    inputs: Callable[[], Inputs], names: Collection[str] | None = None
) -> Iterator[Callable[[], list[Artifact]]]:
    """Begin with the files in a second process, where one helps, while the caller checks the objects.

    What is yielded gives the files of the targets ``names``, None for all, and raises ManifestgenError as
    these do: then the processes share what is left to do. It asks for ``inputs``; the second process asks at
    once.
    """
    from manifestgen.targets.aside import Aside, Jobs, is_possible

    jobs = _jobs(names)
    if len(jobs) < _FEWEST or not is_possible():
        yield lambda: _in_order(_all(jobs, inputs()))
        return
    with Jobs(len(jobs)) as waiting, Aside(lambda: _some(jobs, waiting.take(), inputs())) as aside:

        def files() -> list[Artifact]:
            given = inputs()
            try:
                made = _some(jobs, waiting.take(), given)
            except ManifestgenError:
                return _in_order(_all(jobs, given))  # the first failure must not be a matter of chance
            theirs = aside.result()
            return _in_order(_all(jobs, given) if theirs is None else {**made, **theirs})

        yield files


def _jobs(names: Collection[str] | None) -> list[Make]:
    """What makes the files, in the order in which it is begun with."""
    wanted = [target for target in REGISTRY if names is None or target.name in names]
    wanted.sort(key=lambda target: _FIRST.index(target.name) if target.name in _FIRST else len(_FIRST))
    return [make for target in wanted for make in (*target.shares, target.make)]


def _some(jobs: Sequence[Make], numbers: Iterator[int], inputs: Inputs) -> _Made:
    return {number: list(jobs[number](inputs)) for number in numbers}


def _all(jobs: Sequence[Make], inputs: Inputs) -> _Made:
    return _some(jobs, iter(range(len(jobs))), inputs)


def _in_order(made: _Made) -> list[Artifact]:
    return [artifact for number in sorted(made) for artifact in made[number]]
