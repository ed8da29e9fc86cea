"""How much all files of one spec may hold together: limits hold across them, and not for each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Budget:
    """What was read so far: bytes, values, and values that aliases stand for."""

    size: int = 0
    values: int = 0
    expanded: int = 0

    @property
    def reader(self) -> str:
        """Who holds too much, as a message begins: one file, or this one with those before it."""
        return "the files of the spec hold" if self.values else "the file holds"
