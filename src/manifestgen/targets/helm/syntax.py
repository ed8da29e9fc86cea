"""The words of Go templates as Helm has them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from manifestgen.facts.conventions import THIS_NAMESPACE
from manifestgen.kube.generalise.tree import Guard, Test, ValuePath

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ACTION: Final = re.compile(r"\{\{[^`\x00-\x1f\x7f]*?\}\}")
_OPEN: Final = re.compile(r"\{\{")


def escaped(text: str) -> str:
    """``text`` so that Helm prints it as it is, whatever braces it holds."""
    if "{{" not in text:
        return text
    pieces: list[str] = []
    end = 0
    for match in _ACTION.finditer(text):
        pieces += [_without_openings(text[end : match.start()]), f"{{{{`{match[0]}`}}}}"]
        end = match.end()
    return "".join([*pieces, _without_openings(text[end:])])


def _without_openings(text: str) -> str:
    return _OPEN.sub('{{ "{{" }}', text)


def string(text: str) -> str:
    """``text`` as a string inside of an action."""
    return json.dumps(text, ensure_ascii=False)


class References(NamedTuple):
    """How templates speak of values.

    ``unset`` are the maps that values.yaml only shows in a comment, so that they may not be there;
    ``root`` is ``$`` where the dot is something else.
    """

    unset: frozenset[ValuePath] = frozenset()
    root: str = ""

    def to(self, path: ValuePath) -> str:
        """The value at ``path``: ``.Values.api.replicas``."""
        text = f"{self.root}.Values"
        for end, key in enumerate(path, start=1):
            text = f"{text}.{key}" if _IDENTIFIER.fullmatch(key) else f"(index {text} {string(key)})"
            if path[:end] in self.unset:
                text = f"({text} | default dict)"
        return text

    def condition(self, guards: Sequence[Guard]) -> str:
        """What stands behind ``if`` for all ``guards`` together."""
        tests = [self._test(guard) for guard in guards]
        if len(tests) == 1:
            return tests[0]
        return "and " + " ".join(f"({test})" if " " in test else test for test in tests)

    def _test(self, guard: Guard) -> str:
        if guard.test is Test.PRESENT:
            return f"hasKey {self.to(guard.path[:-1])} {string(guard.path[-1])}"
        return f"not {self.to(guard.path)}" if guard.test is Test.OFF else self.to(guard.path)


def mentions_namespace(value: Any) -> bool:
    """Whether anything in it stands for the namespace."""
    if isinstance(value, dict):
        return any(map(mentions_namespace, value.values()))
    if isinstance(value, list | tuple):
        return any(map(mentions_namespace, value))
    return isinstance(value, str) and THIS_NAMESPACE in value
