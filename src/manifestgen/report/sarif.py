"""Findings as SARIF 2.1.0, for code scanning and for editors."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from manifestgen.errors import Finding, Location
from manifestgen.facts.rules import RULES
from manifestgen.report.jsontext import dumps
from manifestgen.report.text import in_order, sentence

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def findings(found: Iterable[Finding], version: str) -> str:
    """One run of this tool of ``version``; it lists the rules that found something, each with its meaning."""
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
        "results": [_result(finding, rules) for finding in ordered],
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str) -> dict[str, Any]:
    meaning = RULES.get(name, name)
    return {"id": name, "shortDescription": {"text": meaning}, "help": {"text": meaning}}


def _result(finding: Finding, rules: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": finding.severity.value,
        "message": {"text": sentence(finding)},
    }
    if finding.location:
        result["locations"] = [_location(finding.location, finding.path)]
    return result


def _location(where: Location, path: str) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(where.file)},
            "region": {"startLine": where.line, "startColumn": where.column},
        }
    }
    if path:
        location["logicalLocations"] = [{"fullyQualifiedName": path}]
    return location


def _uri(file: str) -> str:
    """A relative file stays relative: whoever reads the report knows the folder."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path))
