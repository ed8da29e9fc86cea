"""Annotations whose keys the spec refuses are those that Kustomize fails on."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifestgen.facts.names import check_annotation

REFUSED = ("3", "1.5", "1.", "0x1f", "010", "08", "1e3", "0o7", "0b1", "1_000", "2024-01-01", "2024-1-1")
REFUSED_WORDS = ("true", "TRUE", "False", "null", "Null")
TAKEN = ("on", "yes", "y", "3x", "2fa", "0a", "1e", "0x", "1.2.3", "1-2", "example.com/3", "tRuE")


@pytest.mark.parametrize("key", [*REFUSED, *REFUSED_WORDS, *TAKEN])
def test_a_key_is_refused_if_kustomize_fails_on_it(key: str, tool: Any, tmp_path: Path) -> None:
    metadata = {"name": "web", "annotations": {key: "x"}}
    thing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    (tmp_path / "thing.yaml").write_text(yaml.dump(thing), "utf-8")
    (tmp_path / "kustomization.yaml").write_text("resources: [thing.yaml]\n", "utf-8")
    command = [str(tool("kubectl")), "kustomize", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) is (key not in TAKEN), done.stderr
    assert (check_annotation(key) is not None) is (key not in TAKEN)
