"""Every rule that a finding may name, and what it is there for."""

from __future__ import annotations

from typing import Final

RULES: Final[dict[str, str]] = {}
