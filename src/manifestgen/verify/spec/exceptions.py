"""Exceptions from the rules of lint: they name rules that there are and that may be broken."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.facts.lint import LEVELS
from manifestgen.facts.nearest import nearest_hint
from manifestgen.facts.rules import RULES
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.spec.finding import finding


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Every rule that is ignored is one of lint."""
    for rule in platform.spec.lint.ignore:
        path = ("lint", "ignore", rule)
        if rule in RULES and rule not in LEVELS:
            message = f"{rule} cannot be ignored: what it finds would not work"
            yield finding(platform, path, "lint-ignore", message, "mend what it finds", on_key=True)
        elif rule not in LEVELS:
            message = f"there is no rule {rule!r}"
            yield finding(platform, path, "lint-ignore", message, nearest_hint(rule, LEVELS), on_key=True)
