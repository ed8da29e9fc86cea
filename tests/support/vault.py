"""A real OpenBao with TLS and raft, set up by what is rendered from a spec, and a fake of one small thing.

The fake is the TokenReview of the Kubernetes API: no API server is here that could say whose token it is.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from manifestgen.pipeline import Build, build
from support.running import until
from support.shell import Tool
from support.specs import Spec, as_json


def token_of(account: str, namespace: str = "shop") -> str:
    """What a service account shows; only the fake below believes its signature."""
    name = f"system:serviceaccount:{namespace}:{account}"
    about = {"namespace": namespace, "serviceaccount": {"name": account, "uid": name}}
    claims = {"iss": "x", "sub": name, "exp": 4_000_000_000, "nbf": 1, "kubernetes.io": about}
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*texts, "c2lnbmF0dXJl"])


@contextmanager
def token_reviews() -> Iterator[str]:
    """The address of a fake Kubernetes API that knows TokenReviews, of tokens as ``token_of`` makes them."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            claims = review["spec"]["token"].split(".")[1]
            said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["kubernetes.io"]
            name = f"system:serviceaccount:{said['namespace']}:{said['serviceaccount']['name']}"
            user = {"username": name, "uid": name, "groups": ["system:serviceaccounts"]}
            body = json.dumps({**review, "status": {"authenticated": True, "user": user}}).encode()
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def certificate(folder: Path, name: str = "tls") -> tuple[Path, Path]:
    """A certificate for the machine itself, and its key."""
    crt, key = folder / f"{name}.crt", folder / f"{name}.key"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-days", "2", "-keyout", str(key), "-out", str(crt)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return crt, key


def write_out(spec: Spec, folder: Path) -> Build:
    """Render a spec into ``folder/out``."""
    file = folder / "platform.yaml"
    file.write_text(as_json(spec), encoding="utf-8")
    made = build(file)
    assert not made.findings, made.findings
    for path, artifact in made.artifacts.items():
        if artifact.target == "vault":
            place = folder / "out" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(artifact.text, encoding="utf-8")
            place.chmod(0o755 if artifact.executable else 0o644)
    return made


class Server(NamedTuple):
    """A server that runs, and how the script and people speak to it."""

    folder: Path
    address: str
    certificate: Path
    bao: Path

    @property
    def environment(self) -> dict[str, str]:
        """What clients need to know; `vault` is a name of OpenBao's client here."""
        return {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder / "tmp"),
            "VAULT_CACERT": str(self.certificate),
            "LC_ALL": "C.UTF-8",
        }

    def vault(
        self, *words: str, token: str | None = None, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """What the client says to a command."""
        environment = {**self.environment, "VAULT_ADDR": self.address}
        if token is not None:
            environment["VAULT_TOKEN"] = token
        command = [str(self.bao), *words]
        return subprocess.run(
            command, env=environment, input=given, capture_output=True, text=True, check=False
        )

    def data(self, *words: str, token: str, given: str = "") -> Any:
        """What a command answers, as data; it must not fail."""
        verbs = 2 if words[0] in ("kv", "token") else 1
        command = [*words[:verbs], "-format=json", *words[verbs:]]
        done = self.vault(*command, token=token, given=given)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def login(self, mount: str, role: str, account: str, namespace: str = "shop") -> str | None:
        """The token that a service account gets; None when it is refused."""
        jwt = token_of(account, namespace)
        done = self.vault("write", "-field=token", f"auth/{mount}/login", f"role={role}", f"jwt={jwt}")
        return done.stdout if done.returncode == 0 else None

    def script(
        self, *words: str, variables: Mapping[str, str] = {}, path: Sequence[Path] = ()
    ) -> subprocess.CompletedProcess[str]:
        """A run of vault-init.sh; folders of ``path`` come first on PATH."""
        environment = {**self.environment, **variables}
        environment["PATH"] = os.pathsep.join([*map(str, path), environment["PATH"]])
        command = ["bash", str(self.folder / "out/scripts/vault-init.sh"), *words]
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )


@contextmanager
def openbao(folder: Path, configuration: Path, address: str, crt: Path, tool: Tool) -> Iterator[Server]:
    """OpenBao with a configuration, from when it answers; it is as new as its storage."""
    (folder / "tmp").mkdir(exist_ok=True)
    (folder / "bin").mkdir(exist_ok=True)
    bao = tool("bao")
    link = folder / "bin/vault"
    if not link.exists():
        link.symlink_to(bao)
    server = Server(folder, address, crt, bao)
    log = folder / "server.log"
    with log.open("ab") as output:
        command = [str(bao), "server", f"-config={configuration}"]
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, env=server.environment)
    try:

        def answers() -> bool:
            assert process.poll() is None, log.read_text("utf-8")
            return server.vault("status").returncode in (0, 2)

        until(answers, "OpenBao answers")
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
