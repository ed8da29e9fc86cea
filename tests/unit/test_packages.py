"""tools/packages.py: what it installs, and what it only names."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def packages(repo_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, on a machine with nothing but apt-get."""
    spec = importlib.util.spec_from_file_location("packages", repo_root / "tools" / "packages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SERVERS", tmp_path)
    monkeypatch.setattr(
        module.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None
    )
    return module


def test_root_installs_what_is_missing(packages: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(packages.os, "geteuid", lambda: 0)
    monkeypatch.setattr(packages.subprocess, "run", run)
    packages.main()
    assert [command[2] for command in commands] == ["update", "install"]
    assert set(commands[1][5:]) == set(packages.PROGRAMS.values())


def test_a_user_is_told_what_to_install(
    packages: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    packages.main()
    assert "sudo apt-get install postgresql postgresql-client curl gnupg openssl" in capsys.readouterr().err


def test_a_server_that_is_not_on_path_is_there(packages: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "15/bin").mkdir(parents=True)
    (tmp_path / "15/bin/initdb").touch()
    assert "postgresql" not in packages.missing()


def test_what_cannot_be_installed_is_told_and_no_failure(
    packages: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packages.os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        packages.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 100)
    )
    packages.main()
    assert "could not install postgresql" in capsys.readouterr().err
