"""Scalars and keys of foreign YAML: their values, and what is wrong with them."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from ruamel.yaml.events import MappingStartEvent

from manifestgen.yamlio.characters import CONTROL, escaped, shortened
from manifestgen.yamlio.findings import Report
from manifestgen.yamlio.nodes import Scalar
from manifestgen.yamlio.scalars import resolve

_STANDARD: Final = "tag:yaml.org,2002:"
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}
_OCTAL_OR_NOT: Final = re.compile(r"[-+]?0[0-9]+")


def scalar_value(event: Any, report: Report) -> Scalar:
    """The value of a scalar event; a wrong one is reported and gives None."""
    value = _resolved(event, report)
    if event.style == '"':
        check_characters(event, report)
    if type(value) is float and not math.isfinite(value):
        written = shortened(event.value)
        advice = "write a number, or put a text in quotes"
        report.add(event, "yaml-number", f"{written} is not a finite number", advice)
    elif type(value) is int and event.implicit[0] and _OCTAL_OR_NOT.fullmatch(event.value):
        message = f"{shortened(event.value)} is octal to some readers and decimal to others"
        report.add(event, "yaml-number", message, "write 0o… for an octal number, or put a text in quotes")
    return value


def key_value(event: Any, report: Report) -> str | None:
    """The key of a map entry; one that is not a string is reported and gives None."""
    value = _resolved(event, report)
    if not isinstance(value, str):
        message, advice = _no_string(event.value)
        report.add(event, "yaml-key-type", message, advice)
        return None
    if event.style == '"':
        check_characters(event, report)
    if value == "<<" and not event.style:
        advice = "write shared values under defaults:, or let an environment build on another with extends:"
        report.add(event, "yaml-merge-key", "the merge key << is not supported", advice)
        return None
    return value


def refuse_key(event: Any, report: Report) -> None:
    """The finding for a key that is no scalar: most often a template expression without quotes."""
    if type(event) is MappingStartEvent and event.flow_style:
        advice = "if this is the start of a text such as {{ name }}, put the text in double quotes"
    else:
        advice = "a key is a text on one line"
    report.add(event, "yaml-key-type", "a key must be a text, and this is none", advice)


def check_collection_tag(event: Any, name: str, report: Report) -> None:
    """Report a tag of a map or list that is not its own (``name`` is map or seq)."""
    if event.tag not in (None, "!", _STANDARD + name):
        _refuse_tag(event, report)


def check_characters(event: Any, report: Report) -> None:
    """Report the control characters that escapes brought into a text."""
    found = None if event.value.isprintable() else CONTROL.search(event.value)
    if found:
        message = f"the text holds the control character {escaped(found[0])}"
        advice = "delete it; of them, a text may hold newlines and tabs only"
        report.add(event, "yaml-control-character", message, advice)


def _resolved(event: Any, report: Report) -> Scalar:
    tag = event.tag
    if tag is None:
        return resolve(event.value) if event.implicit[0] else str(event.value)
    if tag in ("!", _STANDARD + "str"):
        return str(event.value)
    types = _TYPES.get(tag.removeprefix(_STANDARD)) if tag.startswith(_STANDARD) else None
    if types is None:
        _refuse_tag(event, report)
        return str(event.value)
    value = resolve(event.value)
    if type(value) not in types:
        message = f"{shortened(event.value)} is not what its tag says"
        report.add(event, "yaml-tag", message, "delete the tag")
        return None
    return float(value) if tag.endswith("float") and isinstance(value, int) else value


def _refuse_tag(event: Any, report: Report) -> None:
    shown = shortened(event.tag.replace(_STANDARD, "!!"))
    report.add(event, "yaml-tag", f"the tag {shown} is not supported", "delete the tag")


def _no_string(text: str) -> tuple[str, str]:
    if text in ("", "~"):
        return "a key is missing here", "write a key before the colon"
    shown = shortened(text)
    return f"the key {shown} is not a text", f'put it in quotes: "{shown}"'
