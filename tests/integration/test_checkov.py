"""What checkov finds in Corporate Intel is what docs/security.md explains, no more and no less."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROW = re.compile(r"^\| (CKV\w+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
OVERLAYS = ("staging", "production")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def failed(
    tool: Callable[[str], Path], repo_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, set[str]]:
    folder = tmp_path_factory.mktemp("built")
    for name in OVERLAYS:
        command = [tool("kubectl"), "kustomize", repo_root / "out" / "k8s" / "overlays" / name]
        built = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        (folder / f"{name}.yaml").write_text(built)
    scan = [tool("checkov"), "--framework", "kubernetes", "--skip-download", "--quiet", "--compact"]
    done = subprocess.run(
        [*scan, "--output", "json", "--directory", folder], capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 500
    found: dict[str, set[str]] = {}
    for check in report["results"]["failed_checks"]:
        found.setdefault(check["check_id"], set()).add(check["resource"].rpartition(".")[2])
    return found


def test_every_failed_check_is_explained_and_every_explained_one_fails(
    failed: Mapping[str, set[str]], repo_root: Path
) -> None:
    rows = ROW.findall((repo_root / "docs" / "security.md").read_text())
    explained = {check: set(objects.split(", ")) for check, objects, _ in rows}
    assert explained == failed
    assert all(len(reason) > 40 for *_, reason in rows)
