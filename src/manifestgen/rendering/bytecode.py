"""Compiled templates, kept from one run to the next as Python keeps compiled modules.

They lie in the user's folder for caches (XDG base directory specification) and never in the output. What
is compiled there runs in this process, so nobody else may be able to write to the folder.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from jinja2 import BytecodeCache, FileSystemBytecodeCache

from manifestgen import __version__

FOLDER: Final = "MANIFESTGEN_CACHE_DIR"
"""The environment variable that names another folder; empty, nothing is kept."""


def bytecode_cache(kind: str) -> BytecodeCache | None:
    """Where environments of one ``kind`` keep compiled templates; None where there is no safe place.

    Jinja compares the source of a template with what was compiled, so what is kept is never stale.
    """
    folder = _folder()
    if folder is None or not _is_ours(folder):
        return None
    return FileSystemBytecodeCache(str(folder), f"{kind}-{__version__}-%s")


def _folder() -> Path | None:
    chosen = os.environ.get(FOLDER)
    if chosen is not None:
        return Path(chosen) if chosen else None
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home, "manifestgen") if os.path.isabs(home) else None


def _is_ours(folder: Path) -> bool:
    """Whether ``folder`` is there, or can be made, and only this user may write to it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    is_closed = not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    is_own_folder = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return is_own_folder and is_closed and os.access(folder, os.W_OK)
