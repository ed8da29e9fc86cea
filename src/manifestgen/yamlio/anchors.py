"""Anchors and what their aliases cost: neither cycles nor bombs."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from manifestgen.yamlio.characters import shortened
from manifestgen.yamlio.findings import Report
from manifestgen.yamlio.nodes import Node

MOST_EXPANDED: Final = 200_000
"""Values that all aliases of a spec may stand for together; long texts count for several."""


class Anchored(NamedTuple):
    """A value with a name: how many values it holds, and how many levels of maps and lists."""

    node: Node
    cost: int
    height: int


class Anchors:
    """The named values of one document."""

    def __init__(self, report: Report, expanded: int = 0) -> None:
        self._report = report
        self._known: dict[str, Anchored | None] = {}
        self.expanded = expanded

    def open(self, name: str) -> None:
        """A value with this name starts here."""
        self._known[name] = None

    def close(self, name: str, anchored: Anchored) -> None:
        """The value with this name is complete."""
        self._known[name] = anchored

    def forget(self) -> None:
        """The document ends, and with it all names."""
        self._known.clear()

    def resolve(self, event: Any) -> Anchored | None:
        """What an alias stands for; None (and a finding) for one that stands for nothing.

        Raises UnreadableError when the aliases of the document stand for too much.
        """
        name = event.anchor
        shown = f"*{shortened(name)}"
        if name not in self._known:
            message = f"no anchor &{shown[1:]} stands before this alias"
            self._report.add(event, "yaml-syntax", message, f"check the name {shown}")
            return None
        anchored = self._known[name]
        if anchored is None:
            message = f"the alias {shown} stands inside the value that it names"
            self._report.add(event, "yaml-alias-cycle", message, "write the value out")
            return None
        self.expanded += anchored.cost
        if self.expanded > MOST_EXPANDED:
            message = f"the aliases of this file stand for more than {MOST_EXPANDED} values"
            raise self._report.stop(event, "yaml-alias-bomb", message, "write out what is meant")
        return anchored
