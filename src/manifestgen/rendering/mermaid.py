"""Text for the labels of Mermaid's diagrams."""

from __future__ import annotations

from typing import Final

_UNSAFE: Final = str.maketrans(
    {
        '"': "#quot;",
        "#": "#35;",
        "%": "#37;",  # `%%{…}%%` would be taken out, wherever it stands
        "&": "#amp;",
        "<": "#lt;",
        ">": "#gt;",
        "`": "#96;",
        "\\": "#92;",
    }
)
"""What a label cannot hold, or would be taken for markup; ``#…;`` is Mermaid's way to write it."""


def label(text: str) -> str:
    """``text`` on one line, to stand between the double quotes of a label."""
    return " ".join(text.split()).translate(_UNSAFE) or " "  # an empty one is a mistake to Mermaid
