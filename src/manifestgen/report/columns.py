"""Text in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from manifestgen.yamlio.characters import escaped


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """A line for each row, its cells below one another; an empty cell is a hyphen.

    Control characters are shown as escapes.
    """
    cells = [[escaped(cell) or "-" for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in cells)
    return ["  ".join(row).rstrip() for row in padded]


def labelled(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """A line for each pair, the values below one another; of a value of several lines each is indented."""
    given = [(name, value) for name, value in pairs if value]
    width = max((len(name) for name, _ in given), default=0)
    return [line for name, value in given for line in _below(name, value, width)]


def _below(name: str, value: str, width: int) -> list[str]:
    first, *more = (escaped(line) for line in value.split("\n"))
    return [f"{name:<{width}}  {first}", *(f"{'':<{width}}  {line}".rstrip() for line in more)]


def text(lines: Iterable[str]) -> str:
    """The lines as one text."""
    return "".join(f"{line}\n" for line in lines)
