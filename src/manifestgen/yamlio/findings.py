"""The findings about one file, and the dotted path of where the composer is."""

from __future__ import annotations

from typing import Any, Final

from manifestgen.errors import Finding, Location
from manifestgen.yamlio.nodes import dotted

_MOST_FINDINGS: Final = 500


class UnreadableError(Exception):
    """Reading on makes no sense; what was found so far is in the report."""


class Report:
    """Collects findings; ``path`` holds the keys and indexes that lead to the current value."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.path: list[str | int] = []

    def location(self, event: Any) -> Location:
        """Where an event of the parser starts."""
        mark = event.start_mark
        return Location(self.file, mark.line + 1, mark.column + 1)

    def add(self, event: Any, rule: str, message: str, advice: str) -> None:
        """A finding at the start of an event; the last of too many raises UnreadableError."""
        self.findings.append(Finding(rule, message, advice, self.dotted(), self.location(event)))
        if len(self.findings) == _MOST_FINDINGS:
            raise UnreadableError

    def stop(self, event: Any, rule: str, message: str, advice: str) -> UnreadableError:
        """The same for a mistake behind which nothing can be read."""
        self.add(event, rule, message, advice)
        return UnreadableError()

    def dotted(self) -> str:
        """The current path as findings show it: ``workloads.api.ports[0]``."""
        return dotted(self.path)
