"""Findings for people: one line each, in the form that editors and terminals make clickable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from manifestgen.errors import Finding, Severity
from manifestgen.yamlio.characters import escaped

_RESET: Final = "\x1b[0m"
_BOLD: Final = "\x1b[1m"
_DIM: Final = "\x1b[2m"
_COLOURS: Final = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}

_ABOUT_FILES: Final = frozenset(
    {"init-exists", "init-failed", "spec-size", "spec-unreadable", "unknown-environment"}
)
"""Rules whose path, where they name no line, is that of a file; so is that of each rule ``output-…``."""


def findings(found: Iterable[Finding], *, colour: bool = False) -> str:
    """All findings, a line each in the order of the file, and a closing line that counts them.

    A line reads ``file:line:column: severity: path: message; advice [rule]``. Control characters are
    shown as escapes, so that nothing in a spec talks to the terminal. No findings give no text.
    """
    ordered = in_order(found)
    if not ordered:
        return ""
    lines = [_line(finding, colour) for finding in ordered]
    return "\n".join([*lines, tally(ordered)]) + "\n"


def file_of(finding: Finding) -> str | None:
    """The file that the finding is about, None where it is about none; also where no line can be named."""
    if finding.location:
        return finding.location.file
    about_a_file = finding.rule in _ABOUT_FILES or finding.rule.startswith("output-")
    return finding.path if about_a_file and finding.path else None


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """The findings as every format lists them: by file, line and column."""
    return sorted(found, key=lambda finding: finding.sort_key)


def sentence(finding: Finding) -> str:
    """What is wrong and what to do, on one line, without the place and the rule."""
    path = f"{finding.path}: " if finding.path else ""
    advice = f"; {finding.advice}" if finding.advice else ""
    return escaped(f"{path}{finding.message}{advice}")


def tally(found: Iterable[Finding]) -> str:
    """``3 errors, 1 warning``; the severities that do not occur are left out."""
    counts = Counter(finding.severity for finding in found)
    return ", ".join(counted(counts[severity], severity.value) for severity in Severity if counts[severity])


def counted(number: int, noun: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _line(finding: Finding, colour: bool) -> str:
    def paint(text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if colour else text

    place = paint(f"{escaped(str(finding.location))}:", _BOLD) + " " if finding.location else ""
    severity = paint(f"{finding.severity.value}:", _COLOURS[finding.severity])
    return f"{place}{severity} {sentence(finding)} {paint(f'[{finding.rule}]', _DIM)}"
