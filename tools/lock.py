"""Writes tools/constraints.txt: the exact version of everything that pyproject.toml leads to.

pyproject.toml says what the program works with; this file says what CI has passed with, so that a release
of somebody else's does not change the result of the same commit. Nothing is installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Exact versions that CI passes with. Made by `make lock`; pyproject.toml says why each is there.\n"


def main() -> None:
    """Resolve and write."""
    resolve = ["-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    report = subprocess.run(
        [sys.executable, *resolve, f"{ROOT}[dev]"], stdout=subprocess.PIPE, check=True, text=True
    ).stdout
    packages = (entry["metadata"] for entry in json.loads(report)["install"])
    pins = sorted(f"{package['name'].lower()}=={package['version']}\n" for package in packages)
    own = [pin for pin in pins if not pin.startswith("manifestgen==")]
    (ROOT / "tools" / "constraints.txt").write_text(HEADER + "".join(own), encoding="utf-8")


if __name__ == "__main__":
    main()
