"""Every generated shell script, before ShellCheck at its strictest, shfmt and bash."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifestgen.pipeline import build
from support.shell import Tool, complaints

SPECS = Path(__file__).parents[1] / "specs"


def test_the_scripts_of_the_platform_are_clean_and_can_be_run(repo_root: Path, tool: Tool) -> None:
    scripts = sorted((repo_root / "out").rglob("*.sh"))
    assert not complaints(scripts, tool)
    for script in scripts:
        assert script.stat().st_mode & 0o111, f"{script} cannot be run"
        assert script.read_text("utf-8").startswith("#!/usr/bin/env bash\n"), script


@pytest.mark.parametrize("name", ["everything", "gateway", "ways"])
def test_the_scripts_of_other_platforms_are_clean(name: str, tmp_path: Path, tool: Tool) -> None:
    scripts = []
    for path, artifact in build(SPECS / f"{name}.yaml").artifacts.items():
        if path.endswith(".sh"):
            assert artifact.executable, path
            scripts.append(tmp_path / path.replace("/", "-"))
            scripts[-1].write_text(artifact.text, encoding="utf-8")
    assert not complaints(scripts, tool)
