"""Which findings of `manifestgen lint` are meant to be."""

from typing import Annotated

from pydantic import Field, StringConstraints

from manifestgen.facts.lint import LEVELS
from manifestgen.spec.base import Form, Model, Text

RuleName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$"),
    Form("write it as the finding does, e.g. image-latest"),
]
"""The name of a rule; whether there is one of that name is checked against the rules themselves."""


class Ignored(Model):
    """A rule that is broken on purpose."""

    reason: Text
    """Why; whoever reads the spec next wants to know."""
    at: Annotated[list[Text], Field(min_length=1)] | None = None
    """Paths in the spec where it may be broken: `workloads.api` and all below it; left out, anywhere."""


class Lint(Model):
    """Exceptions from the rules of `manifestgen lint`."""

    ignore: Annotated[
        dict[RuleName, Ignored], Field(json_schema_extra={"propertyNames": {"enum": sorted(LEVELS)}})
    ] = {}
    """Rules that are broken on purpose, by name; what keeps a spec from being valid cannot be ignored."""
