"""What a page is made of."""

from __future__ import annotations

from typing import NamedTuple


class Page(NamedTuple):
    """Why a rule is there, an example that breaks it and one that does not, how to mend the first.

    An example is a part of a spec, or one or several Kubernetes objects of the user's own.
    """

    why: str
    bad: str
    good: str
    fix: str
    before: str = ""
    """What the output folder holds when the example is rendered; for rules about changes."""
