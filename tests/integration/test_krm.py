"""Kustomize calls manifestgen as a KRM function, and builds what the overlay is built to.

kubectl brings a Kustomize that runs functions in containers only (``--enable-exec`` is a flag of the
standalone program, which no registry here has). The container is played: a program called ``docker`` stands
first on PATH, looks whether it is called as docker is, and runs what the image would. What Kustomize sends
and makes of the answer is its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import manifestgen
from support import yaml11
from support.parity import by_identity, kustomized

Tool = Callable[[str], Path]

IMAGE = "ghcr.io/example/manifestgen:1"
DOCKER = f"""\
#!/bin/sh
case "$*" in
  "run --rm -i "*" --network none "*" {IMAGE}") exec {sys.executable} -m manifestgen krm ;;
esac
echo "unexpected: docker $*" >&2
exit 64
"""
FUNCTION: dict[str, Any] = {
    "apiVersion": "manifestgen/v1",
    "kind": "PlatformFunction",
    "metadata": {
        "name": "corporate-intel",
        "annotations": {"config.kubernetes.io/function": f"container: {{image: {IMAGE}}}"},
    },
}
OTHER = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}, "data": {"key": "value"}}


class Kustomization:
    """A folder that names the function, with one object beside it."""

    def __init__(self, folder: Path, kubectl: Path) -> None:
        self.folder = folder
        self._kubectl = kubectl
        (folder / "bin").mkdir()
        (folder / "bin/docker").write_text(DOCKER, "utf-8")
        (folder / "bin/docker").chmod(0o755)
        (folder / "other.yaml").write_text(yaml.safe_dump(OTHER), "utf-8")

    def build(self, spec: dict[str, Any], used_as: str = "generators") -> subprocess.CompletedProcess[str]:
        """What Kustomize says."""
        (self.folder / "function.yaml").write_text(yaml.safe_dump({**FUNCTION, "spec": spec}), "utf-8")
        parts = {"resources": ["other.yaml"], used_as: ["function.yaml"]}
        (self.folder / "kustomization.yaml").write_text(yaml.safe_dump(parts), "utf-8")
        return subprocess.run(
            [str(self._kubectl), "kustomize", "--enable-alpha-plugins", "."],
            cwd=self.folder,
            env={**os.environ, "PATH": os.pathsep.join((str(self.folder / "bin"), os.environ["PATH"]))},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def kustomization(tmp_path: Path, tool: Tool, repo_root: Path) -> Kustomization:
    shutil.copytree(repo_root / "specs", tmp_path / "specs")
    return Kustomization(tmp_path, tool("kubectl"))


@pytest.mark.parametrize("used_as", ["generators", "transformers"])
@pytest.mark.parametrize("environment", ["staging", "production"])
def test_kustomize_builds_the_overlay_by_the_function(
    environment: str, used_as: str, kustomization: Kustomization, repo_root: Path, tool: Tool
) -> None:
    done = kustomization.build({"environment": environment, "file": "specs/platform.yaml"}, used_as)
    assert done.returncode == 0, done.stderr
    found = by_identity(yaml11.read_all(done.stdout))
    assert found.pop(("v1", "ConfigMap", "other")) == OTHER
    assert found == kustomized(tool("kubectl"), repo_root / "out", environment)


def test_a_whole_spec_stands_in_the_function(
    kustomization: Kustomization, repo_root: Path, tmp_path: Path, tool: Tool
) -> None:
    spec = yaml11.read((repo_root / "tests/specs/types.yaml").read_text("utf-8"))
    done = kustomization.build({"environment": "second", "platform": spec})
    assert done.returncode == 0, done.stderr
    found = by_identity(yaml11.read_all(done.stdout))
    assert found.pop(("v1", "ConfigMap", "other")) == OTHER
    # Kustomize hands the keys of a functionConfig on in the order of the alphabet.
    (tmp_path / "types.yaml").write_text(yaml.safe_dump(spec, sort_keys=True), "utf-8")
    assert manifestgen.render(tmp_path / "types.yaml", out=tmp_path / "out").ok
    assert found == kustomized(tool("kubectl"), tmp_path / "out", "second")


def test_a_wrong_spec_ends_the_build_with_its_finding(kustomization: Kustomization) -> None:
    spec = kustomization.folder / "specs/platform.yaml"
    spec.write_text(spec.read_text("utf-8").replace("type: worker", "type: works", 1), "utf-8")
    done = kustomization.build({"environment": "staging", "file": "specs/platform.yaml"})
    assert done.returncode != 0
    assert done.stdout == ""
    assert "specs/platform.yaml:" in done.stderr
    assert "[choice]" in done.stderr
