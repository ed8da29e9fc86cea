"""The files of Vault as people read them, and what they follow from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from manifestgen.pipeline import build
from support.hcl import words
from support.specs import Spec, as_json, named


def _files(spec: Spec, folder: Path) -> dict[str, str]:
    file = folder / "platform.yaml"
    file.write_text(as_json({**spec, "targets": ["vault"]}), encoding="utf-8")
    made = build(file)
    assert not made.findings, made.findings
    return {path: artifact.text for path, artifact in made.artifacts.items()}


@pytest.mark.parametrize("name", ["everything", "gateway", "ways"])
def test_the_files_of_an_environment_read_well(
    name: str, snapshot: SnapshotAssertion, tmp_path: Path
) -> None:
    files = _files(named(name), tmp_path)
    first = next(path.split("/")[1] for path in files if path.startswith("secrets/"))
    shown = {path: text for path, text in files.items() if path.startswith(f"secrets/{first}/")}
    assert "\n".join(f"=== {path}\n{text}" for path, text in shown.items()) == snapshot


def _server(folder: Path, **server: Any) -> list[str]:
    spec = {**named("ways"), "vaultSetup": {"server": server}}
    (text,) = (
        text for path, text in _files(spec, folder).items() if path.endswith("shared/vault-config.hcl")
    )
    return words(text)


def _has(found: list[str], *wanted: str) -> bool:
    return any(found[start : start + len(wanted)] == list(wanted) for start in range(len(found)))


def test_a_server_alone_has_no_cluster_and_one_of_several_has(tmp_path: Path) -> None:
    raft = {"type": "raft", "servers": {"a": "https://a.example.com", "b": "https://b.example.com"}}
    assert _has(_server(tmp_path, storage={"type": "file"}), "disable_clustering", "=", "true")
    assert not _has(_server(tmp_path, storage={"type": "consul"}), "disable_clustering")
    alone = _server(tmp_path, storage={"type": "consul"}, highAvailability=False)
    assert _has(alone, "disable_clustering", "=", "true")
    several = _server(tmp_path, storage=raft)
    assert several.count("retry_join") == 2 and not _has(several, "cluster_addr")
    assert _has(
        _server(tmp_path, storage={"type": "raft"}), "cluster_addr", "=", "text https://127.0.0.1:8201"
    )


def test_without_tls_it_says_so(tmp_path: Path) -> None:
    found = _server(tmp_path, storage={"type": "file"}, listener={"tls": {"enabled": False}})
    assert _has(found, "tls_disable", "=", "true") and not _has(found, "tls_cert_file")


def test_a_server_of_somebody_else_gets_no_configuration(tmp_path: Path) -> None:
    files = _files({**named("ways"), "vaultSetup": {}}, tmp_path)
    assert "scripts/vault-init.sh" in files
    assert not any(path.endswith("vault-config.hcl") for path in files)


def test_a_platform_without_a_vault_to_set_up_has_no_files_of_it(tmp_path: Path) -> None:
    spec = {**named("everything")}
    del spec["vaultSetup"]
    assert not _files(spec, tmp_path)


def test_what_a_user_patches_in_an_external_secret_is_what_it_may_read(tmp_path: Path) -> None:
    spec = named("everything")
    spec["patches"] = {
        "another-place": {
            "target": {"kind": "ExternalSecret", "name": "front-secrets"},
            "json": [{"op": "replace", "path": "/spec/data/0/remoteRef/key", "value": "moved/here"}],
        }
    }
    policy = _files(spec, tmp_path)["secrets/live/policies/vault.hcl"]
    assert 'path "kv/data/moved/here" {' in policy
    assert 'path "kv/data/front" {' not in policy


def test_the_names_in_sql_stand_whatever_is_in_them(tmp_path: Path) -> None:
    spec = named("everything")
    spec["datastores"]["ledger"]["database"] = 'a"b;{{name}}\\'
    role = json.loads(_files(spec, tmp_path)["secrets/live/writes/users/roles/front.json"])
    (granted,) = (one for one in role["creation_statements"] if "ON DATABASE" in one)
    assert granted.startswith('GRANT CONNECT ON DATABASE U&"a\\0022b\\003B\\007B\\007Bname')
    config = json.loads(_files(spec, tmp_path)["secrets/live/writes/users/config/ledger.json"])
    assert "/a%22b%3B%7B%7Bname%7D%7D%5C?sslmode=" in config["connection_url"]
