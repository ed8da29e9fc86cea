"""What Helm prints after an installation is true for each environment."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import manifestgen

SPEC = {
    "apiVersion": "manifestgen/v1",
    "kind": "Platform",
    "metadata": {"name": "shop", "owner": "web-team"},
    "cluster": {"kubernetesVersion": "1.32"},
    "workloads": {
        "web": {
            "type": "web",
            "image": {"repository": "ghcr.io/example/web", "tag": "1.0.0"},
            "ports": {"http": 8080},
            "replicas": 2,
            "resources": {"requests": {"cpu": "50m"}},
        }
    },
    "routes": {"public": {"hosts": ["a.example.com", "b.example.com"], "workload": "web", "port": "http"}},
    "environments": {
        "plain": {"namespace": "plain"},
        "secured": {"namespace": "secured", "routes": {"public": {"tls": {"issuer": "letsencrypt"}}}},
    },
}


@pytest.mark.parametrize(("environment", "scheme"), [("plain", "http"), ("secured", "https")])
def test_an_address_is_https_only_where_there_is_a_certificate(
    environment: str, scheme: str, tmp_path: Path, tool: Callable[[str], Path]
) -> None:
    spec = tmp_path / "platform.yaml"
    spec.write_text(json.dumps(SPEC), encoding="utf-8")
    assert manifestgen.render(spec, out=tmp_path / "out").ok
    chart = tmp_path / "out/helm/shop"
    values = chart / f"values-{environment}.yaml"
    # Helm 4: Helm 3 asks the cluster even for a client-side dry run.
    command = [tool("helm"), "install", "r", chart, "--dry-run=client", "--values", values]
    notes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("NOTES:")[2]
    addresses = [line.strip() for line in notes.splitlines() if "example.com" in line]
    assert addresses == [f"{scheme}://a.example.com", f"{scheme}://b.example.com"]
