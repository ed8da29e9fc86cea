"""Pydantic's errors in words: the rule that is broken, what is wrong and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from pydantic_core import ErrorDetails

from manifestgen.facts.names import Complaint, quoted
from manifestgen.facts.nearest import nearest, nearest_hint
from manifestgen.resolving.shape import (
    BESIDE_THE_PLATFORM,
    choices_at,
    forms,
    keys_at,
    providers_at,
    types_at,
)
from manifestgen.yamlio.characters import shortened
from manifestgen.yamlio.nodes import Node

TYPES: Final = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "list_type": "a list",
}
"""Errors that only say which type is wanted, and that type."""

_LIMITS: Final = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "above {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "below {lt}",
}
_TRUE: Final = frozenset({"true", "yes", "on", "y", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "n", "0"})


def explain(details: ErrorDetails, node: Node) -> Complaint:
    """The complaint about one error; ``node`` is the value that it is about, or the map that lacks a key."""
    context = details.get("ctx", {})
    if "rule" in context:
        return Complaint(context["rule"], context["message"], context["advice"])
    explainer = _EXPLAINERS.get(details["type"])
    if explainer is None:
        return Complaint("invalid", details["msg"], "see docs/spec.md")
    return explainer(details, node)


def explain_types(errors: list[ErrorDetails], node: Node) -> Complaint:
    """The complaint about a value that is of none of several types."""
    wanted = list(dict.fromkeys(TYPES[details["type"]] for details in errors))
    if "a number" in wanted and "a whole number" in wanted:
        wanted.remove("a whole number")
    wanted.sort(key=lambda words: " or " in words)  # so that the list can still be read
    message = f"it must be {_one_of(wanted)}, not {shown(node)}"
    return Complaint("type", message, _type_advice(errors[0], node))


def shown(node: Node) -> str:
    """A value as a person would name it, numbers as they are written."""
    value = node.value
    if isinstance(value, dict):
        return "a map" if value else "an empty map"
    if isinstance(value, tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    return shortened(node.text or str(value))


def _unknown_key(details: ErrorDetails, node: Node) -> Complaint:
    *above, key = details["loc"]
    loc, name = tuple(above), str(key)
    others = types_at(loc[:-1], name) if loc else ()
    providers = providers_at(loc, name) if loc else ()
    if providers:
        kind, *provider = str(loc[-1]).split()
        message = f"a {kind} by provider {(*provider, 'chart')[0]} has no {quoted(name)}"
        return Complaint("unknown-key", message, f"remove it; it is for provider {_one_of(providers)}")
    if others:
        kind = str(loc[-1]).split()[0]
        message = f"a {_kind_at(loc)} of type {kind} has no {quoted(name)}"
        return Complaint("unknown-key", message, f"remove it; it is for type {_one_of(others)}")
    known = keys_at(loc)
    if not loc and nearest(name, (*known, *BESIDE_THE_PLATFORM)) in BESIDE_THE_PLATFORM:
        known = BESIDE_THE_PLATFORM
    return Complaint("unknown-key", f"unknown key {quoted(name)}", nearest_hint(name, known))


def _kind_at(loc: tuple[str | int, ...]) -> str:
    """What a member of the section is called that ``loc`` leads into: a map of workloads has a workload."""
    return str(loc[-3]).removesuffix("s") if len(loc) > 2 else "thing"


def _missing(details: ErrorDetails, node: Node) -> Complaint:
    key = str(details["loc"][-1])
    keys, choices = keys_at(details["loc"]), choices_at(details["loc"])
    example = f"{{{', '.join(f'{name}: …' for name in keys[:2])}}}" if keys else "…"
    return Complaint("missing-key", f"{key} is missing", f"add `{key}: {choices[0] if choices else example}`")


def _no_tag(details: ErrorDetails, node: Node) -> Complaint:
    key = discriminator(details)
    types = types_at(details["loc"])
    advice = f"add `{key}: {types[0]}`; there are {_all_of(types)}"
    return Complaint("missing-key", f"{key} is missing", advice)


def _wrong_tag(details: ErrorDetails, node: Node) -> Complaint:
    types = types_at(details["loc"])
    return _no_choice(node.at((discriminator(details),)), _one_of([quoted(tag) for tag in types]), types)


def discriminator(details: ErrorDetails) -> str:
    """The key that tells the members of a union apart; a function that does is named like one."""
    name = str(details["ctx"]["discriminator"])
    return "type" if name.endswith("()") else name.strip("'")


def _choice(details: ErrorDetails, node: Node) -> Complaint:
    expected = str(details["ctx"]["expected"])
    return _no_choice(node, expected, tuple(re.findall(r"'([^']*)'", expected)))


def _no_choice(node: Node, expected: str, choices: tuple[str, ...]) -> Complaint:
    near = nearest(node.value, choices) if isinstance(node.value, str) and len(choices) > 1 else None
    advice = f"did you mean {quoted(near)}?" if near else ""
    return Complaint("choice", f"it must be {expected}, not {shown(node)}", advice)


def _form(details: ErrorDetails, node: Node) -> Complaint:
    pattern = str(details["ctx"]["pattern"])
    advice = forms().get(pattern, f"it must match {pattern}")
    return Complaint("format", f"{quoted(str(details['input']))} has not the right form", advice)


def _limit(details: ErrorDetails, node: Node) -> Complaint:
    limit = _LIMITS[details["type"]].format(**details["ctx"])
    return Complaint("range", f"it must be {limit}, not {shown(node)}", "")


def _short(details: ErrorDetails, node: Node) -> Complaint:
    advice = "write some text" if isinstance(details["input"], str) else "give at least one entry"
    return Complaint("range", "it must not be empty", advice)


def _long(details: ErrorDetails, node: Node) -> Complaint:
    most, text = details["ctx"]["max_length"], details["input"]
    return Complaint("range", f"{quoted(text)} is of {len(text)} characters", f"use at most {most}")


def _type(details: ErrorDetails, node: Node) -> Complaint:
    return explain_types([details], node)


def _type_advice(details: ErrorDetails, node: Node) -> str:
    """What to write where a value is of another type than the wanted one."""
    value: Any = node.value
    wanted = TYPES[details["type"]]
    if wanted == "text":
        return _text_advice(node)
    if wanted in ("a whole number", "a number"):
        return _number_advice(value)
    if wanted == "true or false":
        return _bool_advice(value)
    if wanted == "a list":
        return f"write [{value}]" if isinstance(value, str) and value.isidentifier() else "write `- …` lines"
    keys = keys_at(details["loc"])
    return f"it has the keys {_all_of(keys)}" if keys else "write `name: …` lines"


def _text_advice(node: Node) -> str:
    if isinstance(node.value, dict | tuple):
        return "write it as one text"
    return f'quote it: "{shortened(node.text)}"' if node.text else "write some text"


def _number_advice(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return f"write it without quotes: {value}"
    return "write it without a fraction" if isinstance(value, float) else "write digits only"


def _bool_advice(value: Any) -> str:
    word = str(value).lower()
    if word in _TRUE | _FALSE:
        return f"write {'true' if word in _TRUE else 'false'}"
    return "write one of the two, without quotes"


def _one_of(words: list[str] | tuple[str, ...]) -> str:
    return _listed(words, "or")


def _all_of(words: list[str] | tuple[str, ...]) -> str:
    return _listed(words, "and")


def _listed(words: list[str] | tuple[str, ...], last: str) -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


_EXPLAINERS: Final[dict[str, Callable[[ErrorDetails, Node], Complaint]]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "union_tag_not_found": _no_tag,
    "union_tag_invalid": _wrong_tag,
    "literal_error": _choice,
    "string_pattern_mismatch": _form,
    "too_short": _short,
    "string_too_short": _short,
    "too_long": _long,
    "string_too_long": _long,
    **dict.fromkeys(TYPES, _type),
    **dict.fromkeys(_LIMITS, _limit),
}
