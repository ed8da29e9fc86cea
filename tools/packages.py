"""Installs the Debian packages whose programs the tests run as the machine has them, or says what is missing.

    python tools/packages.py

As root, as in a container, what is missing is installed; a user is told its name. Whatever cannot be had is
no failure here: the tests that need it are skipped, and fail where MANIFESTGEN_REQUIRE_TOOLS is set.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PROGRAMS: Final[Mapping[str, str]] = {
    "initdb": "postgresql",
    "psql": "postgresql-client",
    "curl": "curl",
    "gpg": "gnupg",
    "openssl": "openssl",
}
"""Each program with the package that it comes in."""
SERVERS: Final = Path("/usr/lib/postgresql")
"""Where Debian keeps those programs of PostgreSQL that it does not put on PATH."""


def main() -> None:
    """Install what is missing, or name it."""
    packages = missing()
    if not packages:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(
            f"some tests are skipped; they need: sudo apt-get install {' '.join(packages)}", file=sys.stderr
        )
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        command = ["apt-get", "--quiet", *words]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            print(f"tools/packages.py: could not install {' '.join(packages)}", file=sys.stderr)
            return


def missing() -> list[str]:
    """The packages whose programs are not there."""
    return [package for program, package in PROGRAMS.items() if not is_there(program)]


def is_there(program: str) -> bool:
    """Whether a program is on PATH, or where Debian keeps it."""
    return shutil.which(program) is not None or any(SERVERS.glob(f"*/bin/{program}"))


if __name__ == "__main__":
    main()
