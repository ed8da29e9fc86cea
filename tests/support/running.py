"""Programs that run for the time of a test, and the small servers that they talk to, all on loopback."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Received(NamedTuple):
    """A request that somebody made: its path, and the JSON it brought."""

    path: str
    body: Any


class Stand:
    """A server of HTTP that answers GET with ``pages`` and keeps what is posted."""

    def __init__(self, pages: Mapping[str, Callable[[], str]] = {}) -> None:
        self.received: list[Received] = []
        stand = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = pages.get(self.path)
                self._answer(200 if page else 404, page() if page else "")

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"]))
                stand.received.append(Received(self.path, json.loads(text)))
                # What PagerDuty says to an event it takes; Slack is content with any 2xx and this text.
                self._answer(202 if self.path.startswith("/pagerduty") else 200, "ok")

            def _answer(self, status: int, text: str) -> None:
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"127.0.0.1:{self._server.server_port}"

    def got(self, path: str) -> list[Any]:
        """What was posted to a path."""
        return [one.body for one in self.received if one.path == path]

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()


def free_address() -> str:
    """``host:port`` of a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def running(command: Sequence[str | Path], ready: str, log: Path, folder: Path) -> Iterator[None]:
    """A program in ``folder``, from when the address ``ready`` answers; what it says goes into ``log``."""
    with log.open("wb") as output:
        words = [str(word) for word in command]
        process = subprocess.Popen(words, stdout=output, stderr=output, cwd=folder)
    try:

        def answers() -> bool:
            assert process.poll() is None, log.read_text("utf-8")
            with suppress(OSError), urllib.request.urlopen(ready, timeout=1) as answer:
                return bool(answer.status == 200)
            return False

        until(answers, f"{ready} answers")
        yield
    finally:
        process.terminate()
        process.wait(20)


def until(ask: Callable[[], T], what: str, seconds: float = 40) -> T:
    """The first answer that is true; the test fails when there is none in time."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"{what}: not within {seconds:g} s"
        time.sleep(0.1)
    return answer


def read_json(address: str) -> Any:
    """What a server answers, read as JSON."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.loads(answer.read())


def post(address: str) -> None:
    """An empty POST, such as one that makes Alertmanager read its files again."""
    with urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=10):
        pass
