"""vault-init.sh when it is interrupted, when something is missing, and with people in the place of files."""

from __future__ import annotations

import base64
import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.running import free_address, until
from support.shell import Tool
from support.specs import Spec, spec_of
from support.vault import Server, certificate, openbao, write_out

VALUE = "secret of the test"


def spec(address: str, folder: Path, **more: Any) -> Spec:
    """The least that has a step of each kind but connections to databases."""
    cluster = free_address()
    amounts = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}}
    server = {
        "storage": {"type": "raft", "path": str(folder / "data")},
        "listener": {
            "address": address,
            "clusterAddress": cluster,
            "tls": {"certificate": str(folder / "tls.crt"), "key": str(folder / "tls.key")},
        },
        "clusterAddress": f"https://{cluster}",
    }
    return spec_of(
        "live",
        vault={"server": f"https://{address}", "mount": "kv", "role": "shop"},
        workloads={
            "api": {
                "type": "worker",
                "image": {"repository": "ghcr.io/example/api", "tag": "1.0.0"},
                "replicas": 1,
                "resources": amounts,
                "secrets": {"A": {"vault": "app#a"}, "B": {"vault": "app#b"}},
            }
        },
        vaultSetup={
            "server": {**server, **more.pop("server", {})},
            "keys": {"shares": 3, "threshold": 2},
            "login": {"host": "https://127.0.0.1:9", "inCluster": False},
            "engines": {
                "pki": {"type": "pki", "commonName": "Shop", "roles": {"inner": {"domains": ["shop.svc"]}}},
                "transit": {"type": "transit", "keys": {"documents": {}}},
            },
            "access": {"api": {"transit": ["documents"], "pki": ["inner"]}},
            "seeds": {"app#a": {"env": "SEED_A"}, "app#b": {"env": "SEED_B"}},
            **more,
        },
    )


@contextmanager
def new_server(folder: Path, tool: Tool, **more: Any) -> Iterator[Server]:
    """A server that nobody has initialised."""
    crt, _ = certificate(folder)
    address = free_address()
    (folder / "data").mkdir()
    write_out(spec(address, folder, **more), folder)
    configuration = folder / "out/secrets/live/vault-config.hcl"
    with openbao(folder, configuration, f"https://{address}", crt, tool) as server:
        yield server


@pytest.fixture
def server(tmp_path: Path, tool: Tool) -> Iterator[Server]:
    """The same, for one test."""
    with new_server(tmp_path, tool) as made:
        yield made


def _run(server: Server, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    given = {"SEED_A": VALUE, "SEED_B": VALUE, **variables}
    return server.script(*_files(server), *words, "live", variables=given)


def _files(server: Server) -> list[str]:
    return ["--keys", str(server.folder / "keys"), "--kubernetes-ca", str(server.certificate)]


# --- Interrupted -----------------------------------------------------------------------------------

_KILLER = """\
#!/bin/bash
# Does what it stands for. If that changed something, and for the first time, it ends everything.
{real} "$@"
code=$?
words="${{0##*/}} $*"
words="${{words//vault-init.sh.????????/scratch}}"
case "$words" in
  "vault status "* | "vault read "* | "vault list "* | "vault "*" list "* | "vault kv get "*) ;;
  "vault kv metadata get "* | "vault token lookup") ;;
  *)
    if ! grep -Fxq -- "$words" "{seen}"; then
      echo "$words" >>"{seen}"
      kill -KILL 0
    fi
    ;;
esac
exit "$code"
"""


def _killers(folder: Path, bao: Path) -> Path:
    """A folder with programs that kill the script which runs them, behind each thing that they do, once."""
    place = folder / "killers"
    place.mkdir()
    for name, real in (("vault", bao), ("mv", "/bin/mv"), ("sync", "/bin/sync"), ("mktemp", "/bin/mktemp")):
        (place / name).write_text(_KILLER.format(real=real, seen=folder / "seen"), encoding="utf-8")
        (place / name).chmod(0o755)
    (folder / "seen").touch()
    return place


@pytest.mark.slow
def test_killed_behind_each_step_and_run_again_it_ends_where_it_would_have(server: Server) -> None:
    folder = server.folder
    killers = _killers(folder, server.bao)
    while (done := _killed(server, killers)).returncode != 0:
        assert done.returncode == -9, done.stderr
    steps = (folder / "seen").read_text()
    for step in (
        "operator init",
        "write sys/unseal",
        "secrets enable -path=kv",
        "pki/root/generate/internal",
        "transit/keys/documents",
        "policy write shop.live.api",
        "auth enable",
        "auth/kubernetes/role/shop.live.api",
        "kv put",
        "kv patch",
        "token create",
        "token revoke",
    ):
        assert step in steps
    assert steps.count("mv -f") == 1  # the two of them look alike
    keys = (folder / "keys").read_text()
    (token,) = re.findall("^Administrator Token: (.*)$", keys, re.M)
    assert "Initial Root Token" not in keys
    assert len(re.findall("^Unseal Key", keys, re.M)) == 3
    found = server.data("kv", "get", "-mount=kv", "app", token=token)["data"]
    assert found["data"] == {"a": VALUE, "b": VALUE}
    assert found["metadata"]["version"] == 2
    assert len(server.data("list", "pki/issuers", token=token)) == 1, "the authority was made twice"


def _killed(server: Server, killers: Path) -> subprocess.CompletedProcess[str]:
    environment = {**server.environment, "SEED_A": VALUE, "SEED_B": VALUE}
    environment["PATH"] = f"{killers}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["bash", str(server.folder / "out/scripts/vault-init.sh"), *_files(server), "live"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )


def test_the_keys_of_another_server_are_never_overwritten(server: Server) -> None:
    (server.folder / "keys").write_text("Unseal Key 1: of another server\n")
    done = _run(server)
    assert done.returncode == 1
    assert "has the keys of another one: name another file" in done.stderr
    assert (server.folder / "keys").read_text() == "Unseal Key 1: of another server\n"
    assert '"initialized": false' in server.vault("status", "-format=json").stdout


# --- Something is missing --------------------------------------------------------------------------


def test_values_that_nobody_gave_are_named_together_and_given_later(server: Server) -> None:
    (server.folder / "keys").touch()  # as after a kill before there were keys
    done = _run(server, SEED_A="", SEED_B="")
    assert done.returncode == 1
    assert "these secrets have no value yet, give them and run this again: SEED_A SEED_B" in done.stderr
    file = server.folder / "value"
    file.write_bytes(b"line one\nline two \\ \n")
    done = _run(server, SEED_A="", SEED_A_FILE=str(file))
    assert done.returncode == 0, done.stderr
    token = re.findall("^Administrator Token: (.*)$", (server.folder / "keys").read_text(), re.M)[0]
    assert server.data("kv", "get", "-mount=kv", "app", token=token)["data"]["data"] == {
        "a": "line one\nline two \\ \n",
        "b": VALUE,
    }


# --- People in the place of files ------------------------------------------------------------------


def _typed(server: Server, answers: Mapping[str, str], **variables: str) -> tuple[int, str]:
    """A run on a terminal, where somebody answers questions; the exit code, and all that was shown."""
    ours, terminal = pty.openpty()
    ca = ["--kubernetes-ca", str(server.certificate)]
    command = ["bash", str(server.folder / "out/scripts/vault-init.sh"), *ca, "live"]
    process = subprocess.Popen(
        command,
        env={**server.environment, **variables},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown, waiting = "", list(answers.items())
    while True:
        try:
            read = os.read(ours, 4096)
        except OSError:  # so ends a terminal that nobody has open any more
            break
        shown += read.decode()
        while waiting and waiting[0][0] in shown:
            os.write(ours, (waiting.pop(0)[1] + "\n").encode())
    os.close(ours)
    return process.wait(60), shown


def test_keys_and_values_are_asked_for_on_a_terminal_and_not_shown(tmp_path: Path, tool: Tool) -> None:
    with new_server(tmp_path, tool) as server:
        assert _run(server, "--skip-seeds").returncode == 0
    text = (tmp_path / "keys").read_text()
    keys = re.findall("^Unseal Key [0-9]: (.*)$", text, re.M)
    token = re.findall("^Administrator Token: (.*)$", text, re.M)[0]
    (tmp_path / "keys").unlink()
    with again(server, tool):
        # Of two questions in the same words, the second has a line break before it.
        questions = {"Key (not shown): ": keys[0], "Key (not shown): \r\nKey (not shown): ": keys[2]}
        values = {"app#a (SEED_A, not shown": "typed $(x) \\ \"'", "app#b (SEED_B, not shown": "typed, too"}
        code, shown = _typed(server, {**questions, **values}, VAULT_TOKEN=token)
        assert code == 0, shown
        assert not any(secret in shown for secret in (keys[0], keys[2], token, "typed"))
        found = server.data("kv", "get", "-mount=kv", "app", token=token)["data"]["data"]
        assert found == {"a": "typed $(x) \\ \"'", "b": "typed, too"}


@contextmanager
def again(server: Server, tool: Tool) -> Iterator[None]:
    """The same server, started once more."""
    configuration = server.folder / "out/secrets/live/vault-config.hcl"
    with openbao(server.folder, configuration, server.address, server.certificate, tool):
        yield


def test_with_pgp_nobody_but_the_holders_can_read_the_keys(server: Server) -> None:
    holders = [_holder(server.folder, name) for name in ("ann", "ben", "cleo")]
    public = ",".join(str(home / "public") for home in holders)
    first = _run(server, "--pgp-keys", public)
    assert first.returncode == 0, first.stderr
    assert "each holder of a key decrypts it" in first.stderr
    text = (server.folder / "keys").read_text()
    sealed = re.findall("^Unseal Key [0-9]: (.*)$", text, re.M)
    (root,) = re.findall("^Initial Root Token: (.*)$", text, re.M)
    answers = {
        "Key (not shown): ": _decrypted(holders[0], sealed[0]),
        "Key (not shown): \r\nKey (not shown): ": _decrypted(holders[2], sealed[2]),
    }
    token = _decrypted(holders[0], root)
    code, shown = _typed(server, answers, VAULT_TOKEN=token, SEED_A=VALUE, SEED_B=VALUE)
    assert code == 0, shown
    assert server.data("kv", "get", "-mount=kv", "app", token=token)["data"]["data"] == {
        "a": VALUE,
        "b": VALUE,
    }
    assert "this is a root token: revoke it" in shown


def _holder(folder: Path, name: str) -> Path:
    """The home of somebody with a key of PGP; its public half is in the file ``public``."""
    home = folder / name
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", ""]
    address = f"{name}@example.com"
    subprocess.run(
        [*gpg, "--quick-generate-key", address, "default", "default"], check=True, capture_output=True
    )
    public = subprocess.run([*gpg, "--export", address], check=True, capture_output=True).stdout
    (home / "public").write_bytes(public)
    return home


def _decrypted(home: Path, text: str) -> str:
    command = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--decrypt"]
    sealed = base64.b64decode(text) if not re.fullmatch("[0-9a-f]+", text) else bytes.fromhex(text)
    return subprocess.run(command, input=sealed, check=True, capture_output=True).stdout.decode()


# --- What OpenBao does not have --------------------------------------------------------------------


def test_a_server_that_unseals_itself_gets_keys_for_recovery(tmp_path: Path, tool: Tool) -> None:
    """With the static seal of OpenBao in the place of the one by AWS KMS, which only HashiCorp Vault has."""
    crt, _ = certificate(tmp_path)
    address = free_address()
    (tmp_path / "data").mkdir()
    (tmp_path / "sealing").write_bytes(bytes(range(32)))
    kms = {"type": "awskms", "region": "eu-central-1", "key": "alias/vault"}
    write_out(spec(address, tmp_path, server={"seal": kms}), tmp_path)
    configuration = tmp_path / "out/secrets/live/vault-config.hcl"
    static = f'seal "static" {{\n  current_key_id = "1"\n  current_key = "file://{tmp_path}/sealing"\n}}\n'
    text, count = re.subn(r'seal "awskms" \{\n(?:.*\n)*?\}\n', static, configuration.read_text())
    assert count == 1
    configuration.write_text(text)
    with openbao(tmp_path, configuration, f"https://{address}", crt, tool) as server:
        done = _run(server)
        assert done.returncode == 0, done.stderr
        keys = (tmp_path / "keys").read_text()
        assert len(re.findall("^Recovery Key [0-9]: ", keys, re.M)) == 3
        assert "Unseal Key" not in keys and "Initial Root Token" not in keys
    with openbao(tmp_path, configuration, f"https://{address}", crt, tool) as server:
        until(lambda: server.vault("status").returncode == 0, "it has unsealed itself")
        assert _run(server).returncode == 0


_WITH_AWS = """\
#!/bin/bash
# OpenBao with an engine for AWS, as far as the script can see; it notes what that is told.
case "$*" in
  *" aws" | "write cloud/"*) echo "$*" >>"{told}" ;;
  *) exec {bao} "$@" ;;
esac
"""


def test_a_server_that_has_the_engine_for_aws_is_told_of_its_roles(server: Server) -> None:
    role = "arn:aws:iam::123456789012:role/reports"
    aws = {"type": "aws", "description": "For reports", "region": "eu-central-1"}
    engines = {"cloud": {**aws, "roles": {"reports": {"roles": [role]}}}}
    address = server.address.removeprefix("https://")
    write_out(
        spec(address, server.folder, engines=engines, access={"api": {"cloud": ["reports"]}}), server.folder
    )
    (server.folder / "with-aws").mkdir()
    client, told = server.folder / "with-aws/vault", server.folder / "told"
    client.write_text(_WITH_AWS.format(told=told, bao=server.bao))
    client.chmod(0o755)
    words = [*_files(server), "--skip-seeds", "live"]
    done = server.script(*words, path=[server.folder / "with-aws"])
    assert done.returncode == 0, done.stderr
    writes = server.folder / "out/scripts/../secrets/live/writes/cloud"
    assert told.read_text().splitlines() == [
        "secrets enable -path=cloud -description=For reports aws",
        f"write cloud/config/root @{writes}/config/root.json",
        f"write cloud/roles/reports @{writes}/roles/reports.json",
    ]
    assert json.loads((writes / "roles/reports.json").read_text()) == {
        "credential_type": "assumed_role",
        "role_arns": [role],
        "default_sts_ttl": "1h",
        "max_sts_ttl": "12h",
    }


# --- Several servers -------------------------------------------------------------------------------


def test_a_second_server_joins_is_unsealed_and_takes_over(tmp_path: Path, tool: Tool) -> None:
    addresses = [free_address(), free_address()]
    clusters = [free_address(), free_address()]
    folders = [tmp_path / "one", tmp_path / "two"]
    crt, key = certificate(tmp_path)
    servers = {f"vault-{index}": f"https://{address}" for index, address in enumerate(addresses)}
    with ExitStack() as stack:
        running = []
        for folder, address, cluster in zip(folders, addresses, clusters, strict=True):
            (folder / "data").mkdir(parents=True)
            own = {
                "storage": {"type": "raft", "path": str(folder / "data"), "servers": servers, "ca": str(crt)},
                "listener": {
                    "address": address,
                    "clusterAddress": cluster,
                    "tls": {"certificate": str(crt), "key": str(key)},
                },
                "apiAddress": f"https://{address}",
                "clusterAddress": f"https://{cluster}",
            }
            write_out(spec(addresses[0], folder, server=own), folder)
            file = folder / "out/secrets/live/vault-config.hcl"
            running.append(stack.enter_context(openbao(folder, file, f"https://{address}", crt, tool)))
        first, second = running
        assert _run(first).returncode == 0
        keys = ["--keys", str(first.folder / "keys")]
        other = {"VAULT_ADDR": second.address}

        def has_joined() -> bool:
            return '"initialized": true' in second.vault("status", "-format=json").stdout

        until(has_joined, "the second server has joined")
        done = second.script(*keys, "--unseal", "live", variables=other)
        assert done.returncode == 0, done.stderr
        token = re.findall("^Administrator Token: (.*)$", (first.folder / "keys").read_text(), re.M)[0]

        def answers() -> bool:
            return second.vault("kv", "get", "-mount=kv", "app", token=token).returncode == 0

        until(answers, "the second server answers by the first")
