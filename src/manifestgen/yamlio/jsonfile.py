"""Data to JSON as people read it: what ``json.dumps(…, indent=2, ensure_ascii=False)`` writes, but faster.

Python's own encoder is in C only without an indent; dashboards and schemas have a hundred thousand lines.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring as _text
from typing import Any


def dump(value: Any) -> str:
    """A whole file that ends with a newline; raises TypeError for what JSON has no words for."""
    return _written(value, "\n") + "\n"


def _written(value: Any, line: str) -> str:
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is dict and value:
        inner = f"{line}  "
        members = [f"{inner}{_key(key)}: {_written(item, inner)}" for key, item in value.items()]
        return f"{{{','.join(members)}{line}}}"
    if kind in (list, tuple) and value:
        inner = f"{line}  "
        items = [f"{inner}{_written(item, inner)}" for item in value]
        return f"[{','.join(items)}{line}]"
    return json.dumps(value, ensure_ascii=False)


def _key(key: Any) -> str:
    if type(key) is not str:
        raise TypeError(f"a key of JSON is a text, and not {key!r}")
    return _text(key)
