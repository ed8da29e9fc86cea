"""Findings as workflow commands of GitHub Actions, which show them at their lines of a pull request.

The escapes are those of GitHub's own toolkit (actions/toolkit, packages/core/src/command.ts).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from manifestgen.errors import Finding, Severity
from manifestgen.report.text import file_of, in_order, sentence
from manifestgen.yamlio.characters import escaped

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def findings(found: Iterable[Finding]) -> str:
    """One command for each finding, nothing else."""
    return "".join(f"{_command(finding)}\n" for finding in in_order(found))


def _command(finding: Finding) -> str:
    where, file = finding.location, file_of(finding)
    properties = {"file": file} if file is not None else {}
    if where:
        properties |= {"line": str(where.line), "col": str(where.column)}
    properties["title"] = finding.rule
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(sentence(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escaped(text)).replace(":", "%3A").replace(",", "%2C")
