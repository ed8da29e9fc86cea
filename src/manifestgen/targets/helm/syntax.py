"""The words of Go templates as Helm has them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from manifestgen.kube.generalise.tree import Guard, Test, ValuePath

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ACTION: Final = re.compile(r"\{\{[^`\x00-\x1f\x7f]*?\}\}")
_OPEN: Final = re.compile(r"\{\{")


def escaped(text: str) -> str:
    """``text`` so that Helm prints it as it is, whatever braces it holds."""
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


def reference(path: ValuePath, root: str = "") -> str:
    """The value at ``path``: ``.Values.api.replicas``; ``root`` is ``$`` where the dot is something else."""
    text = f"{root}.Values"
    for key in path:
        text = f"{text}.{key}" if _IDENTIFIER.fullmatch(key) else f"(index {text} {string(key)})"
    return text


def condition(guards: Sequence[Guard], root: str = "") -> str:
    """What stands behind ``if`` for all ``guards`` together."""
    tests = [_test(guard, root) for guard in guards]
    if len(tests) == 1:
        return tests[0]
    return "and " + " ".join(f"({test})" if " " in test else test for test in tests)


def _test(guard: Guard, root: str) -> str:
    if guard.test is Test.PRESENT:
        return f"hasKey {reference(guard.path[:-1], root)} {string(guard.path[-1])}"
    return f"not {reference(guard.path, root)}" if guard.test is Test.OFF else reference(guard.path, root)
