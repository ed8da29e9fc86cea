"""Inhibition: which firing alert keeps another silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from manifestgen.monitoring.routing.matchers import Matcher, all_match

Labels = Mapping[str, str]


class Inhibitor(NamedTuple):
    """While an alert of the source fires, those of the target with the same ``equal`` labels are silent."""

    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]

    def silences(self, source: Labels, target: Labels) -> bool:
        """Whether the firing alert ``source`` keeps ``target`` silent.

        A label that both lack counts as the same. Of two alerts that are source and target alike, neither
        silences the other, so that nothing silences itself.
        """
        if not (all_match(self.source, source) and all_match(self.target, target)):
            return False
        if all_match(self.source, target) and all_match(self.target, source):
            return False
        return all(source.get(label, "") == target.get(label, "") for label in self.equal)


class Silenced(NamedTuple):
    """Why an alert is silent: the rule, and the alert that fires."""

    by: Inhibitor
    source: Labels


def silenced(rules: Iterable[Inhibitor], target: Labels, firing: Iterable[Labels]) -> Silenced | None:
    """The first rule and firing alert that silence ``target``; None when it speaks."""
    fires = list(firing)
    for rule in rules:
        for source in fires:
            if rule.silences(source, target):
                return Silenced(rule, source)
    return None
