"""Findings as SARIF 2.1.0, for code scanning and for editors."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from manifestgen.errors import Finding
from manifestgen.facts.lint import LEVELS
from manifestgen.facts.rules import RULES
from manifestgen.report.jsontext import dumps
from manifestgen.report.text import file_of, in_order, sentence

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def findings(found: Iterable[Finding], version: str, spec: str) -> str:
    """One run of this tool of ``version``; it lists the rules that found something, each with its meaning.

    Code scanning takes no result without a file: what is about none is told of the ``spec``.
    """
    ordered = in_order(found)
    rules = sorted({finding.rule for finding in ordered})
    run = {
        "tool": {
            "driver": {
                "name": "manifestgen",
                "semanticVersion": version,
                "rules": [_rule(name) for name in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules, spec) for finding in ordered],
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str) -> dict[str, Any]:
    meaning = RULES.get(name, name)
    return {"id": name, "shortDescription": {"text": meaning}, "help": {"text": _help(name, meaning)}}


def _help(name: str, meaning: str) -> str:
    """What the page of a rule of lint says; of other rules, what they are there for."""
    if name not in LEVELS:
        return meaning
    from manifestgen.facts.pages import PAGES

    return f"{meaning}\n\n{PAGES[name].why}\n\n{PAGES[name].fix}"


def _result(finding: Finding, rules: list[str], spec: str) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": finding.severity.value,
        "message": {"text": sentence(finding)},
        "locations": [_location(finding, spec)],
    }


def _location(finding: Finding, spec: str) -> dict[str, Any]:
    """The file, with the line if one can be named, and the place in the spec."""
    file = file_of(finding)
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(spec if file is None else file)}}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.location:
        where = finding.location
        physical["region"] = {"startLine": where.line, "startColumn": where.column}
    if finding.path and (finding.location or file is None):
        location["logicalLocations"] = [{"fullyQualifiedName": finding.path}]
    return location


def _uri(file: str) -> str:
    """A relative file stays relative: whoever reads the report knows the folder."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path))
