"""Values as literals of Python and JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

_PYTHON: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_JAVASCRIPT: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def python(value: Any) -> str:
    """``value`` on one line of Python: text, numbers, truths, lists and maps, and None.

    What cannot be seen, and what changes the direction of what is read, stands as its number.
    """
    if isinstance(value, str):
        return f'"{_escaped(value, _PYTHON, _python_number)}"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{python(key)}: {python(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(python, value)) + "]"
    return repr(value)


def javascript(value: Any) -> str:
    """The same on one line of JavaScript, where None is ``null``."""
    if isinstance(value, str):
        return f"'{_escaped(value, _JAVASCRIPT, _javascript_number)}'"
    if isinstance(value, Mapping):
        members = (f"{javascript_key(key)}: {javascript(item)}" for key, item in value.items())
        return "{ " + ", ".join(members) + " }" if value else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(javascript, value)) + "]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


def javascript_key(key: str) -> str:
    """A key of an object: plain where that is a name, quoted otherwise.

    ``'__proto__': x`` says what the object inherits; a computed key is one like all others.
    """
    if key == "__proto__":
        return f"[{javascript(key)}]"
    return key if _NAME.fullmatch(key) else javascript(key)


def slashes(text: str) -> str:
    """``text`` as lines of a comment of JavaScript; no line of it can end the comment."""
    return "\n".join(f"// {line}".rstrip() for line in text.splitlines())


def _escaped(text: str, known: Mapping[str, str], number: Callable[[int], str]) -> str:
    return "".join(
        known.get(letter) or (letter if letter.isprintable() else number(ord(letter))) for letter in text
    )


def _python_number(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _javascript_number(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\u{{{code:x}}}"
