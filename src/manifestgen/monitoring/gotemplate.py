"""Go templates: how text survives them, and the few placeholders an alert's description may have."""

from __future__ import annotations

import re
from typing import Final

_OPEN: Final = "{{"
_ESCAPED_OPEN: Final = '{{ "{{" }}'
_FUNCTIONS: Final = "humanize|humanize1024|humanizeDuration|humanizePercentage|humanizeTimestamp"
_PLACEHOLDER: Final = re.compile(
    rf"\{{\{{\s*(?:\$labels\.[A-Za-z_][A-Za-z0-9_]*|\$value(?:\s*\|\s*(?:{_FUNCTIONS}))?)\s*\}}\}}"
)
_NEXT: Final = re.compile(rf"(?P<placeholder>{_PLACEHOLDER.pattern})|\{{\{{")


def literal(text: str) -> str:
    """``text`` as a Go template that prints just that."""
    return text.replace(_OPEN, _ESCAPED_OPEN)


def description(text: str) -> str:
    """``text`` as a Go template that prints just that, but fills in placeholders.

    A placeholder is ``{{ $labels.NAME }}`` or ``{{ $value }}``, the value also humanised:
    ``{{ $value | humanizePercentage }}``. Everything else that looks like a template is text.
    """
    return _NEXT.sub(lambda match: match["placeholder"] or _ESCAPED_OPEN, text)
