"""Load tests: one program for Locust, one for k6, and where they go in each environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from manifestgen.artifact import Artifact
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform
from manifestgen.targets.loadtests.guide import guide
from manifestgen.targets.loadtests.programs import programs
from manifestgen.targets.loadtests.settings import settings

TARGET: Final = "loadtests"
FOLDER: Final = "tests/performance"


def render(platforms: Mapping[str, ResolvedPlatform], renderer: Renderer) -> list[Artifact]:
    """The files of the environments that have load tests; none where none has."""
    tested = {name: one for name, one in platforms.items() if one.spec.load_tests is not None}
    if not tested:
        return []
    first = next(iter(tested.values()))
    targets = {name: settings(platform) for name, platform in tested.items()}
    context = programs(first)
    texts = {
        name: renderer.render(f"loadtests/{name}.j2", context) for name in ("locustfile.py", "k6-script.js")
    }
    texts["environments.json"] = json.dumps(targets, indent=2, ensure_ascii=False) + "\n"
    texts["README.md"] = renderer.render("loadtests/README.md.j2", guide(tested, targets))
    return [Artifact(f"{FOLDER}/{name}", text, TARGET) for name, text in texts.items()]
