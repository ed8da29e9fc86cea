"""Matchers: whether an alert's labels are meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

_WRITTEN: Final = re.compile(r'\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(?:"(.*)"|(.*?))\s*', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_MEANT: Final = {"n": "\n"}


class Matcher(NamedTuple):
    """One condition on a label; a label that an alert lacks counts as empty."""

    label: str
    operator: str
    """``=``, ``!=``, ``=~`` or ``!~``."""
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it holds for these labels. Regular expressions match the whole value."""
        found = labels.get(self.label, "")
        same = (
            _whole(self.value).fullmatch(found) is not None if "~" in self.operator else found == self.value
        )
        return same != self.operator.startswith("!")

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.label}{self.operator}"{escaped}"'


def parse(text: str) -> Matcher:
    """A matcher as ``alertmanager.yml`` has it: ``severity="critical"``, ``team=~"a|b"``.

    Raises ValueError when it is none.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no matcher")
    label, operator, quoted, bare = found.groups()
    value = _ESCAPED.sub(lambda match: _MEANT.get(match[1], match[1]), quoted) if bare is None else bare
    return Matcher(label, operator, value)


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether every matcher holds; without any, all alerts are meant."""
    return all(matcher.matches(labels) for matcher in matchers)


@cache
def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
