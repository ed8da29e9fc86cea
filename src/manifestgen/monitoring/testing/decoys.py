"""Series that no selector means: they show that each matcher of a label keeps something out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from manifestgen.monitoring.testing.evaluate import World, selects
from manifestgen.monitoring.testing.series import Labels, Series, Stretch
from manifestgen.monitoring.testing.tree import Selector
from manifestgen.monitoring.testing.words import word_against


def with_decoys(
    series: Sequence[Series], others: Sequence[Series], closure: Sequence[Selector]
) -> tuple[Series, ...]:
    """``series``, and those of ``others``, which would turn the result, changed to what one matcher refuses."""
    found = {one.key: one for one in series}
    for selector in closure:
        for other in others:
            if other.name == selector.name and selects(selector.matchers, other.labels):
                for labels in _refused(selector, other.labels, "another"):
                    decoy = other._replace(labels=labels)
                    if not _is_meant(decoy, closure):
                        found.setdefault(decoy.key, decoy)
    return tuple(found.values())


def recorded(
    selectors: Sequence[Selector], world: World, time: int, like: Stretch, closure: Sequence[Selector]
) -> Iterator[Series]:
    """The same for records: what ``selectors`` give in another ``world``, as if it were recorded for others."""
    seen = set()
    for selector in selectors:
        for labels, value in world.vector(selector._replace(offset=0.0, window=0.0), time)[:1]:
            for other in _refused(selector, labels, "no"):
                stretch = like._replace(first=float(f"{value:.9g}"), growth=0.0)
                decoy = Series(selector.name, other, (stretch,), world.interval)
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
