"""A real OpenBao, with TLS and raft, and a real PostgreSQL, set up by the generated script."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from manifestgen.pipeline import Build
from manifestgen.rendering.hcl import hcl
from support.hcl import HOSTILE_TEXTS
from support.postgresql import PASSWORD, postgresql, programs
from support.postgresql import Server as Database
from support.running import free_address, until
from support.shell import Tool
from support.specs import Spec, spec_of
from support.vault import Server, certificate, openbao, token_reviews, write_out

HOSTILE = 'it\'s "$(touch x)" `touch x` ${HOME} \\ #\n%{x} {{y}}'
"""A text that goes wrong wherever somebody forgot to quote."""
ENVIRONMENT = "live"
DATABASE = 'sh"op; $x {{name}} \\'
SCHEMA = 'o"ther'
SEEDS = {
    "SHOP_DATABASE_PASSWORD": "p'w\"$(touch x)",
    "SHOP_DATABASE_ADMIN": "@not-a-file",
    "SHOP_BANK_TOKEN": "-n two\nlines\n",
}
WORKLOADS = ("api", "worker", "idle")


def _workload(kind: str = "worker", **more: Any) -> Spec:
    amounts = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}}
    image = {"repository": "ghcr.io/example/app", "tag": "1.0.0"}
    return {"type": kind, "image": image, "replicas": 1, "resources": amounts, **more}


def spec(address: str, folder: Path, reviews: str, port: str) -> Spec:
    """A shop, and the Vault it has."""
    host, _, number = address.rpartition(":")
    cluster = free_address()
    own = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": "own"},
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": "SecretStore", "name": "vault"},
            "target": {"name": "own"},
            "data": [{"secretKey": "x", "remoteRef": {"key": "own/thing", "property": "x"}}],
        },
    }
    return spec_of(
        ENVIRONMENT,
        vault={"server": f"https://{address}", "mount": "teams/shop", "authMount": "k8s/one", "role": "shop"},
        settings={
            "app": {
                "secrets": {
                    "DATABASE_PASSWORD": {"vault": "database#password"},
                    "EXTRA": {"vault": "shared/extra#key"},
                },
                "secretsFrom": {"all": {"vault": "whole"}},
            },
            "stores": {"secrets": {"admin": {"vault": "database#admin"}}},
        },
        workloads={
            "api": _workload(settings=["app"], secrets={"BANK": {"vault": "bank#token"}}),
            "worker": _workload(env={"ONE": {"secret": "app", "key": "EXTRA"}}),
            "idle": _workload(),
        },
        datastores={
            "postgres": {
                "type": "postgresql",
                "provider": "external",
                "host": "db.example.com",
                "networks": ["192.0.2.0/24"],
                "port": int(port),
                "database": DATABASE,
                "credentials": "stores",
            }
        },
        manifests={"own": {"object": own}},
        vaultSetup={
            "server": {
                "storage": {"type": "raft", "path": str(folder / f"raft {HOSTILE}")},
                "listener": {
                    "address": f"{host}:{number}",
                    "clusterAddress": cluster,
                    "tls": {"certificate": str(folder / "tls.crt"), "key": str(folder / "tls.key")},
                },
                "clusterAddress": f"https://{cluster}",
            },
            "keys": {"shares": 3, "threshold": 2},
            "audit": {"log": {"type": "file", "path": str(folder / f"audit {HOSTILE}.log")}},
            "login": {"host": reviews, "inCluster": False, "audience": None},
            "engines": {
                "database": {
                    "type": "database",
                    "description": HOSTILE,
                    "datastore": "postgres",
                    "host": "localhost",
                    "sslMode": "disable",
                    "password": {"env": "ADMIN_PASSWORD"},
                    "roles": {
                        "app": {"access": "write", "schemas": ["public", SCHEMA]},
                        "brief": {"access": "read", "ttl": "2s", "maxTtl": "4s"},
                    },
                },
                "pki": {
                    "type": "pki",
                    "commonName": HOSTILE.replace("\n", " "),
                    "roles": {"inner": {"domains": ["svc.cluster.local"]}},
                },
                "transit": {
                    "type": "transit",
                    "keys": {"documents": {"rotate": "720h"}, "signatures": {"type": "ed25519"}},
                },
                "aws": {
                    "type": "aws",
                    "region": "eu-central-1",
                    "roles": {"reports": {"roles": ["arn:aws:iam::123456789012:role/reports"]}},
                },
            },
            "access": {
                "api": {
                    "database": ["app", "brief"],
                    "transit": ["documents", "signatures"],
                    "pki": ["inner"],
                },
                "worker": {"transit": ["documents"]},
            },
            "seeds": {
                "database#password": {"env": "SHOP_DATABASE_PASSWORD"},
                "database#admin": {"env": "SHOP_DATABASE_ADMIN", "description": HOSTILE},
                "bank#token": {"env": "SHOP_BANK_TOKEN"},
            },
        },
    )


class World(NamedTuple):
    """Everything that runs."""

    server: Server
    database: Database
    build: Build
    keys: Path

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A run of the script with all that it asks for."""
        given = {**SEEDS, "ADMIN_PASSWORD": PASSWORD, **variables}
        known = ["--keys", str(self.keys), "--kubernetes-ca", str(self.server.certificate)]
        return self.server.script(*known, *words, ENVIRONMENT, variables=given)

    @property
    def token(self) -> str:
        """A token that may do what the script does."""
        return re.findall(r"^(?:Administrator|Initial Root) Token: (.*)$", self.keys.read_text(), re.M)[-1]


@contextmanager
def world(folder: Path, tool: Tool) -> Iterator[World]:
    """A new server, and a PostgreSQL with two schemas."""
    bin_folder = programs()
    if bin_folder is None:
        if os.environ.get("MANIFESTGEN_REQUIRE_TOOLS") == "1":
            pytest.fail("PostgreSQL's server is not installed")
        pytest.skip("PostgreSQL's server is not installed")
    with ExitStack() as stack:
        database = stack.enter_context(postgresql(bin_folder))
        database.sql("postgres", f'CREATE DATABASE "{DATABASE.replace(chr(34), chr(34) * 2)}"')
        database.sql(
            DATABASE,
            'CREATE TABLE things (n int); CREATE SCHEMA "o""ther"; CREATE TABLE "o""ther".more (n int)',
        )
        reviews = stack.enter_context(token_reviews())
        crt, _ = certificate(folder)
        address = free_address()
        (folder / f"raft {HOSTILE}").mkdir()
        made = write_out(spec(address, folder, reviews, database.port), folder)
        configuration = folder / f"out/secrets/{ENVIRONMENT}/vault-config.hcl"
        server = stack.enter_context(openbao(folder, configuration, f"https://{address}", crt, tool))
        yield World(server, database, made, folder / "the keys")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, tool: Tool) -> Iterator[World]:
    """All as it is before the first run."""
    with world(tmp_path_factory.mktemp("vault"), tool) as made:
        yield made


@pytest.fixture(scope="module")
def ready(fresh: World) -> World:
    """All as it is after the first run."""
    assert fresh.run("--unseal").returncode == 0
    own = fresh.server.vault("token", "create", "-orphan", "-policy=root", "-field=token", token=fresh.token)
    (fresh.server.folder / "everything").write_text(own.stdout)
    done = fresh.run()
    assert done.returncode == 0, done.stderr
    return fresh


def state(one: World) -> Mapping[str, Any]:
    """All that the script has a hand in, as it is in the server."""
    server, token = one.server, _everything(one)
    mounts = server.data("read", "sys/mounts", token=token)["data"]
    auths = server.data("read", "sys/auth", token=token)["data"]
    found: dict[str, Any] = {
        "mounts": {name: (m["type"], m["description"], m["options"]) for name, m in mounts.items()},
        "auth": {name: a["type"] for name, a in auths.items()},
    }
    for name in server.data("list", "sys/policies/acl", token=token):
        found[f"policy {name}"] = server.vault("policy", "read", name, token=token).stdout
    for path in _written(one):
        done = server.vault("read", "-format=json", path, token=token)
        found[path] = json.loads(done.stdout)["data"] if done.returncode == 0 else done.stderr
    for place in ("database", "bank"):
        found[place] = server.data("kv", "get", "-mount=teams/shop", place, token=token)["data"]
    found["issuers"] = server.data("list", "pki/issuers", token=token)
    return found


def _written(one: World) -> list[str]:
    start, end = f"secrets/{ENVIRONMENT}/writes/", ".json"
    paths = [path for path in one.build.artifacts if path.startswith(start)]
    assert paths
    # Of a key that is written to, Vault tells with the key; the root only once.
    return [
        path.removeprefix(start).removesuffix(end)
        for path in paths
        if "/keys/" not in path or not path.endswith("/config.json")
        if "generate" not in path and "/writes/aws/" not in path
    ]


def _everything(one: World) -> str:
    """A root token of the tests."""
    return (one.server.folder / "everything").read_text()


# --- Set up ----------------------------------------------------------------------------------------


def test_a_second_run_finds_all_there_and_changes_nothing(ready: World) -> None:
    before = state(ready)
    assert {"teams/shop/", "database/", "pki/", "transit/"} <= set(before["mounts"])
    assert before["mounts"]["database/"][1] == HOSTILE
    assert before["mounts"]["teams/shop/"][2] == {"version": "2"}
    done = ready.run()
    assert done.returncode == 0, done.stderr
    assert state(ready) == before
    assert "engine" not in re.sub("no engine of type aws", "", done.stderr)
    # With it, the token is good for another 32 days.
    assert ready.server.data("token", "lookup", token=ready.token)["data"]["last_renewal_time"]


def test_values_arrive_as_they_are_and_are_never_changed_again(ready: World) -> None:
    changed = dict.fromkeys(SEEDS, "another")
    assert ready.run(**changed).returncode == 0
    found = state(ready)
    assert found["database"]["data"] == {
        "password": SEEDS["SHOP_DATABASE_PASSWORD"],
        "admin": SEEDS["SHOP_DATABASE_ADMIN"],
    }
    assert found["bank"]["data"] == {"token": SEEDS["SHOP_BANK_TOKEN"]}
    assert found["database"]["metadata"]["version"] == 2  # one for each key


def test_hostile_texts_of_the_spec_arrive_as_they_are_and_run_nothing(ready: World) -> None:
    folder = ready.server.folder
    assert list((folder / f"raft {HOSTILE}").iterdir())
    assert (folder / f"audit {HOSTILE}.log").stat().st_size > 0
    assert not list(folder.rglob("x"))
    # In the certificate of the authority, too.
    done = ready.server.vault("read", "-field=certificate", "pki/cert/ca", token=_everything(ready))
    subject = ["openssl", "x509", "-noout", "-subject", "-nameopt", "multiline,-esc_ctrl,-esc_msb,utf8"]
    shown = subprocess.run(subject, input=done.stdout, capture_output=True, text=True, check=True).stdout
    assert shown.split("commonName                = ")[1].rstrip("\n") == HOSTILE.replace("\n", " ")


def test_the_file_of_the_keys_is_the_owners_and_has_no_root_token(ready: World) -> None:
    assert stat.S_IMODE(ready.keys.stat().st_mode) == 0o600
    text = ready.keys.read_text("utf-8")
    assert len(re.findall("^Unseal Key [0-9]: .{40,}$", text, re.M)) == 3
    assert "Initial Root Token" not in text
    about = ready.server.data("token", "lookup", token=ready.token)["data"]
    assert about["policies"] == ["default", f"shop.{ENVIRONMENT}"]
    assert about["orphan"] and about["period"] == 768 * 3600


def test_no_secret_is_on_a_command_line_in_the_log_or_left_in_a_file(ready: World) -> None:
    secrets = [*SEEDS.values(), PASSWORD, ready.token, *re.findall("Key [0-9]: (.*)", ready.keys.read_text())]
    # As much anew as can be, so that secrets are used.
    _forget_the_values(ready)
    _seal(ready)
    with command_lines() as seen:
        done = ready.run()
    assert done.returncode == 0, done.stderr
    assert "value of bank#token" in done.stderr and "it is unsealed" in done.stderr
    assert any("auth/k8s/one/role/shop" in line for line in seen), "nothing was seen"
    assert any("key=-" in line for line in seen), "the unsealing was not seen"
    for secret in secrets:
        assert not any(secret in line for line in seen)
        assert secret not in done.stdout + done.stderr
    assert not list((ready.server.folder / "tmp").iterdir())


@contextmanager
def command_lines() -> Iterator[set[str]]:
    """The command lines of all programs that run meanwhile, looked at as often as can be."""
    seen: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.001):
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(place.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _seal(one: World) -> None:
    done = one.server.vault("operator", "seal", token=_everything(one))
    assert done.returncode == 0, done.stderr


def _forget_the_values(one: World) -> None:
    for place in ("database", "bank"):
        done = one.server.vault("delete", f"teams/shop/metadata/{place}", token=_everything(one))
        assert done.returncode == 0, done.stderr


def test_a_server_that_was_started_again_is_unsealed_from_the_file_of_the_keys(ready: World) -> None:
    _seal(ready)
    refused = ready.server.script(ENVIRONMENT)
    assert refused.returncode == 1
    assert "it is sealed: give its keys with --keys FILE" in refused.stderr
    assert ready.run("--unseal").returncode == 0
    assert ready.server.vault("status").returncode == 0


# --- Who may what ----------------------------------------------------------------------------------

# What each may have: of the KV engine by the ExternalSecrets, of the other engines by `access`.
KV = "teams/shop/data/"
_OF_API = {
    "database/creds/app": "read",
    "database/creds/brief": "read",
    "transit/encrypt/documents": "update",
    "transit/decrypt/documents": "update",
    "transit/rewrap/documents": "update",
    "transit/sign/signatures": "update",
    "transit/verify/signatures": "update",
    "pki/issue/inner": "update",
}
ALLOWED = {
    "vault": {f"{KV}{path}": "read" for path in ("database", "shared/extra", "whole", "bank", "own/thing")},
    "api": {**{f"{KV}{path}": "read" for path in ("database", "shared/extra", "whole", "bank")}, **_OF_API},
    "worker": {
        f"{KV}shared/extra": "read",
        **{f"transit/{deed}/documents": "update" for deed in ("encrypt", "decrypt", "rewrap")},
    },
}
ROLES = {"vault": "shop", "api": f"shop.{ENVIRONMENT}.api", "worker": f"shop.{ENVIRONMENT}.worker"}
OTHERS = (
    f"{KV}other",
    f"{KV}database/below",
    f"{KV}data",
    "teams/shop/metadata/database",
    "teams/shop/metadata/",
    "teams/shop/delete/database",
    "teams/shop/config",
    "teams/other/data/database",
    "database/creds/other",
    "database/config/postgres",
    "database/roles/app",
    "transit/keys/documents",
    "transit/export/encryption-key/documents",
    "pki/sign/inner",
    "pki/root/generate/internal",
    "pki/issue/other",
    "sys/policies/acl/shop.live",
    "sys/mounts",
    "sys/mounts/teams/shop",
    "auth/k8s/one/role/shop",
    "auth/token/create-orphan",
)
"""Some of all the rest."""


@pytest.mark.parametrize("who", ALLOWED)
def test_a_service_account_may_do_what_it_needs_and_nothing_else(who: str, ready: World) -> None:
    token = ready.server.login("k8s/one", ROLES[who], who)
    assert token is not None
    paths = sorted({path for allowed in ALLOWED.values() for path in allowed} | set(OTHERS))
    given = json.dumps({"paths": paths})
    found = ready.server.data("write", "sys/capabilities-self", "-", token=token, given=given)["data"]
    may = {path: ",".join(found[path]) for path in paths if found[path] != ["deny"]}
    assert may == ALLOWED[who]


NASTY = [text for text in (*HOSTILE_TEXTS, HOSTILE) if "{{" not in text and "*" not in text]
"""Without what policies themselves give a meaning to: placeholders and stars."""


def test_a_server_reads_texts_of_policies_as_they_were_written(ready: World) -> None:
    paths = [f"x/{text}/y" for text in NASTY if "\0" not in text]
    policy = "".join(f'path {hcl(path)} {{\n  capabilities = ["read"]\n}}\n' for path in paths)
    everything = _everything(ready)
    assert ready.server.vault("policy", "write", "nasty", "-", token=everything, given=policy).returncode == 0
    token = ready.server.vault("token", "create", "-policy=nasty", "-field=token", token=everything).stdout
    asked = json.dumps({"paths": [*paths, "x/other"]})
    found = ready.server.data("write", "sys/capabilities-self", "-", token=token, given=asked)["data"]
    assert [found[path] for path in paths] == [["read"]] * len(paths)
    assert found["x/other"] == ["deny"]
    assert ready.server.vault("policy", "delete", "nasty", token=everything).returncode == 0


def test_the_rights_of_external_secrets_are_those_of_the_objects(ready: World) -> None:
    objects = ready.build.inventories[ENVIRONMENT].objects.values()
    specs = [one.manifest["spec"] for one in objects if one.id.kind == "ExternalSecret"]
    asked = {entry["remoteRef"]["key"] for one in specs for entry in one.get("data", ())}
    asked |= {entry["extract"]["key"] for one in specs for entry in one.get("dataFrom", ())}
    assert {f"{KV}{path}" for path in asked} == set(ALLOWED["vault"])


def test_external_secrets_reads_what_was_seeded_and_writes_nothing(ready: World) -> None:
    token = ready.server.login("k8s/one", "shop", "vault")
    assert token is not None
    got = ready.server.vault("read", "-format=json", f"{KV}database", token=token)
    assert json.loads(got.stdout)["data"]["data"]["password"] == SEEDS["SHOP_DATABASE_PASSWORD"]
    refused = ready.server.vault(
        "write", f"{KV}database", "-", token=token, given='{"data": {"password": "x"}}'
    )
    assert "permission denied" in refused.stderr
    assert "permission denied" in ready.server.vault("list", "teams/shop/metadata/", token=token).stderr


@pytest.mark.parametrize(
    ("role", "account", "namespace"),
    [
        ("shop", "api", "shop"),
        ("shop", "vault", "another"),
        (f"shop.{ENVIRONMENT}.api", "worker", "shop"),
        (f"shop.{ENVIRONMENT}.idle", "idle", "shop"),
    ],
)
def test_nobody_else_logs_in(role: str, account: str, namespace: str, ready: World) -> None:
    assert ready.server.login("k8s/one", role, account, namespace) is None


def test_a_workload_encrypts_and_signs_and_gets_a_certificate(ready: World) -> None:
    token = ready.server.login("k8s/one", f"shop.{ENVIRONMENT}.api", "api")
    assert token is not None
    server = ready.server
    cipher = server.data("write", "transit/encrypt/documents", "plaintext=aGVsbG8=", token=token)["data"]
    plain = server.data("write", "transit/decrypt/documents", "-", token=token, given=json.dumps(cipher))
    assert plain["data"]["plaintext"] == "aGVsbG8="
    signed = server.data("write", "transit/sign/signatures", "input=aGVsbG8=", token=token)["data"]
    proof = json.dumps({"input": "aGVsbG8=", "signature": signed["signature"]})
    verified = server.data("write", "transit/verify/signatures", "-", token=token, given=proof)
    assert verified["data"]["valid"]
    name = "common_name=api.shop.svc.cluster.local"
    assert (
        "BEGIN CERTIFICATE"
        in server.data("write", "pki/issue/inner", name, token=token)["data"]["certificate"]
    )
    assert server.vault("write", "pki/issue/inner", "common_name=example.com", token=token).returncode == 2


def _as(one: World, lease: Mapping[str, Any], text: str) -> subprocess.CompletedProcess[str]:
    login = {"PGUSER": lease["data"]["username"], "PGPASSWORD": lease["data"]["password"]}
    environment = {**one.database.environment, "PGDATABASE": DATABASE, **login}
    command = ["psql", "--no-psqlrc", "-qAt", "--set=ON_ERROR_STOP=1", "-c", text]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_dynamic_credential_logs_in_does_what_it_may_and_expires(ready: World) -> None:
    token = ready.server.login("k8s/one", f"shop.{ENVIRONMENT}.api", "api")
    assert token is not None
    writes = ready.server.data("read", "database/creds/app", token=token)
    assert (
        _as(ready, writes, 'INSERT INTO things VALUES (1); INSERT INTO "o""ther".more VALUES (2)').returncode
        == 0
    )
    assert "must be owner" in _as(ready, writes, "DROP TABLE things").stderr
    brief = ready.server.data("read", "database/creds/brief", token=token)
    assert _as(ready, brief, "SELECT n FROM things").stdout.strip() == "1"
    assert "permission denied" in _as(ready, brief, "DELETE FROM things").stderr
    until(
        lambda: "authentication failed" in _as(ready, brief, "SELECT 1").stderr,
        "the credential has expired",
        20,
    )
    user = brief["data"]["username"]
    assert ready.database.sql("postgres", f"SELECT count(*) FROM pg_roles WHERE rolname = '{user}'") == "0"
    assert _as(ready, writes, "SELECT 1").returncode == 0  # the other one has an hour


# --- The command line ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "Usage: vault-init.sh [OPTION...] ENVIRONMENT"),
        ([], 64, "say which environment: live"),
        (["other"], 64, "there is no environment other: live"),
        (["live", "live"], 64, "only one environment at a time"),
        (["--sideways"], 64, "there is no option --sideways"),
        (["--keys"], 64, "--keys needs a value"),
    ],
)
def test_the_command_line_is_explained(words: list[str], code: int, said: str, fresh: World) -> None:
    done = fresh.server.script(*words)
    assert done.returncode == code
    assert said in done.stdout + done.stderr


def test_a_server_that_is_away_is_told_of(fresh: World) -> None:
    done = fresh.server.script(ENVIRONMENT, variables={"VAULT_ADDR": "https://127.0.0.1:9"})
    assert done.returncode == 1
    assert "it does not answer" in done.stderr and "connection refused" in done.stderr


def test_without_a_token_it_says_whose_policy_is_wanted(ready: World) -> None:
    done = ready.server.script(ENVIRONMENT)
    assert done.returncode == 1
    assert f"log in as somebody with the policy shop.{ENVIRONMENT}" in done.stderr


def test_the_checks_of_the_generated_files_by_bao(ready: World) -> None:
    written = ready.server.folder / f"out/secrets/{ENVIRONMENT}"
    for policy in (*written.glob("policies/*.hcl"), written / "administrator.hcl"):
        before = policy.read_text("utf-8")
        assert ready.server.vault("policy", "fmt", str(policy)).returncode == 0
        assert policy.read_text("utf-8") == before, "it is not formatted as the tool does it"
    log = (ready.server.folder / "server.log").read_text("utf-8")
    unknown = re.findall("unknown or unsupported field (.*) found in configuration", log)
    assert set(unknown) <= {"disable_mlock"}  # HashiCorp Vault wants it
