"""What can go wrong, as values: findings, the one expected exception, and the exit codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Exit(IntEnum):
    """Exit codes of every command; they are part of the public interface."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    BUG = 3
    TOOL_MISSING = 4


class Severity(StrEnum):
    """How bad a finding is; only ``ERROR`` keeps files from being written."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Location(NamedTuple):
    """A place in a file; line and column count from 1, the column in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where, what, what to do about it, and the rule that says so.

    ``path`` is the dotted path in the spec (``workloads.api.replicas``) or the name of a file;
    ``advice`` may be empty, ``location`` is None only where no line can be named.
    """

    rule: str
    message: str
    advice: str = ""
    path: str = ""
    location: Location | None = None
    severity: Severity = Severity.ERROR

    @property
    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """Order of findings in a report: file, line, column, then rule and text."""
        where = self.location or Location("", 0, 0)
        return (where.file, where.line, where.column, self.rule, self.path, self.message)


class ManifestgenError(Exception):
    """The only exception a user's mistake raises; it carries every finding known by then."""

    def __init__(self, findings: Iterable[Finding], exit_code: Exit = Exit.FINDINGS) -> None:
        self.findings: tuple[Finding, ...] = tuple(sorted(findings, key=lambda f: f.sort_key))
        self.exit_code = exit_code
        super().__init__("; ".join(f"{f.path}: {f.message} [{f.rule}]" for f in self.findings))


def errors_in(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings that forbid writing."""
    return tuple(f for f in findings if f.severity is Severity.ERROR)
