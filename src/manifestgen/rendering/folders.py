"""Where templates are found."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]


def template_folders(own: Path | None = None) -> tuple[Path, ...]:
    """The folders to look in, first one first: the user's ``own``, then the built-in one.

    The built-in folder is inside the installed package; in a checkout it lies at the top.
    """
    installed = _PACKAGE / "templates"
    builtin = installed if installed.is_dir() else _PACKAGE.parents[1] / "templates"
    return (builtin,) if own is None else (own, builtin)
