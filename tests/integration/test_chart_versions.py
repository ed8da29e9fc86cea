"""The spec takes the ranges of a chart's versions that Helm takes, and no others."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from manifestgen.spec.datastores import VersionRange

TAKEN = (
    *("16.4.2", "16", "v16", "16.x.x", "16.*", "*", "X", "16.4.2-rc.1", "16.4.2+build.5", "^16.1", "~ 16.1"),
    *(">=16.4.2 <17.0.0", ">=16, <17", ">=16,<17", "^16.1 || ~1", "1 - 17.3", "!=1.2", "<=17", "=16.4.2"),
)
REFUSED = ("he4", "latest", "> = 1", "1.2.3.4", "16.4.2-", "||", "16 ||", "16 | 17", "16..2", "16,", "-1")


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize(
    ("versions", "is_range"), [(one, True) for one in TAKEN] + [(one, False) for one in REFUSED]
)
def test_a_range_of_versions_is_one_to_helm_too(
    versions: str, is_range: bool, binary: str, tool: Any, tmp_path: Path
) -> None:
    chart = {"apiVersion": "v2", "name": "shop", "version": "1.0.0"}
    needed = {"name": "db", "version": versions, "repository": "https://charts.example.com"}
    (tmp_path / "Chart.yaml").write_text(yaml.dump({**chart, "dependencies": [needed]}), "utf-8")
    (tmp_path / "charts/db").mkdir(parents=True)
    (tmp_path / "charts/db/Chart.yaml").write_text(yaml.dump({**chart, "name": "db"}), "utf-8")
    command = [str(tool(binary)), "dependency", "list", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ("invalid version" not in done.stdout) is is_range, done.stdout
    assert _is_taken(versions) is is_range


def _is_taken(versions: str) -> bool:
    try:
        TypeAdapter(VersionRange).validate_python(versions)
    except ValidationError:
        return False
    return True
