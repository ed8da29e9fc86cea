"""Where each panel of a dashboard stands, and by which number Grafana knows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from zlib import crc32

from manifestgen.monitoring.dashboards.shapes import WHOLE_ROW, Board, Drawn

_HIGHEST: Final = 1_000_000


class Spot(NamedTuple):
    """A place on the grid, from the upper left corner, and the number of what stands there."""

    number: int
    x: int
    y: int
    width: int
    height: int


class Placed(NamedTuple):
    """A panel or, without one, the title of a row, at its place."""

    title: str
    drawn: Drawn | None
    spot: Spot


def placed(board: Board) -> Iterator[Placed]:
    """All titles and panels of a dashboard, line by line: as many in a line as fit."""
    numbers = _Numbers()
    y = 0
    for row in board.rows:
        if row.title:
            yield Placed(row.title, None, Spot(numbers.of(row.title), 0, y, WHOLE_ROW, 1))
            y += 1
        x = line = 0
        for drawn in row.panels:
            panel = drawn.panel
            if x + panel.width > WHOLE_ROW:
                x, y, line = 0, y + line, 0
            number = numbers.of(f"{row.title}/{panel.key or panel.title}")
            yield Placed(panel.title, drawn, Spot(number, x, y, panel.width, panel.height))
            x, line = x + panel.width, max(line, panel.height)
        y += line


class _Numbers:
    """Numbers made of names: a panel keeps its own when others come or go, and links to it last."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def of(self, name: str) -> int:
        number = crc32(name.encode()) % _HIGHEST + 1
        while number in self._taken:
            number += 1
        self._taken.add(number)
        return number
