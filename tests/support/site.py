"""A real HTTP server that load tests are run against: it answers what it is told to, on loopback."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit


class Asked(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


class Site:
    """What the server does: switches for the tests, and what it was asked."""

    def __init__(self, answers: Mapping[tuple[str, str], int]) -> None:
        self._answers = [(method, _pattern(path), status) for (method, path), status in answers.items()]
        self.asked: list[Asked] = []
        self.url = ""
        self.slow = 0.0
        self.failing = False
        self.sign_ins: dict[str, dict[str, str]] = {}
        """The fields that have to be sent, by the path of a sign-in."""
        self.tokens: set[str] = set()
        """What has to be in the header Authorization, if there is anything here."""

    def answer(self, asked: Asked) -> tuple[int, object]:
        """Status and JSON for a request."""
        self.asked.append(asked)
        time.sleep(self.slow)
        if self.failing:
            return 503, {"error": "unavailable"}
        if asked.path in self.sign_ins and asked.method == "POST":
            return self._signed_in(asked)
        if self.tokens and asked.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 401, {"error": "who are you?"}
        for method, pattern, status in self._answers:
            if method == asked.method and pattern.fullmatch(asked.path):
                return status, {"ok": True}
        return 404, {"error": "no such thing"}

    def _signed_in(self, asked: Asked) -> tuple[int, object]:
        is_form = asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
        sent = dict(parse_qsl(asked.body.decode())) if is_form else json.loads(asked.body)
        if sent != self.sign_ins[asked.path]:
            return 401, {"error": "wrong"}
        token = f"token-{len(self.asked)}"
        self.tokens.add(token)
        return 200, {"access_token": token, "data": {"token": token}}


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[a-z0-9-]+\}", path)
    return re.compile("[^/]+".join(map(re.escape, parts)))


@contextmanager
def serving(answers: Mapping[tuple[str, str], int]) -> Iterator[Site]:
    """A server that runs while the block does; anything but ``answers`` by method and path is a 404."""
    site = Site(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = tuple(parse_qsl(address.query, keep_blank_values=True))
            asked = Asked(self.command, unquote(address.path), query, dict(self.headers), body)
            status, value = site.answer(asked)
            text = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that end hang up as they please; anything else is a mistake of ours."""
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, client_address)  # type: ignore[arg-type]

    with Server(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
