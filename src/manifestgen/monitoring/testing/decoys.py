"""Series that no selector means: they show that each matcher of a label keeps something out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from manifestgen.monitoring.testing.evaluate import World
from manifestgen.monitoring.testing.labelling import selects
from manifestgen.monitoring.testing.series import Labels, Series, Stretch
from manifestgen.monitoring.testing.tree import Selector
from manifestgen.monitoring.testing.words import word_against


def with_decoys(
    series: Sequence[Series], others: Sequence[Series], closure: Sequence[Selector]
) -> tuple[Series, ...]:
    """``series`` with those of ``others``, which would turn the result, as one matcher refuses them."""
    found = {one.key: one for one in series}
    for selector in closure:
        for other in others:
            if other.name == selector.name and selects(selector.matchers, other.labels):
                for labels in _refused(selector, other.labels, "another"):
                    decoy = other._replace(labels=labels)
                    if not _is_meant(decoy, closure):
                        found.setdefault(decoy.key, decoy)
    return tuple(found.values())


class Elsewhere(NamedTuple):
    """A case of the other kind: its world at a time, how labels begin there, and how many samples to take."""

    world: World
    time: int
    prefix: str
    samples: int
    step: int
    """Seconds between two of them."""


def recorded(closure: Sequence[Selector], elsewhere: Elsewhere) -> Iterator[Series]:
    """The same for records: what those are ``elsewhere``, as if they had been recorded for others."""
    world = elsewhere.world
    seen = set()
    for selector in closure:
        if selector.name not in world.records:
            continue
        for labels, value in world.vector(selector._replace(offset=0.0, window=0.0), elsewhere.time)[:1]:
            stretch = Stretch(float(f"{value:.9g}"), 0.0, elsewhere.samples)
            for refused in _refused(selector, labels, elsewhere.prefix):
                decoy = Series(selector.name, refused, (stretch,), elsewhere.step)
                if decoy.key not in seen and not _is_meant(decoy, closure):
                    seen.add(decoy.key)
                    yield decoy


def _refused(selector: Selector, labels: Labels, prefix: str) -> Iterator[Labels]:
    for matcher in selector.matchers:
        word = word_against(matcher, prefix)
        if word:
            yield {**labels, matcher.label: word}


def _is_meant(decoy: Series, closure: Sequence[Selector]) -> bool:
    return any(one.name == decoy.name and selects(one.matchers, decoy.labels) for one in closure)
