"""Message templates of Alertmanager put into the texts that use them.

An AlertmanagerConfig has no place for a file of templates, and Alertmanager reads each text of a receiver as
a template of its own, definitions included (``ExecuteTextString`` in its template.go). So each text that
calls a template gets the definitions that it needs, and says what it would with the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_ACTION: Final = re.compile(
    r"\{\{-?\s*(?:(define|if|with|range|block|end)\b)?(?:[^}\"`]|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|}(?!}))*-?}}"
)
_DEFINED: Final = re.compile(r'\{\{-?\s*define\s+"([^"]+)"')
_CALLED: Final = re.compile(r'\{\{-?\s*template\s+"([^"]+)"')


def with_messages(value: Any, messages: str) -> Any:
    """``value`` with the definitions of ``messages`` before each text in it that calls one of them."""
    return _put(value, dict(_definitions(messages)))


def _put(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _put(item, known) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_put(item, known) for item in value]
    if not isinstance(value, str):
        return value
    return "".join(known[name] + "\n" for name in known if name in _needed(value, known)) + value


def _needed(text: str, known: Mapping[str, str]) -> set[str]:
    """The templates that a text calls, itself or through others."""
    found: set[str] = set()
    open_names = [name for name in _CALLED.findall(text) if name in known]
    while open_names:
        name = open_names.pop()
        if name not in found:
            found.add(name)
            open_names += [below for below in _CALLED.findall(known[name]) if below in known]
    return found


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    """Each definition, from its ``define`` to its ``end``, which takes the line break behind it away."""
    depth, start, name = 0, 0, ""
    for action in _ACTION.finditer(text):
        word = action[1]
        if word == "end":
            depth -= 1
            if depth == 0:
                yield name, f"{text[start : action.end() - 2].rstrip('-').rstrip()} -}}}}"
        elif word is not None:
            if depth == 0:
                called = _DEFINED.match(action[0])
                start, name = action.start(), called[1] if called else ""
            depth += 1
