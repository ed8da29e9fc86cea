"""Labels of series: which are selected, what they are grouped by, what an operation finds its partner by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from manifestgen.monitoring.testing.series import Labels
from manifestgen.monitoring.testing.tree import Aggregate, Binary, Matcher, Matching, Selector
from manifestgen.monitoring.testing.words import fulfils

T = TypeVar("T")

Key = frozenset[tuple[str, str]]
Element = tuple[Labels, float]
Vector = list[Element]


class Kept(Generic[T]):
    """What a function gives for labels, kept for as long as the same labels come by again.

    What is told apart is the dictionary itself, not what it holds: that is the same at all times as long as
    everything on the way gives labels by a ``Kept`` of its own.
    """

    def __init__(self, function: Callable[[Labels], T]) -> None:
        self._function = function
        self._known: dict[int, tuple[Labels, T]] = {}

    def __call__(self, labels: Labels) -> T:
        """The function's value for ``labels``."""
        known = self._known.get(id(labels))
        if known is None:
            known = (labels, self._function(labels))  # with the labels: an id is theirs while they live
            self._known[id(labels)] = known
        return known[1]


def key_of_all(labels: Labels) -> Key:
    """What tells a series of one expression apart from the others."""
    return frozenset(labels.items())


def selects(matchers: Sequence[Matcher], labels: Labels) -> bool:
    """Whether a series with these labels fulfils all matchers."""
    return all(fulfils(labels.get(matcher.label, ""), matcher) for matcher in matchers)


def may_select(selector: Selector, given: Iterable[tuple[str, str]]) -> bool:
    """Whether the labels that a rule puts on what it records agree with all matchers."""
    words = dict(given)
    return all(fulfils(words[one.label], one) for one in selector.matchers if one.label in words)


def grouping(node: Aggregate) -> Kept[tuple[Key, Labels]]:
    """The group that a series belongs to: its key, and its labels in order."""

    def group(labels: Labels) -> tuple[Key, Labels]:
        if node.without:
            kept = {label: value for label, value in labels.items() if label not in node.labels}
        else:
            kept = {label: labels[label] for label in node.labels if label in labels}
        return key_of_all(kept), kept

    return Kept(group)


def matching_key(matching: Matching) -> Kept[Key]:
    """What the two sides of an operation have to agree on."""
    if matching.on:
        return Kept(lambda labels: frozenset((one, labels[one]) for one in matching.labels if one in labels))
    return Kept(lambda labels: frozenset(pair for pair in labels.items() if pair[0] not in matching.labels))


def result_labels(node: Binary, labels: Labels, partner: Labels) -> Labels:
    """The labels of what an operation gives for a series and its partner on the other side."""
    matching = node.matching
    if matching.many:
        brought = {label: partner.get(label, "") for label in matching.brought}
        return {label: value for label, value in {**labels, **brought}.items() if value}
    if matching.on:
        return {label: value for label, value in labels.items() if label in matching.labels}
    return {label: value for label, value in labels.items() if label not in matching.labels}


def replacing(target: str, replacement: str, source: str, regex: str) -> Kept[Labels]:
    """What ``label_replace`` makes of labels."""
    template = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", replacement)

    def replaced(labels: Labels) -> Labels:
        match = re.fullmatch(regex, labels.get(source, ""))
        changed = labels if match is None else {**labels, target: match.expand(template)}
        return {label: text for label, text in changed.items() if text}

    return Kept(replaced)
