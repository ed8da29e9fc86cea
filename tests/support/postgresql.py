"""A real PostgreSQL server for the time of a test, as a user who is not root, on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from support.running import free_address

ADMIN: Final = "postgres"
PASSWORD: Final = "correct horse 'battery' $(staple)"
"""Of the administrator; a password that nobody may have to type into a shell."""
_NOBODY: Final = 65534
_DEBIAN: Final = Path("/usr/lib/postgresql")


class Server(NamedTuple):
    """A server that runs: where it listens, and the environment in which clients find it."""

    port: str
    folder: Path
    environment: Mapping[str, str]

    def sql(self, database: str, text: str) -> str:
        """What psql prints for ``text``: rows only, columns with | between them."""
        command = ["psql", "--no-psqlrc", "-qAt", "--set=ON_ERROR_STOP=1"]
        done = subprocess.run(
            command,
            input=text,
            env={**self.environment, "PGDATABASE": database},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def databases(self) -> set[str]:
        """The names of all databases but PostgreSQL's own."""
        names = self.sql("postgres", "SELECT json_agg(datname) FROM pg_database WHERE NOT datistemplate")
        return set(json.loads(names)) - {"postgres"}


def programs() -> Path | None:
    """The folder of initdb and postgres, which Debian does not put on PATH; None when there is none."""
    if _DEBIAN.is_dir():
        versions = sorted(_DEBIAN.iterdir(), key=lambda one: int(one.name) if one.name.isdigit() else 0)
        if versions and (versions[-1] / "bin/initdb").exists():
            return versions[-1] / "bin"
    found = shutil.which("initdb")
    return None if found is None else Path(found).resolve().parent


@contextmanager
def postgresql(bin_folder: Path) -> Iterator[Server]:
    """A server with a new, empty cluster; everyone needs a password."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    as_nobody: list[str] = []
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        as_nobody = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        os.chown(folder, _NOBODY, _NOBODY)
    port = free_address().rpartition(":")[2]

    def run(command: Sequence[str | Path]) -> None:
        words = [*as_nobody, *map(str, command)]
        # Not captured through a pipe: the server would keep it open.
        log = (folder / "log").open("ab")
        done = subprocess.run(words, stdout=log, stderr=log, cwd=folder, check=False)
        log.close()
        assert done.returncode == 0, (folder / "log").read_text("utf-8")

    try:
        secret = folder / "password"
        secret.write_text(PASSWORD + "\n", encoding="utf-8")
        secret.chmod(0o644)
        data = folder / "data"
        options = ("--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8")
        run([bin_folder / "initdb", "-D", data, "-U", ADMIN, *options, "--no-sync"])
        listens = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off -c max_connections=30"
        run([bin_folder / "pg_ctl", "-D", data, "-w", "-l", folder / "server.log", "-o", listens, "start"])
        try:
            yield Server(port, folder, _environment(port))
        finally:
            run([bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder)


def _environment(port: str) -> dict[str, str]:
    path = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    return {**path, "PGHOST": "127.0.0.1", "PGPORT": port, "PGUSER": ADMIN, "PGPASSWORD": PASSWORD}
