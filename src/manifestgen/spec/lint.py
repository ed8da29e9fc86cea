"""Which findings of `manifestgen lint` are meant to be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from manifestgen.facts.lint import LEVELS
from manifestgen.spec.base import Model, Text


class Ignored(Model):
    """A rule that is broken on purpose."""

    reason: Text
    """Why; whoever reads the spec next wants to know."""
    at: Annotated[list[Text], Field(min_length=1)] | None = None
    """Paths in the spec where it may be broken: `workloads.api` and all below it; left out, anywhere."""


class Lint(Model):
    """Exceptions from the rules of `manifestgen lint`."""

    ignore: Annotated[
        dict[Text, Ignored], Field(json_schema_extra={"propertyNames": {"enum": sorted(LEVELS)}})
    ] = {}
    """Rules that are broken on purpose, by name; what keeps a spec from being valid cannot be ignored."""
