"""Who learns of backups: real Pushgateway, promtool and curl; Slack and the mail server are stand-ins."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.backups import BACKUP, NAME, RESTORE, Shop, spec
from support.buckets import Buckets, buckets
from support.postgresql import Server, postgresql, programs
from support.running import Stand, free_address, running

pytestmark = pytest.mark.slow

Tool = Callable[[str], Path]
HOSTILE = '<!channel> & "it\'s" \\ $(touch x)\nSubject: another'
SUCCESS, FAILURE = f"shop_{NAME}_success.prom", f"shop_{NAME}_failure.prom"


@pytest.fixture(scope="module")
def server(tool: Tool) -> Iterator[Server]:
    with postgresql(programs() or tool("initdb").resolve().parent) as found:
        for name in ("shop", HOSTILE):
            quoted = '"' + name.replace('"', '""') + '"'
            found.sql("postgres", f"CREATE DATABASE {quoted}")
        yield found


@pytest.fixture(scope="module")
def s3() -> Iterator[Buckets]:
    with buckets() as found:
        yield found


@pytest.fixture
def new_shop(server: Server, s3: Buckets, tool: Tool, tmp_path: Path) -> Callable[..., Shop]:
    return lambda **changes: Shop(tmp_path, spec(s3.address, **changes), server, s3, tool("aws"))


def figures(text: str) -> dict[str, float]:
    """Values by the names of their metrics."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.partition("{")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_figures_are_left_in_a_file_that_prometheus_reads(new_shop: Callable[..., Shop], tool: Tool) -> None:
    shop = new_shop(database=HOSTILE, metrics={"textfile": "/var/lib/figures"})
    folder = shop.folder / "figures"
    folder.mkdir()
    shop.settings.write_text(shop.settings.read_text("utf-8").replace("/var/lib/node_exporter", str(folder)))
    assert shop.run(BACKUP).code == 0
    assert [path.name for path in folder.iterdir()] == [SUCCESS]
    text = (folder / SUCCESS).read_text("utf-8")
    found = figures(text)
    done = found["database_backup_last_success_timestamp_seconds"]
    assert found["database_backup_last_size_bytes"] > 100
    assert 0 <= found["database_backup_last_duration_seconds"] < 120
    escaped = HOSTILE.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    assert f'{{backup="{NAME}",database="{escaped}",namespace="shop"}}' in text
    command = [str(tool("promtool")), "check", "metrics"]
    checked = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    # A failure is told beside that, and the last success is not forgotten.
    assert shop.run(BACKUP, env={"PGPASSWORD": "wrong"}).code not in (0, 64, 75)
    assert (folder / SUCCESS).read_text("utf-8") == text
    failed = figures((folder / FAILURE).read_text("utf-8"))
    assert failed["database_backup_last_failure_timestamp_seconds"] >= done
    assert sorted(path.name for path in folder.iterdir()) == [FAILURE, SUCCESS]


def test_figures_are_pushed(new_shop: Callable[..., Shop], tool: Tool, tmp_path: Path) -> None:
    address = free_address()
    shop = new_shop(metrics={"pushgateway": f"http://{address}/"})
    gateway = [tool("pushgateway"), f"--web.listen-address={address}"]
    with running(gateway, f"http://{address}/-/ready", tmp_path / "pushgateway.log", tmp_path):
        assert shop.run(BACKUP).code == 0
        assert shop.run(BACKUP, env={"PGPASSWORD": "wrong"}).code not in (0, 64, 75)
        text = subprocess.run(
            ["curl", "-sf", f"http://{address}/metrics"], capture_output=True, text=True, check=True
        ).stdout
    ours = [line for line in text.splitlines() if line.startswith("database_backup_")]
    assert sorted(line.partition("{")[0] for line in ours) == [
        "database_backup_last_duration_seconds",
        "database_backup_last_failure_timestamp_seconds",
        "database_backup_last_size_bytes",
        "database_backup_last_success_timestamp_seconds",
    ]
    labels = f'{{backup="{NAME}",database="shop",instance="",job="database-backup",namespace="shop"}}'
    assert all(labels in line for line in ours), ours


def test_a_backup_without_a_pushgateway_is_a_backup_and_says_so(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(metrics={"pushgateway": f"http://{free_address()}"})
    done = shop.run(BACKUP)
    assert done.code == 0, done.log
    assert "the figures did not reach the Pushgateway" in done.log


class Mails:
    """A server of SMTP that takes every mail, and keeps who shall get it and what it says."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], str]] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # it is closed
                return
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: Any) -> None:
        def say(text: str) -> None:
            stream.write(f"{text}\r\n".encode())
            stream.flush()

        recipients: list[str] = []
        say("220 ready")
        for line in stream:
            word = line.decode().strip()
            if word.upper().startswith("RCPT TO:"):
                recipients.append(word[8:].strip("<> "))
            if word.upper() == "QUIT":
                say("221 bye")
                return
            if word.upper() != "DATA":
                say("250 ok")
                continue
            say("354 go on")
            lines = []
            for part in stream:
                if part == b".\r\n":
                    break
                lines.append(part.decode())
            self.got.append((recipients, "".join(lines)))
            say("250 taken")

    def close(self) -> None:
        self._socket.close()


@contextmanager
def people() -> Iterator[tuple[Stand, Mails]]:
    slack, mails = Stand(), Mails()
    try:
        yield slack, mails
    finally:
        slack.close()
        mails.close()


def notify(mails: Mails, when: str) -> dict[str, Any]:
    mail = {
        "to": ["dba@example.com", "ops@example.com"],
        "from": "backups@example.com",
        "server": f"smtp://{mails.address}",
    }
    return {"when": when, "slack": {"vault": "slack#webhook"}, "email": mail}


def test_people_are_told_about_what_failed_word_for_word(new_shop: Callable[..., Shop]) -> None:
    with people() as (slack, mails):
        shop = new_shop(database=HOSTILE, notify=notify(mails, "failure"))
        shop.environment["BACKUP_SLACK_WEBHOOK"] = f"http://{slack.address}/services/T0/B0/x"
        assert shop.run(BACKUP).code == 0
        assert slack.received == mails.got == []
        assert shop.run(BACKUP, env={"PGPASSWORD": "wrong"}).code not in (0, 64, 75)
        assert shop.run(RESTORE, "--yes", "--from", "20000101T000000Z").code not in (0, 64, 75)
    texts = [body["text"] for body in slack.got("/services/T0/B0/x")]
    assert len(texts) == len(mails.got) == 2
    shown = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert texts[0].startswith(f"Backup of {shown} (live) FAILED\n{NAME} failed in phase lock")
    assert texts[1].startswith(f"Restore of {shown} (live) FAILED\n")
    recipients, mail = mails.got[0]
    assert recipients == ["dba@example.com", "ops@example.com"]
    head, _, body = mail.partition("\r\n\r\n")
    subjects = [line for line in head.split("\r\n") if line.startswith("Subject:")]
    assert subjects == [f"Subject: Backup of {HOSTILE} (live) FAILED".replace("\n", " ")]
    assert f"{NAME} failed in phase lock" in body
    assert not (shop.folder / "x").exists()


def test_people_are_told_about_everything_when_they_want(new_shop: Callable[..., Shop]) -> None:
    with people() as (slack, mails):
        shop = new_shop(notify=notify(mails, "always"))
        shop.environment["BACKUP_SLACK_WEBHOOK"] = f"http://{slack.address}/services/T0/B0/x"
        for script, options in ((BACKUP, ()), (RESTORE, ("--yes", "--drop-old"))):
            done = shop.run(script, *options)
            assert done.code == 0, done.log
    texts = [body["text"] for body in slack.got("/services/T0/B0/x")]
    assert [text.partition("\n")[0] for text in texts] == [
        "Backup of shop (live) done",
        "Restore of shop (live) done",
    ]
    assert "safety/" in texts[1]
    assert len(mails.got) == 2


@pytest.mark.parametrize("script", [BACKUP, RESTORE])
def test_wrong_usage_is_told_and_does_nothing(new_shop: Callable[..., Shop], script: str) -> None:
    shop = new_shop()
    program = str(shop.folder / "scripts/backup" / script)
    done = shop.execute([program, "--help"])
    assert done.code == 0
    assert done.log.startswith(f"Usage: {script} ")
    for arguments in (["--nonsense"], ["--settings"], ["--settings", "/nowhere"], []):
        done = shop.execute([program, *arguments])
        assert done.code == 64, done.log
        assert f"see {script} --help" in done.log
    if script == RESTORE:
        assert shop.run(script).code == 64  # nobody is there to be asked
        assert shop.run(script, "--from", "../x", "--yes").code == 64
    assert shop.stored() == []


def test_the_pod_gets_the_same_scripts_and_settings_as_people(new_shop: Callable[..., Shop]) -> None:
    import yaml

    shop = new_shop(database=HOSTILE, storage={"prefix": "$(touch x)/`y`'\"/"})
    base = f"k8s/base/{NAME}"
    scripts = yaml.safe_load(shop.tree[f"{base}/config-map-scripts.yaml"])["data"]
    assert scripts == {name: shop.tree[f"scripts/backup/{name}"] for name in (BACKUP, RESTORE)}
    job = yaml.safe_load(shop.tree[f"{base}/cron-job.yaml"])["spec"]["jobTemplate"]["spec"]["template"][
        "spec"
    ]
    assert job["containers"][0]["command"] == [f"/opt/backup/{BACKUP}"]
    patched = yaml.safe_load(shop.tree[f"{base}/config-map.yaml"])["data"]
    patch = f"k8s/overlays/live/patches/{NAME}-config-map.yaml"
    patched |= yaml.safe_load(shop.tree[patch])["data"] if patch in shop.tree else {}
    # What bash reads from the file of settings is what the pod has in its environment.
    ask = "set -a; . \"$1\"; exec python3 -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    read = json.loads(shop.execute(["bash", "-c", ask, "ask", str(shop.settings)]).log)
    own = {key: value for key, value in patched.items() if key not in ("HOME", "TMPDIR")}
    assert own and {key: read[key] for key in own} == own
    done = shop.execute(
        [str(shop.folder / "scripts/backup" / BACKUP), "--host", "127.0.0.1", "--port", shop.server.port],
        own,
    )
    assert done.code == 0, done.log
    assert any(key.endswith(".sha256") for key in shop.stored())


def test_the_scripts_are_without_a_complaint(repo_root: Path, tool: Tool) -> None:
    from support.shell import complaints

    scripts = sorted((repo_root / "out/scripts/backup").rglob("*.sh"))
    assert len(scripts) == 2
    assert complaints(scripts, tool) == ""
