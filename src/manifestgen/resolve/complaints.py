"""From pydantic's errors to findings that name a line and say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from manifestgen.errors import Finding, Location
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolve.shape import keys_at
from manifestgen.yamlio.nodes import Node

INCOMPLETE = frozenset(
    {"missing-key", "replicas-missing", "image-version", "probe-check", "autoscaling-target"}
)
"""Rules that only say that something is not there yet; the base may leave it to its environments."""

_TYPE_WORDS = {
    "string_type": ("text", "quote it"),
    "int_type": ("a whole number", "write it without quotes and fraction"),
    "float_type": ("a number", "write it without quotes"),
    "bool_type": ("true or false", "write it without quotes"),
    "dict_type": ("a map", "write `name: …` below it"),
    "model_type": ("a map", "write `name: …` below it"),
    "model_attributes_type": ("a map", "write `name: …` below it"),
    "list_type": ("a list", "write `- …` below it"),
}
_RANGE = {
    "greater_than_equal": ("at least {ge}",),
    "greater_than": ("above {gt}",),
    "less_than_equal": ("at most {le}",),
    "less_than": ("below {lt}",),
    "too_short": ("of at least {min_length} entries",),
    "too_long": ("of at most {max_length} entries",),
    "string_too_short": ("of at least {min_length} characters",),
    "string_too_long": ("of at most {max_length} characters",),
}


def findings_of(error: ValidationError, document: Node) -> list[Finding]:
    """One finding for each place that ``error`` complains about."""
    by_place: dict[tuple[tuple[str | int, ...], str], Finding] = {}
    for details in error.errors(include_url=False):
        path, finding = _finding(details, document)
        # The members of a union complain one by one about the same value: the first speaks for all.
        by_place.setdefault((path, finding.rule), finding)
    return list(by_place.values())


def _finding(details: ErrorDetails, document: Node) -> tuple[tuple[str | int, ...], Finding]:
    path = tuple(_path_in(document, details["loc"]))
    rule, message, advice = _explain(details, document.at(path))
    if details["type"] == "extra_forbidden":
        advice = nearest_hint(str(path[-1]), keys_at(details["loc"][:-1]))
    if details["type"] == "missing":
        path = (*path, str(details["loc"][-1]))
    return path, Finding(
        rule=rule,
        path=".".join(str(step) for step in path),
        message=message,
        advice=advice,
        location=_place(document, path, on_key=_is_about_key(details)),
    )


def _is_about_key(details: ErrorDetails) -> bool:
    return details["type"] == "extra_forbidden" or details["loc"][-1:] == ("[key]",)


def _path_in(document: Node, loc: tuple[str | int, ...]) -> Iterator[str | int]:
    """The steps of ``loc`` that the document has; pydantic adds tags and names of union members."""
    node = document
    for step in loc:
        below = node.at((step,))
        if below is not node:
            yield step
            node = below


def _place(document: Node, path: tuple[str | int, ...], *, on_key: bool) -> Location:
    node = document.at(path)
    is_there = len(list(_path_in(document, path))) == len(path)
    if (on_key or not is_there) and node.key_location is not None:
        return node.key_location
    return node.location


def _explain(details: ErrorDetails, node: Node) -> tuple[str, str, str]:
    """Rule, message and advice of one error of pydantic."""
    kind, context = details["type"], details.get("ctx", {})
    if "rule" in context:
        return context["rule"], context["message"], context["advice"]
    if kind in _TYPE_WORDS:
        wanted, advice = _TYPE_WORDS[kind]
        return (
            "type",
            f"it must be {wanted}, not {_shown(details['input'], node)}",
            _type_advice(advice, node),
        )
    if kind in _RANGE:
        return (
            "range",
            f"it must be {_RANGE[kind][0].format(**context)}",
            f"found {_shown(details['input'], node)}",
        )
    return _explain_rest(kind, details, context, node)


def _explain_rest(
    kind: str, details: ErrorDetails, context: dict[str, Any], node: Node
) -> tuple[str, str, str]:
    if kind == "extra_forbidden":
        return "unknown-key", f"unknown key {str(details['loc'][-1])!r}", ""
    if kind == "missing":
        return "missing-key", f"{details['loc'][-1]} is missing", f"add `{details['loc'][-1]}: …`"
    if kind == "union_tag_not_found":
        key = str(context["discriminator"]).strip("'")
        return "missing-key", f"{key} is missing", f"add `{key}: …`; there are {_tags(details['loc'])}"
    if kind == "union_tag_invalid":
        tag, expected = str(context["tag"]), str(context["expected_tags"]).replace("'", "")
        return "choice", f"{tag!r} is no type", f"there are {expected}"
    if kind in ("literal_error", "enum"):
        return "choice", f"{_shown(details['input'], node)} is no choice", f"use {context['expected']}"
    if kind == "string_pattern_mismatch":
        return "format", f"{_shown(details['input'], node)} has not the right form", _pattern_advice(context)
    return "invalid", details["msg"], "see docs/spec.md"


def _tags(loc: tuple[str | int, ...]) -> str:
    return ", ".join(keys_at(loc, tags=True))


def _pattern_advice(context: dict[str, Any]) -> str:
    return f"it must match {context['pattern']}"


def _type_advice(advice: str, node: Node) -> str:
    if advice == "quote it" and node.text:
        return f'quote it: "{node.text}"'
    return advice


def _shown(value: Any, node: Node) -> str:
    """A value as a person would name it."""
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "…")
    return f"the number {node.text or value}"
