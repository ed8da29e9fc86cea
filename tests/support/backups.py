"""A shop whose database is backed up: what is rendered for it, run against real servers."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from manifestgen import api
from support.buckets import Buckets
from support.postgresql import Server
from support.rendering import warm
from support.specs import Spec, as_json, spec_of

BUCKET: Final = "shop-backups"
NAME: Final = "db-backup"
BACKUP, RESTORE = "backup-database.sh", "restore-database.sh"
_LINES_OF_CHANCE: Final = ("\\restrict ", "\\unrestrict ")
"""What newer versions of pg_dump put into each dump, with a new word each time."""


class Done(NamedTuple):
    """A run that is over: how it ended, and what it said."""

    code: int
    log: str


def spec(bucket_server: str, database: str = "shop", **changes: Any) -> Spec:
    """A spec with one backup, of a database that somebody else runs."""
    storage = {"bucket": BUCKET, "endpoint": bucket_server, **changes.pop("storage", {})}
    backup = {
        "datastore": "db",
        "schedule": "0 */6 * * *",
        "image": {"repository": "ghcr.io/example/postgresql-backup", "tag": "16.6"},
        "username": "postgres",
        "passwordKey": "password",
        "sslMode": "disable",
        "connects": ["outside"],
        **changes,
        "storage": storage,
    }
    return spec_of(
        vault={"server": "https://vault.example.com", "mount": "shop", "role": "shop"},
        settings={"db-login": {"secrets": {"password": {"vault": "db#password"}}}},
        datastores={
            "db": {
                "type": "postgresql",
                "provider": "external",
                "addresses": ["192.0.2.10"],
                "database": database,
                "credentials": "db-login",
            }
        },
        externals={"outside": {"networks": ["0.0.0.0/0"], "ports": [{"port": 1, "endPort": 65535}]}},
        backups={NAME: backup},
    )


class Shop:
    """The rendered scripts with their settings, and the servers that they talk to."""

    def __init__(self, folder: Path, given: Spec, server: Server, s3: Buckets, aws: Path) -> None:
        self.folder = folder
        self.server = server
        self.s3 = s3
        file = folder / "platform.yaml"
        file.write_text(as_json(given), encoding="utf-8")
        with warm():
            rendered = api.rendered(api.Request(spec=file, out=folder / "out"))
        assert not rendered.findings, rendered.findings
        self.tree = {path: artifact.text for path, artifact in rendered.artifacts.items()}
        self.database = given["datastores"]["db"]["database"]
        self.prefix = self._prefix(given)
        for path, artifact in rendered.artifacts.items():
            if path.startswith("scripts/"):
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(artifact.text, encoding="utf-8")
                target.chmod(0o755 if artifact.executable else 0o644)
        self.work = folder / "work"
        self.work.mkdir()
        self.programs = folder / "programs"
        """A folder that comes first on PATH, for what shall stand in the way of a real program."""
        self.programs.mkdir()
        path = f"{self.programs}:{aws.parent}:{server.environment['PATH']}"
        login = {key: server.environment[key] for key in ("PGPASSWORD", "LC_ALL")}
        self.environment = {"HOME": str(folder), "TMPDIR": str(self.work), "PATH": path, **login}
        self.environment |= s3.environment
        s3.make(BUCKET)

    @staticmethod
    def _prefix(given: Spec) -> str:
        return str(given["backups"][NAME]["storage"].get("prefix", "shop/live/")) + f"{NAME}/"

    @property
    def settings(self) -> Path:
        """The file of settings of its environment."""
        return self.folder / f"scripts/backup/live/{NAME}.env"

    def command(self, script: str, *arguments: str) -> list[str]:
        """A script as people start it by hand."""
        place = ("--settings", str(self.settings), "--host", "127.0.0.1", "--port", self.server.port)
        return [str(self.folder / "scripts/backup" / script), *place, *arguments]

    def run(self, script: str, *arguments: str, env: Mapping[str, str] = {}) -> Done:
        """Run a script to its end."""
        return self.execute(self.command(script, *arguments), env)

    def execute(self, command: Sequence[str], env: Mapping[str, str] = {}) -> Done:
        """Run any command in the environment of the scripts."""
        whole = {**self.environment, **env}
        done = subprocess.run(
            command, env=whole, capture_output=True, text=True, cwd=self.folder, check=False, timeout=120
        )
        return Done(done.returncode, done.stdout + done.stderr)

    def backup(self) -> str:
        """Make a backup, and give its time."""
        before = set(self.stored())
        done = self.run(BACKUP)
        assert done.code == 0, done.log
        (stamp,) = {Path(key).name.partition(".")[0] for key in set(self.stored()) - before}
        return stamp

    def stored(self) -> list[str]:
        """The keys below the prefix, without it."""
        return [key.removeprefix(self.prefix) for key in self.s3.objects(BUCKET)]

    def stopped(self, script: str, *arguments: str, at: str, with_: int, after: float = 0) -> Done:
        """Run a script, and send a signal to it and all that it started when its log says ``at``.

        SIGTERM goes to the script alone, as Kubernetes sends it.
        """
        process = subprocess.Popen(
            self.command(script, *arguments),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            start_new_session=True,
        )
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if at in line:
                time.sleep(after)
                if with_ == signal.SIGKILL:
                    os.killpg(process.pid, with_)
                else:
                    process.send_signal(with_)
                break
        else:
            raise AssertionError("".join(lines))
        rest, _ = process.communicate(timeout=60)
        return Done(process.returncode, "".join(lines) + rest)

    def content(self, database: str | None = None) -> str:
        """All that is in a database, as pg_dump writes it, and what belongs to the database as a whole."""
        name = database or self.database
        done = subprocess.run(
            ["pg_dump", "--no-password"],
            env={**self.server.environment, "PGDATABASE": name},
            capture_output=True,
            text=True,
            check=True,
        )
        lines = [line for line in done.stdout.splitlines() if not line.startswith(_LINES_OF_CHANCE)]
        return "\n".join([*lines, self.server.sql(name, _OF_THE_DATABASE)])

    def leftovers(self) -> list[str]:
        """What lies about in the folder for temporary files."""
        return [path.name for path in self.work.iterdir()]


_OF_THE_DATABASE: Final = """
SELECT pg_get_userbyid(datdba), encoding, datcollate, datctype, datconnlimit,
  (SELECT array_agg(one ORDER BY one::text) FROM unnest(datacl) AS one),
  shobj_description(oid, 'pg_database')
FROM pg_database WHERE datname = current_database();
SELECT setrole::regrole, setconfig FROM pg_db_role_setting
JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database() ORDER BY 1;
"""


@contextmanager
def watched_processes() -> Iterator[set[bytes]]:
    """The command lines of all processes that run meanwhile, as often as they can be looked at."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for entry in os.scandir("/proc"):
                if entry.name.isdigit():
                    try:
                        with open(f"/proc/{entry.name}/cmdline", "rb") as file:
                            seen.add(file.read())
                    except OSError:  # it is gone already
                        continue

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()
