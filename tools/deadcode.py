"""Finds code that nothing uses, with vulture, which is taught what our templates use.

A field of the spec that neither Python nor a template reads is a promise to the user that nothing keeps.
Tests do not count as use: what only a test calls is dead too. `[tool.vulture]` in pyproject.toml holds
the names that others call: pydantic, click, users of the library.
"""

from __future__ import annotations

import keyword
import re
import sys
import tomllib
from pathlib import Path

from jinja2.sandbox import SandboxedEnvironment
from vulture import Vulture

# Presets name thresholds of the spec in their texts (`> @errors_warning`), and their section as a string.
_THRESHOLD = re.compile(r"""@([a-z][a-z0-9_]*)|"([a-z]+)"(?=[,)])""")
ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Print what is unused; 1 when there is any."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["vulture"]
    vulture = Vulture(ignore_names=config["ignore_names"], ignore_decorators=config["ignore_decorators"])
    vulture.scavenge([str(ROOT / path) for path in config["paths"]])
    for preset in sorted((ROOT / "src/manifestgen/monitoring").rglob("*.py")):
        matches = _THRESHOLD.finditer(preset.read_text(encoding="utf-8"))
        used = sorted({match[1] or match[2] for match in matches} - {*keyword.kwlist})
        vulture.scan("\n".join(used), f"{preset} (thresholds)")
    for template in sorted((ROOT / "templates").rglob("*.j2")):
        vulture.scan("\n".join(sorted(names_in(template.read_text(encoding="utf-8")))), str(template))
    return int(vulture.report(min_confidence=config["min_confidence"]))


def names_in(template: str) -> set[str]:
    """Every name and attribute that a template mentions."""
    tokens = SandboxedEnvironment().lex(template)
    return {text for _, kind, text in tokens if kind == "name" and not keyword.iskeyword(text)}


if __name__ == "__main__":
    sys.exit(main())
