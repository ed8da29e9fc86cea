"""Findings as JSON, for scripts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from manifestgen.errors import Finding, Severity
from manifestgen.report.text import file_of, in_order


def findings(found: Iterable[Finding], more: Mapping[str, Any] | None = None) -> str:
    """One object: ``findings``, the counts ``errors``, ``warnings`` and ``notes``, and the keys of ``more``.

    Every finding has the same keys; ``line`` and ``column`` are null where no line can be
    named, ``file`` only where the finding is about no file.
    """
    ordered = in_order(found)
    counts = Counter(finding.severity for finding in ordered)
    document = {
        "findings": [_as_object(finding) for finding in ordered],
        **{f"{severity.value}s": counts[severity] for severity in Severity},
        **(more or {}),
    }
    return dumps(document)


def dumps(document: Any) -> str:
    """The document as indented ASCII, in which no character talks to a terminal."""
    return json.dumps(document, indent=2) + "\n"


def _as_object(finding: Finding) -> dict[str, Any]:
    where = finding.location
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "file": file_of(finding),
        "line": where.line if where else None,
        "column": where.column if where else None,
        "path": finding.path,
        "message": finding.message,
        "advice": finding.advice,
    }
