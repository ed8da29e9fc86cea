"""The wheel that users install: complete, and able to work where there is no repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path, **variables: str) -> str:
    """The output of a program that must succeed."""
    # Nothing of the environment that runs the tests may help the installed program.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, repo_root, folder=folder)
    (built,) = folder.glob("*.whl")
    return built


def install(wheel: Path, folder: Path) -> Path:
    """Install as a user does, with pipx where the machine has it; the path of the command."""
    if pipx := shutil.which("pipx"):
        homes = {"PIPX_HOME": str(folder / "pipx"), "PIPX_BIN_DIR": str(folder / "bin")}
        run(pipx, "install", "--python", sys.executable, wheel, folder=folder, **homes)
        return folder / "bin" / "manifestgen"
    # What pipx does: an environment of its own, and pip.
    run(sys.executable, "-m", "venv", folder / "venv", folder=folder)
    run(folder / "venv" / "bin" / "pip", "install", "--quiet", wheel, folder=folder)
    return folder / "venv" / "bin" / "manifestgen"


def test_the_wheel_carries_every_template_the_type_marker_and_the_license(
    wheel: Path, repo_root: Path
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    templates = [
        path.relative_to(repo_root) for path in (repo_root / "templates").rglob("*") if path.is_file()
    ]
    assert templates
    assert {f"manifestgen/{path}" for path in templates} <= names
    assert "manifestgen/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_an_installed_wheel_starts_a_spec_and_renders_it_in_an_empty_folder(
    wheel: Path, tmp_path: Path
) -> None:
    manifestgen = install(wheel, tmp_path)
    project = tmp_path / "project"
    project.mkdir()

    run(manifestgen, "init", folder=project)
    run(manifestgen, "render", folder=project)

    rendered = sorted(path for path in (project / "out").rglob("*") if path.is_file())
    assert rendered
    run(manifestgen, "render", "--check", folder=project)
