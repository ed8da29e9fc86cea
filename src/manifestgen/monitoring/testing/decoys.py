"""Series that no selector means: they show that each matcher of a label keeps something out."""

from __future__ import annotations

from collections.abc import Sequence

from manifestgen.monitoring.testing.evaluate import selects
from manifestgen.monitoring.testing.series import Series
from manifestgen.monitoring.testing.tree import Selector
from manifestgen.monitoring.testing.words import word_against


def with_decoys(
    series: Sequence[Series], others: Sequence[Series], closure: Sequence[Selector]
) -> tuple[Series, ...]:
    """``series``, and those of ``others``, which would turn the result, changed to what one matcher refuses."""
    found = {one.title: one for one in series}
    for selector in closure:
        for other in others:
            if other.name != selector.name or not selects(selector.matchers, other.labels):
                continue
            for matcher in selector.matchers:
                word = word_against(matcher)
                labels = {**other.labels, matcher.label: word or ""}
                decoy = other._replace(labels=labels)
                if word and not _is_meant(decoy, closure):
                    found.setdefault(decoy.title, decoy)
    return tuple(found.values())


def _is_meant(decoy: Series, closure: Sequence[Selector]) -> bool:
    return any(one.name == decoy.name and selects(one.matchers, decoy.labels) for one in closure)
