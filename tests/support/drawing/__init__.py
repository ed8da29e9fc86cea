"""Whole specs, drawn from the pydantic models that say what a spec is."""

from __future__ import annotations

from support.drawing.specs import DrawnSpec, drawn_platforms, drawn_specs, raw_specs

__all__ = ["DrawnSpec", "drawn_platforms", "drawn_specs", "raw_specs"]
