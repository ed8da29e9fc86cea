"""Words that fulfil the matchers of a label, and words that do not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from manifestgen.monitoring.testing.tree import Matcher
from manifestgen.monitoring.testing.unsolved import UnsolvedError

_LETTERS: Final = "a0-_/. :"
"""What a class of characters is tried with."""


def fulfils(value: str, matcher: Matcher) -> bool:
    """Whether a label of this value (empty: none) lets its series pass."""
    if matcher.op in ("=", "!="):
        return (value == matcher.value) == (matcher.op == "=")
    return (_pattern(matcher.value).fullmatch(value) is not None) == (matcher.op == "=~")


def word_for(label: str, matchers: Iterable[Matcher], wanted: str | None = None) -> str:
    """A value of ``label`` that fulfils all ``matchers``: ``wanted`` when it does, else a plain one.

    Raises UnsolvedError when none is found.
    """
    rules = list(matchers)
    fitting = [rule.value for rule in rules if rule.op == "="]
    fitting += [_word(rule.value) for rule in rules if rule.op == "=~"]
    candidates = [*([] if wanted is None else [wanted]), *fitting, "", *_plain(label)]
    for candidate in candidates:
        if all(fulfils(candidate, rule) for rule in rules):
            return candidate
    raise UnsolvedError(f"no value of label {label} is found that fulfils all its matchers")


def word_against(matcher: Matcher, prefix: str = "another") -> str | None:
    """A value that ``matcher`` refuses, not the empty one; None when none is found."""
    tries = [matcher.value, _word(matcher.value)] if matcher.op in ("!=", "!~") else []
    for word in (*tries, f"{prefix}-{matcher.label}", "999"):
        if word and not fulfils(word, matcher):
            return word
    return None


def _plain(label: str) -> list[str]:
    return [f"{label}-1", f"{label}-2", "1"]


@lru_cache(maxsize=1024)
def _pattern(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as error:
        raise UnsolvedError(f"the regular expression {regex} is not understood") from error


@lru_cache(maxsize=1024)
def _word(regex: str) -> str:
    """A short word that ``regex`` matches as a whole, a guess that callers check."""
    try:
        return _Reader(regex).alternatives()
    except IndexError:
        return ""


class _Reader:
    """Reads a regular expression from left to right and writes down the shortest way through."""

    def __init__(self, regex: str) -> None:
        self._text = regex
        self._at = 0

    def alternatives(self) -> str:
        """The first alternative that is not empty."""
        ways = [self._sequence()]
        while self._at < len(self._text) and self._text[self._at] == "|":
            self._at += 1
            ways.append(self._sequence())
        return next((way for way in ways if way), "")

    def _sequence(self) -> str:
        word = ""
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            word += self._repeated(self._atom())
        return word

    def _atom(self) -> str:
        char = self._text[self._at]
        self._at += 1
        match char:
            case "(":
                return self._group()
            case "[":
                return self._class()
            case "\\":
                self._at += 1
                return _ESCAPED.get(self._text[self._at - 1], self._text[self._at - 1])
            case ".":
                return "0"
            case "^" | "$":
                return ""
            case _:
                return char

    def _group(self) -> str:
        flags = re.compile(r"\?(?:P?<\w+>|[a-zA-Z-]*:)").match(self._text, self._at)
        self._at = flags.end() if flags else self._at
        word = self.alternatives()
        self._at += 1
        return word

    def _class(self) -> str:
        end = (
            self._text.index("]", self._at + 1) + 1 if "]" in self._text[self._at + 1 :] else len(self._text)
        )
        pattern = _pattern(self._text[self._at - 1 : end])
        inside = self._text[self._at : end - 1]
        self._at = end
        return next((c for c in (*_LETTERS, *inside) if pattern.fullmatch(c)), "")

    def _repeated(self, word: str) -> str:
        times: Any = re.compile(r"(?:([*?])|(\+)|\{(\d+)(?:,\d*)?\})\??").match(self._text, self._at)
        if times is None:
            return word
        self._at = times.end()
        if times[1]:
            return ""
        return word if times[2] else word * int(times[3])


_ESCAPED: Final = {
    "d": "0",
    "w": "a",
    "s": " ",
    "D": "a",
    "W": "-",
    "S": "a",
    "b": "",
    "A": "",
    "z": "",
    "n": "\n",
}
