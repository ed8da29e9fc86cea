"""The page of each rule of ``manifestgen lint``: why it matters, an example, how to mend it.

docs/rules/ is made from here, and what SARIF tells editors. Nothing else imports it: it is all prose.
"""

from __future__ import annotations

from manifestgen.facts.pages import (
    admission,
    capacity,
    containers,
    expressions,
    gitops,
    monitoring,
    network,
    objects,
    pods,
    references,
    scaling,
    storage,
)
from manifestgen.facts.pages.page import Page

__all__ = ["PAGES", "Page"]

_SUBJECTS = (
    admission,
    capacity,
    containers,
    expressions,
    gitops,
    monitoring,
    network,
    objects,
    pods,
    references,
    scaling,
    storage,
)

PAGES: dict[str, Page] = dict(sorted(item for subject in _SUBJECTS for item in subject.PAGES.items()))
