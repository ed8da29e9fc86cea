"""Our own rendered YAML to plain data, without places: as fast as the C parser allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from _ruamel_yaml import CParser
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from manifestgen.yamlio.scalars import resolve

_Next = Callable[[], Any]
_KEYS_THAT_ARE_NO_SCALARS: Final = frozenset({AliasEvent, MappingStartEvent, SequenceStartEvent})


def parse_documents(text: str) -> list[Any]:
    """The documents of a text that this program has rendered, an empty one as None.

    Plain scalars mean what they mean to ``load_text``. Nothing is checked: tags are ignored, of equal
    keys the last one counts. A text with an alias is not ours and raises ValueError; a broken one raises
    the parser's own ``ruamel.yaml.error.YAMLError``.
    """
    following: _Next = CParser(text).get_event
    documents = []
    event = following()
    while type(event) is not StreamEndEvent:
        if type(event) is DocumentStartEvent:
            documents.append(_value(following(), following))
        event = following()
    return documents


def _value(event: Any, following: _Next) -> Any:
    kind = type(event)
    if kind is ScalarEvent:
        return resolve(event.value) if event.implicit[0] else event.value
    if kind is MappingStartEvent:
        return _map(following)
    if kind is SequenceStartEvent:
        items = []
        while type(event := following()) is not SequenceEndEvent:
            items.append(_value(event, following))
        return items
    if kind is AliasEvent:
        raise ValueError(f"line {event.start_mark.line + 1}: an alias in rendered text")
    raise AssertionError(f"no value starts with {kind.__name__}")


def _map(following: _Next) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    while True:
        event = following()
        if type(event) is not ScalarEvent:
            if type(event) in _KEYS_THAT_ARE_NO_SCALARS:
                raise ValueError(f"line {event.start_mark.line + 1}: a key that is no scalar")
            return result
        key = resolve(event.value) if event.implicit[0] else event.value
        event = following()
        if type(event) is ScalarEvent:  # the most frequent case, without one more call
            result[key] = resolve(event.value) if event.implicit[0] else event.value
        else:
            result[key] = _value(event, following)
