"""The grammar of semantic versions as Helm reads it (semver.org 2.0.0, by Masterminds/semver)."""

from typing import Final

NUMBER: Final = r"(0|[1-9][0-9]{0,18})"
"""One of the three numbers. Helm holds each in 64 bits without a sign: what has 19 digits is sure to fit."""

_BEFORE: Final = r"(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD: Final = r"[0-9A-Za-z-]+"

SUFFIX: Final = rf"(-{_BEFORE}(\.{_BEFORE})*)?(\+{_BUILD}(\.{_BUILD})*)?"
"""What may follow the numbers: `-rc.1` (numbers without leading zeros) and `+build.5`; no part is empty."""

VERSION: Final = rf"{NUMBER}\.{NUMBER}\.{NUMBER}{SUFFIX}"
"""A whole version."""
