"""A real Alertmanager on loopback, whose receivers are webhooks that write down what they are told."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

Labels = Mapping[str, str]
PATIENCE = 20.0
"""How many seconds a server may take on a busy machine."""
SHARED = Path(__file__).parents[2] / ".tools" / "share" / "alertmanager"
"""Debian's build reads its own messages from a folder of the system; tools/fetch.py puts them here."""
_OF_THE_SYSTEM = re.compile(rb"/usr/share/prometheus/alertmanager(?!/)")


class Told:
    """What the receivers have been told: who, and by which alerts."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Labels]] = []

    def by(self, fits: Callable[[Labels], bool]) -> set[str]:
        """The receivers that were told of an alert that fits."""
        return {receiver for receiver, labels in self.messages if fits(labels)}


@contextmanager
def webhooks() -> Iterator[tuple[str, Told]]:
    """The address of receivers, each at the path of its name, and what they are told."""
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.messages += [(self.path.strip("/"), alert["labels"]) for alert in body["alerts"]]
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", told
    finally:
        server.shutdown()
        server.server_close()


class Alertmanager:
    """A running server."""

    def __init__(self, address: str) -> None:
        self.address = address

    def post(self, alerts: Iterable[Labels]) -> None:
        """Let these alerts fire, all at once."""
        body = json.dumps([{"labels": dict(labels)} for labels in alerts]).encode()
        request = urllib.request.Request(
            f"{self.address}/api/v2/alerts", body, {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=PATIENCE).close()

    def groups(self) -> list[dict[str, Any]]:
        """The groups of alerts with their receivers and the status of each alert."""
        with urllib.request.urlopen(f"{self.address}/api/v2/alerts/groups", timeout=PATIENCE) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


@contextmanager
def alertmanager(binary: Path, document: Mapping[str, Any], folder: Path) -> Iterator[Alertmanager]:
    """A server with this configuration, which ends with the block; its files go into the empty folder."""
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(dict(document)), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(
            relocated(binary, folder),
            f"--config.file={folder}/alertmanager.yml",
            f"--storage.path={folder}/data",
        ),
        *(f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log, cwd=SHARED.parent)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: _ready(address), lambda: (folder / "log").read_text("utf-8"))
        yield Alertmanager(address)
    finally:
        process.terminate()
        process.wait()


def relocated(binary: Path, folder: Path) -> Path:
    """The program, or a copy of Debian's that finds its messages when it is started in ``SHARED.parent``."""
    program = binary.read_bytes()
    found = _OF_THE_SYSTEM.search(program)
    if found is None or Path(found[0].decode()).exists():
        return binary
    here = b"alertmanager".rjust(len(found[0]), b"/").replace(b"//", b"./")
    copy = folder / "alertmanager"
    copy.write_bytes(_OF_THE_SYSTEM.sub(here, program, count=1))
    copy.chmod(0o755)
    return copy


def wait_for(holds: Callable[[], bool], why: Callable[[], str]) -> None:
    """Wait until something holds; AssertionError, with the reason, when it takes too long."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, why()
        time.sleep(0.1)


def _ready(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/-/ready", timeout=1).close()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True
