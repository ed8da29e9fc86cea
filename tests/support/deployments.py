"""A shop that is deployed by script, in a world of stand-ins, which write down how they are called."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple

from manifestgen import api
from support.rendering import warm
from support.specs import Spec, as_json, spec_of

STAND_IN: Final = Path(__file__).with_name("standin.sh")
PROGRAMS: Final = ("kubectl", "helm", "vault", "aws", "trivy", "crane", "git", "curl", "sleep")
WEBHOOK: Final = "https://hooks.slack.example.com/services/T0/B0/secret-of-slack"
DIGEST: Final = "sha256:" + "a" * 64
COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"
DEPLOY, ROLLBACK = "deploy-live.sh", "rollback-live.sh"

_MET: Final = (
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1767323045.1,"%s"]}]}}'
)
_ROLLOUT: Final = "2|%s|%s|%s|new|%s|%s"


def rollout(phase: str, weight: str = "", *, seen: int = 2, stable: str = "old", message: str = "") -> str:
    """The status of a rollout, as the script asks for it."""
    return _ROLLOUT % (seen, phase, weight, stable, message)


CANARY: Final = (
    rollout("Progressing", "10"),
    rollout("Paused", "10", message="CanaryPauseStep"),
    rollout("Paused", "50", message="CanaryPauseStep"),
    rollout("Healthy", "100", stable="new"),
)
"""What Argo Rollouts says at first, then, and after each time that it is told to go on."""
BLUE_GREEN: Final = (
    rollout("Progressing", seen=1),
    rollout("Paused", message="BlueGreenPause"),
    rollout("Healthy", stable="new"),
)


def _rolling(name: str, states: Sequence[str]) -> str:
    """The first state once, the next until it is told to go on; and after a rollback it is well again."""
    looks, goes_on = f"kubectl * get rollouts.argoproj.io {name} *", f"kubectl * {name} *pauseConditions*"
    first, *rest = (shlex.quote(state) for state in states)
    return (
        f"if (($(said 'helm * rollback *'))); then {_say(rollout('Healthy', stable='new'))}; "
        f"elif (($(said {shlex.quote(looks)}) == 1)); then printf '%s\\n' {first}; "
        f'else nth "$(($(said {shlex.quote(goes_on)}) + 1))" {" ".join(rest)}; fi'
    )


HISTORY: Final = (
    '[{"revision":10,"updated":"2026-01-01T00:00:00Z","status":"superseded","chart":"shop-0.1.0"},'
    '{"revision":11,"updated":"2026-01-02T00:00:00Z","status":"%s","chart":"shop-0.1.0"}%s]'
)


def history(status: str = "superseded", *more: tuple[int, str]) -> str:
    """What Helm says of the release: revision 11 with that status, and more."""
    rest = (f',{{"revision":{n},"updated":"2026-01-03T00:00:00Z","status":"{one}"}}' for n, one in more)
    return HISTORY % (status, "".join(rest))


def met(value: str = "1") -> str:
    """What Prometheus answers."""
    return _MET % value


def _say(text: str) -> str:
    return f"printf '%s\\n' {shlex.quote(text)}"


def _to_output(text: str) -> str:
    return f'{_say(text)} >"$(after --output "$@")"'


def _sequence(glob: str, *texts: str) -> str:
    return f'nth "$(said {shlex.quote(glob)})" {" ".join(map(shlex.quote, texts))}'


Answer = tuple[str, str]
"""A pattern of a command line, and what the stand-in does then, in bash."""


def says(glob: str, *texts: str) -> Answer:
    """One text after the other; the last one from then on."""
    return glob, _sequence(glob, *texts)


def fails(glob: str, code: int = 1, text: str = "refused") -> Answer:
    """It fails, each time."""
    return glob, f"{_say(text)} >&2; exit {code}"


def hangs(glob: str, real_sleep: str) -> Answer:
    """It takes forever."""
    return glob, f"exec {real_sleep} 60"


def prometheus(*values: str) -> Answer:
    """One answer of Prometheus after the other."""
    glob = "curl *--data-urlencode query=*"
    return glob, f"{_sequence(glob, *map(met, values))}"


def usual(kubectl: str) -> list[Answer]:
    """What all stand-ins answer when everything goes well."""
    before, after, back = (
        _say(history("deployed")),
        _say(history("superseded", (12, "deployed"))),
        _say(history("superseded", (12, "superseded"), (13, "deployed"))),
    )
    history_now = (
        f"if (($(said 'helm * rollback *'))); then {back}; "
        f"elif (($(said 'helm * upgrade *'))); then {after}; else {before}; fi"
    )
    return [
        ("sleep *", ":"),
        says("vault kv get *", WEBHOOK),
        says("git * rev-parse *", COMMIT),
        ("git * status *", ":"),
        ("git * tag *", ":"),
        ("git * push *", ":"),
        ("aws eks *", ":"),
        says("kubectl config view *", "https://api.shop.example.com"),
        ("kubectl * get --raw=/readyz", "echo ok"),
        ("kubectl * get namespace *", "echo namespace/shop"),
        ("kubectl * get lease *", _HOLDER),
        ("kubectl * create --filename=*lease.json", ":"),
        ("kubectl * delete lease *", ":"),
        ("kubectl * wait *", ":"),
        ("helm version *", "echo v4.3.1"),
        ("helm * history *", history_now),
        ("crane digest *", f"echo {DIGEST}"),
        ("trivy image *", ":"),
        ("kubectl * delete *", ":"),
        ("kubectl * create job * --dry-run=client *", _say(json.dumps(_JOB))),
        ("kubectl * patch --local *", f'exec {kubectl} "$@"'),
        ("kubectl * create configmap *", f'exec {kubectl} --namespace=shop "${{@:3}}"'),
        ("kubectl * create *", ":"),
        ("kubectl * get job *", "echo SuccessCriteriaMet Complete"),
        ("kubectl * logs job/*", "echo '... backup 20260102T030405Z of shop is complete: 5 bytes'"),
        ("kubectl * get pod *", "echo Succeeded"),
        ("kubectl * logs pod/*", "echo 'Running upgrade 1a -> 2b'"),
        ("helm * dependency *", ":"),
        ("helm * upgrade *", ":"),
        ("helm * rollback *", ":"),
        ("kubectl * rollout status *", ":"),
        ("kubectl * get rollouts.argoproj.io api *", _rolling("api", CANARY)),
        ("kubectl * get rollouts.argoproj.io front *", _rolling("front", BLUE_GREEN)),
        ("kubectl * patch rollouts.argoproj.io *", ":"),
        says("kubectl * get pods *", "api-1 0 0\nfront-1 0 1 2\nworker-1 0"),
        prometheus("1"),
        ("curl *--write-out=*", f"{_to_output('welcome to the shop')}; echo -n 200"),
        ("curl *--config *", 'file="$(after --data-binary "$@")"; cat "${file#@}" >>"${stand}/messages"'),
        ("kubectl * apply *", ":"),
    ]  # fmt: skip


_HOLDER: Final = (
    'sed -n \'s/.*"holderIdentity": "\\(.*\\)", "acq.*/\\1/p\' "${stand}"/files/*lease.json | tail -n 1'
)
_JOB: Final = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "db-backup-restore"},
    "spec": {
        "template": {
            "spec": {
                "restartPolicy": "Never",
                "containers": [
                    {"name": "db-backup", "image": "b", "command": ["/opt/backup/backup-database.sh"]}
                ],
            }
        }
    },
}


def spec(**changes: Any) -> Spec:
    """A spec with all that a deployment may have: canary, blue-green, migrations, backups, objectives."""
    image = {"repository": "ghcr.io/example/shop", "tag": "1.2.3"}
    small = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}}
    web = {"type": "web", "image": image, "replicas": 2, "resources": small, "ports": {"http": 8080}}
    deployment = {
        "context": "shop-live",
        "server": "https://api.shop.example.com",
        "eks": {"name": "shop-live", "region": "eu-central-1"},
        "settle": "1s",
        "approval": {"by": "the shopkeeper"},
        "scan": {},
        "migrations": {
            "workload": "api",
            "check": ["alembic", "current"],
            "preview": ["alembic", "upgrade", "head", "--sql"],
            "run": ["alembic", "upgrade", "head"],
        },
        "smoke": {"start": {"route": "public", "path": "/shop", "contains": "welcome", "attempts": 2}},
        "watch": {"interval": "1s", "count": 2, "failures": 1},
        "prometheus": "https://prometheus.example.com",
        "notify": {"slack": {"vault": "deploy#slack"}},
        "tag": {"prefix": "deploy/live/"},
    }
    given = spec_of(
        vault={"server": "https://vault.example.com", "mount": "shop", "role": "shop"},
        settings={"db-login": {"secrets": {"password": {"vault": "db#password"}}}},
        datastores={
            "db": {
                "type": "postgresql",
                "provider": "external",
                "addresses": ["192.0.2.10"],
                "database": "shop",
                "credentials": "db-login",
            }
        },
        externals={"outside": {"networks": ["0.0.0.0/0"], "ports": [443]}},
        backups={
            "db-backup": {
                "datastore": "db",
                "schedule": "0 */6 * * *",
                "image": {"repository": "ghcr.io/example/postgresql-backup", "tag": "16.6"},
                "username": "postgres",
                "passwordKey": "password",
                "storage": {"bucket": "shop-backups"},
                "connects": ["outside"],
            }
        },
        workloads={
            "api": {
                **web,
                "strategy": "canary",
                "rollout": {"pause": "manual"},
                "connects": ["db"],
                "metrics": {"port": "http"},
            },
            "front": {**web, "strategy": "blue-green", "rollout": {"autoPromote": False, "analysis": []}},
            "worker": {
                "type": "worker",
                "image": image,
                "replicas": 1,
                "resources": small,
                "connects": ["db"],
            },
            "nightly": {
                "type": "cronjob",
                "schedule": "@daily",
                "image": image,
                "resources": small,
                "connects": ["db"],
            },
        },
        routes={
            "public": {
                "hosts": ["shop.example.com"],
                "paths": ["/shop"],
                "workload": "api",
                "port": "http",
                "tls": {"secret": "shop-tls"},
            }
        },
        slos={"api-errors": {"workload": "api", "objective": 99.9}},
        monitoring={"datasources": {"prometheus": {"type": "prometheus", "url": "http://prometheus:9090"}}},
    )
    given["deployment"] = deployment | changes
    return given


class Run(NamedTuple):
    """How a script ended, and what it said."""

    code: int
    output: str
    log: str


class World:
    """The rendered scripts, and the stand-ins that they find on PATH."""

    def __init__(self, folder: Path, kubectl: Path, given: Spec | None = None) -> None:
        self.folder = folder
        file = folder / "platform.yaml"
        file.write_text(as_json(given or spec()), encoding="utf-8")
        with warm():
            rendered = api.rendered(api.Request(spec=file, out=folder / "out"))
        assert rendered.artifacts is not None, rendered.findings
        assert not rendered.findings, rendered.findings
        self.tree = {path: artifact.text for path, artifact in rendered.artifacts.items()}
        for path, artifact in rendered.artifacts.items():
            if path.startswith(("scripts/", "helm/")):
                target = folder / "out" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(artifact.text, encoding="utf-8")
                target.chmod(0o755 if artifact.executable else 0o644)
        self.stand = folder / "stand"
        self.kubectl = kubectl
        self.reset()

    def reset(self) -> None:
        """Forget what was called."""
        shutil.rmtree(self.stand, ignore_errors=True)
        for path in ("bin", "files"):
            (self.stand / path).mkdir(parents=True)
        for program in PROGRAMS:
            (self.stand / "bin" / program).symlink_to(STAND_IN)
        for file in ("raw", "calls", "messages"):
            (self.stand / file).touch()
        self.work = self.folder / "work"
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()

    @property
    def calls(self) -> list[str]:
        """The command lines, in order, without what is different each time."""
        return [self._steady(line) for line in (self.stand / "calls").read_text("utf-8").splitlines()]

    @property
    def messages(self) -> str:
        """What Slack was told."""
        return self._steady((self.stand / "messages").read_text("utf-8"))

    def _steady(self, text: str) -> str:
        text = re.sub(rf"{re.escape(str(self.work))}/[a-z]+-[a-z]+\.sh\.\w+", "$SCRATCH", text)
        text = text.replace(f"{self.folder}/out", "$OUT")
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:?\d\d:?\d\d", "TIME", text)
        return re.sub(r"somebody@\S+ \(process \d+\)", "SOMEBODY", text)

    def called(self, glob: str) -> int:
        """How many of the calls have that in them."""
        return sum(re.search(glob, line) is not None for line in self.calls)

    def files(self, name: str) -> list[str]:
        """The files of a name that programs were given."""
        found = sorted(self.stand.glob(f"files/*-{name}"), key=lambda path: int(path.name.partition("-")[0]))
        return [path.read_text("utf-8") for path in found]

    def answers(self, *own: Answer) -> None:
        """Let the stand-ins answer so, and else as usual."""
        lines = []
        for glob, body in [*own, *usual(str(self.kubectl))]:
            lines.append(f"if [[ ${{raw}} == {_glob(glob)} ]]; then {body}; exit; fi\n")
        (self.stand / "answers").write_text("".join(lines), encoding="utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a script."""
        path = f"{self.stand / 'bin'}:{os.defpath}"
        return {
            "PATH": path,
            "HOME": str(self.folder),
            "TMPDIR": str(self.work),
            "USER": "somebody",
            "DEPLOY_POLL_SECONDS": "0",
            "VAULT_TOKEN": "token-of-vault",
            **more,
        }

    def run(self, script: str, *arguments: str, **environment: str) -> Run:
        """Run a script to its end."""
        done = subprocess.run(
            [str(self.folder / "out/scripts" / script), *arguments],
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=180,
        )
        return Run(done.returncode, self._steady(done.stdout), self._steady(done.stderr))

    def deploy(self, *own: Answer, options: Sequence[str] = ("--approve", "Ann"), **environment: str) -> Run:
        """Deploy, with stand-ins that answer so."""
        self.reset()
        self.answers(*own)
        return self.run(DEPLOY, *options, **environment)

    def roll_back(self, *own: Answer, options: Sequence[str] = ("--yes",), **environment: str) -> Run:
        """Take back, with stand-ins that answer so."""
        self.reset()
        self.answers(*own)
        return self.run(ROLLBACK, *options, **environment)

    def stopped(self, script: str, *options: str, when: str, own: Sequence[Answer], with_: int) -> Run:
        """Run a script, and send it a signal as soon as a call like ``when`` was made."""
        self.reset()
        self.answers(*own)
        process = subprocess.Popen(
            [str(self.folder / "out/scripts" / script), *options],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        end = time.monotonic() + 120
        while not self.called(when):
            assert process.poll() is None and time.monotonic() < end, self.calls
            time.sleep(0.02)
        time.sleep(0.1)
        process.send_signal(with_)
        output, log = process.communicate(timeout=120)
        return Run(process.returncode, self._steady(output), self._steady(log))

    def leftovers(self) -> list[str]:
        """What lies about in the folder for temporary files."""
        return [path.name for path in self.work.iterdir()]

    @property
    def locked(self) -> int:
        """How many locks were taken, by the log, and not let go of."""
        taken = self.called(r"^crane ") or self.called(r"^helm .* history ")
        return bool(taken) - self.called(r"^kubectl .* delete lease shop-deployment")


def _glob(pattern: str) -> str:
    """As a pattern of bash: stars as they are, all else as text."""
    return "*".join(shlex.quote(part) if part else "" for part in pattern.split("*"))


def left_behind(world: World) -> Mapping[str, Any]:
    """What a run has done to the cluster, by what was called."""
    return {
        "schema": "changed"
        if world.called("create --filename.*pod.json") and _migrated(world)
        else "untouched",
        "upgraded": bool(world.called(r"^helm .* upgrade ")),
        "rolled back": bool(world.called(r"^helm .* rollback ")),
        "locked": bool(world.locked),
        "told": "FAILED" in world.messages,
    }


def _migrated(world: World) -> bool:
    return any('"shop-schema-migration"' in text for text in world.files("pod.json"))


_MISSING: Final = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "reason": "NotFound",
    "code": 404,
}


@contextmanager
def api_of(objects: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    """The address of a stand-in for the API server that knows only these objects, by their resources.

    It lets the real kubectl show what it makes of them.
    """
    pages: dict[str, Any] = {"/api": {"kind": "APIVersions", "versions": ["v1"]}}
    groups: dict[str, list[dict[str, Any]]] = {"v1": []}
    for resource, one in objects:
        version, kind = one["apiVersion"], one["kind"].removesuffix("List")
        groups.setdefault(version, []).append(
            {
                "name": resource,
                "singularName": kind.lower(),
                "namespaced": True,
                "kind": kind,
                "verbs": ["get", "list"],
            }
        )
        root = "/api" if version == "v1" else "/apis"
        path = f"{root}/{version}/namespaces/shop/{resource}"
        pages[path if one["kind"] != kind else f"{path}/{one['metadata']['name']}"] = one
    for version, resources in groups.items():
        root = "/api" if version == "v1" else "/apis"
        pages[f"{root}/{version}"] = {
            "kind": "APIResourceList",
            "groupVersion": version,
            "resources": resources,
        }
    versions = [{"groupVersion": one, "version": one.rpartition("/")[2]} for one in groups if one != "v1"]
    pages["/apis"] = {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [
            {"name": one["groupVersion"].partition("/")[0], "versions": [one], "preferredVersion": one}
            for one in versions
        ],
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            body = json.dumps(_MISSING if page is None else page).encode()
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
