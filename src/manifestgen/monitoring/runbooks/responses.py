"""How soon somebody acts upon an alert, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.prometheus import Severity

if TYPE_CHECKING:
    from manifestgen.spec.handbook import Responses

_USUAL: Final[dict[Severity, str]] = {"critical": "5m", "warning": "30m", "info": "1d"}
"""What `documentation.responses` is where the spec has no documentation; a test holds the two equal."""
_UNITS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_DAILY: Final = "1d"


def response_to(severity: Severity, platform: ResolvedPlatform) -> str:
    """``within 5 minutes``, or ``at the daily review``."""
    documentation = platform.spec.documentation
    wanted: Responses | None = None if documentation is None else documentation.responses
    text: str = _USUAL[severity] if wanted is None else getattr(wanted, severity)
    return "at the daily review" if text == _DAILY else f"within {duration(text)}"


def duration(text: str) -> str:
    """``5m`` as ``5 minutes``; what has several units stays as it is."""
    number, unit = text[:-1], text[-1]
    if not number.isdigit() or unit not in _UNITS:
        return text
    return f"{int(number)} {_UNITS[unit]}{'' if int(number) == 1 else 's'}"
