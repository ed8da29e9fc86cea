"""The spec takes the versions of a chart, and the ranges of them, that Helm takes, and no others."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from manifestgen.spec.datastores import VersionRange
from manifestgen.spec.platform import Metadata

TAKEN = (
    *("16.4.2", "16", "v16", "16.x.x", "16.*", "*", "X", "16.4.2-rc.1", "16.4.2+build.5", "^16.1", "~ 16.1"),
    *(">=16.4.2 <17.0.0", ">=16, <17", ">=16,<17", "^16.1 || ~1", "1 - 17.3", "!=1.2", "<=17", "=16.4.2"),
)
REFUSED = (
    "he4",
    "latest",
    "> = 1",
    "1.2.3.4",
    "16.4.2-",
    "||",
    "16 ||",
    "16 | 17",
    "16..2",
    "16,",
    "-1",
    "1.2.3-01",
    "1.2+.",
)

VERSIONS = (
    *(
        "1.2.3",
        "1.2.3-rc.1",
        "1.2.3-57561194966860040441",
        "1.2.3--1",
        "1.2.3-0a",
        "1.2.3+001",
        "1.2.3-a+b.c-d",
    ),
    "9999999999999999999.0.0",
)
NO_VERSIONS = (
    *("1.2.3-01", "1.2.3-a..b", "1.2.3-", "1.2.3+.", "1.2.3+a..b", "1.2.3+", "18446744073709551616.0.0"),
    *("1.0.57561194966860040441", "1.2.3.4", "latest"),
)


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


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize(
    ("version", "is_one"), [(one, True) for one in VERSIONS] + [(one, False) for one in NO_VERSIONS]
)
def test_a_version_of_the_chart_is_one_to_helm_too(
    version: str, is_one: bool, binary: str, tool: Any, tmp_path: Path
) -> None:
    chart = {"apiVersion": "v2", "name": "shop", "version": version}
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text(yaml.dump(chart), "utf-8")
    done = subprocess.run(
        [str(tool(binary)), "template", "shop", str(tmp_path)], capture_output=True, text=True
    )
    assert (done.returncode == 0) is is_one, done.stderr
    assert (
        _is_valid(lambda: Metadata.model_validate({"name": "shop", "owner": "team", "version": version}))
        is is_one
    )


def _is_taken(versions: str) -> bool:
    return _is_valid(lambda: TypeAdapter(VersionRange).validate_python(versions))


def _is_valid(make: Callable[[], object]) -> bool:
    try:
        make()
    except ValidationError:
        return False
    return True
