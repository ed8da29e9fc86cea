"""A repository as CI has it, and its jobs, run: bash, git and manifestgen are real.

What GitHub and GitLab would do themselves (check out, fill expressions in, decide which jobs run) is done
here in their place, as far as our pipelines use it. Programs that would need a cluster, a registry or GitHub
are stand-ins, which write down how they are called.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from manifestgen import api
from support import yaml11
from support.deployments import PROGRAMS, STAND_IN, Answer, _glob, usual
from support.deployments import spec as deployed
from support.specs import Spec, as_json

MANIFESTGEN: Final = Path(sys.executable).with_name("manifestgen")
GIT: Final = shutil.which("git") or "/usr/bin/git"
KUBECONFIG: Final = "apiVersion: v1\nkind: Config"
_STANDING_IN: Final = (*(one for one in PROGRAMS if one != "git"), "gh", "k6", "python3")
KEEP_BODY: Final = (
    'for one in "$@"; do [[ $one =~ ^body=?@ ]] && cp "${one#*@}" "${stand}/files/comment"; done; :'
)
"""The stand-in keeps what it is told to say."""
_EXPRESSION: Final = re.compile(r"\$\{\{\s*('(?:[^']|'')*'|[^}]*?)\s*\}\}")
_AUTHOR: Final = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.com"}
_COMMITTER: Final = {"GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.com"}


def spec(**changes: Any) -> Spec:
    """A shop whose staging follows the branch, and whose live environment follows tags."""
    given = deployed()
    given["ci"] = {
        "github": {},
        "gitlab": {"image": f"registry.example.com/tools@sha256:{'0' * 64}"},
        "install": {"version": "1.4.0"},
        "scan": {},
        **changes,
    }
    role = "arn:aws:iam::111122223333:role/shop-{}-deploy"
    given["loadTests"] = {
        "route": "public",
        "logins": {"clerk": {"token": "SHOP_TOKEN"}},
        "users": {"Visitor": {"login": "clerk", "tasks": {"look": 1}}},
        "tasks": {"look": {"group": "Shop", "path": "/shop"}},
        "profiles": {"smoke": {"stages": [{"users": 1, "hold": "90s"}]}},
    }
    staging = {"trigger": "branch", "role": role.format("staging"), "loadTest": "smoke"}
    given["environments"] = {
        "staging": {
            "namespace": "shop-staging",
            "deployment": {"approval": None, "tag": {"prefix": "deploy/staging/"}},
            "workloads": {name: {"strategy": "rolling", "rollout": None} for name in ("api", "front")},
            "ci": staging,
        },
        "live": {"namespace": "shop", "ci": {"trigger": "tag", "role": role.format("live")}},
    }
    return given


class Ended(NamedTuple):
    """How a job or a step ended."""

    code: int
    log: str


@dataclass
class Event:
    """What starts a workflow."""

    name: str
    ref: str = "main"
    ref_type: str = "branch"
    inputs: Mapping[str, str] = field(default_factory=dict)
    fork: bool = False

    def context(self, temp: Path) -> dict[str, str]:
        """What expressions may ask for."""
        secrets = ("DEPLOY_SLACK_WEBHOOK", "SHOP_TOKEN")
        return {
            "github.event_name": self.name,
            "github.ref_type": self.ref_type,
            "github.ref_name": self.ref,
            "github.repository": "team/shop",
            "github.token": "token-of-github",
            "github.triggering_actor": "ann",
            "github.event.pull_request.number": "17",
            "github.event.pull_request.head.repo.full_name": "other/shop" if self.fork else "team/shop",
            "runner.temp": str(temp),
            **{f"secrets.{name}": f"https://secret.example.com/{name}" for name in secrets},
            "secrets.SHOP_KUBECONFIG": KUBECONFIG,
            **{f"inputs.{name}": self.inputs.get(name, "") for name in ("action", "environment", "revision")},
        }


PULL_REQUEST: Final = Event("pull_request")
PUSH: Final = Event("push")
TAG: Final = Event("push", "v1.0.0", "tag")


def by_hand(action: str, environment: str, revision: str = "") -> Event:
    """Somebody starts the workflow."""
    inputs = {"action": action, "environment": environment, "revision": revision}
    return Event("workflow_dispatch", inputs=inputs)


def filled(text: str, context: Mapping[str, str]) -> str:
    """A text with its expressions filled in; one that nobody knows is an error."""

    def value(match: re.Match[str]) -> str:
        inner = match[1]
        return inner[1:-1].replace("''", "'") if inner.startswith("'") else context[inner]

    return _EXPRESSION.sub(value, text)


def holds(condition: str, context: Mapping[str, str], *, failed: bool = False) -> bool:
    """Whether a condition holds; it is one of comparisons, and of what has become of the job so far."""
    text = condition.strip().removeprefix("${{").removesuffix("}}")
    text = text.replace("!cancelled()", "True").replace("!failure()", str(not failed))
    text = text.replace("&&", " and ").replace("||", " or ").replace("\n", " ")
    names = sorted((name for name in context if name in text), key=len, reverse=True)
    for name in names:
        text = re.sub(rf"(?<![\w.'-]){re.escape(name)}(?![\w.-])", repr(context[name]), text)
    return bool(eval(text, {"__builtins__": {}}))  # what is left are literals


def jobs_that_run(workflow: Mapping[str, Any], event: Event) -> list[str]:
    """The jobs that an event starts, when all goes well: one whose needs are left out is left out, too."""
    context = event.context(Path("/tmp"))
    running: list[str] = []
    for name, job in workflow["jobs"].items():
        condition = job.get("if", "!cancelled()")
        wanted = holds(condition, context)
        waits_for_all = "failure()" not in condition
        if wanted and (not waits_for_all or set(job.get("needs", ())) <= set(running)):
            running.append(name)
    return running


class Repository:
    """A repository with a spec, its output and its workflow; each job gets a copy of its own."""

    def __init__(self, folder: Path, kubectl: Path, given: Spec | None = None) -> None:
        self.folder, self.kubectl = folder, kubectl
        self.work = folder / "work"
        self.origin = folder / "origin.git"
        self.temp, self.stand = folder / "temp", folder / "stand"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin), at=folder)
        self.git("init", "--quiet", "--initial-branch=main", str(self.work), at=folder)
        self.git("remote", "add", "origin", str(self.origin))
        self.write(given or spec())
        self.render()
        self.commit("The shop")
        self.push("main")
        self.forget()

    def git(self, *words: str, at: Path | None = None) -> str:
        """What the real git says."""
        done = subprocess.run(
            [GIT, *words],
            cwd=at or self.work,
            env={**self._bare, **_AUTHOR, **_COMMITTER},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def _bare(self) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"}

    def write(self, given: Spec) -> None:
        """Write the spec."""
        file = self.work / "specs/platform.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(as_json(given), encoding="utf-8")

    def render(self) -> None:
        """Render it, and put the workflow where GitHub looks for it."""
        out = self.work / "out"
        result = api.render(self.work / "specs/platform.yaml", out=out)
        assert result.ok, result.findings
        workflows = self.work / ".github/workflows"
        workflows.mkdir(parents=True, exist_ok=True)
        shutil.copy(out / ".github/workflows/deploy.yml", workflows)

    def commit(self, message: str) -> str:
        """Commit all there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def push(self, *references: str) -> None:
        """Give it to GitHub."""
        self.git("push", "--quiet", "origin", *references)

    def branch(self, name: str) -> None:
        """Begin a pull request."""
        self.git("checkout", "--quiet", "-B", name, "main")

    def forget(self) -> None:
        """Forget what was called."""
        for folder in (self.stand, self.temp):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in (self.stand / "bin", self.stand / "files", self.temp / "tmp"):
            folder.mkdir(parents=True)
        for program in _STANDING_IN:
            (self.stand / "bin" / program).symlink_to(STAND_IN)
        for file in ("raw", "calls", "messages", "path", "summary"):
            (self.stand / file).touch()

    def answers(self, *own: Answer) -> None:
        """Let the stand-ins answer so, and else as usual."""
        pip = f'printf "#!/bin/sh\\necho pip \\"\\$@\\" >>{self.stand}/calls\\n" >"$3/bin/pip"'
        lines = [
            f"if [[ ${{raw}} == {_glob(glob)} ]]; then {body}; exit; fi\n"
            for glob, body in [
                *own,
                (
                    "python3 -m venv *",
                    f'mkdir -p "$3/bin"; {pip}; chmod +x "$3/bin/pip"; ln -s {MANIFESTGEN} "$3/bin"',
                ),
                ("python3 -c *", f'exec {sys.executable} "$@"'),
                ("gh api --paginate *", ":"),
                (
                    "gh api --silent *",
                    KEEP_BODY,
                ),
                ("gh release view *", "exit 1"),
                ("gh release create *", 'cp "$(after --notes-file "$@")" "${stand}/files/notes"'),
                ("k6 run *", ":"),
                ("trivy config *", ":"),
                ("trivy filesystem *", ":"),
                *usual(str(self.kubectl)),
            ]
        ]
        (self.stand / "answers").write_text("".join(lines), encoding="utf-8")

    @property
    def calls(self) -> list[str]:
        """The command lines, in order."""
        return (self.stand / "calls").read_text("utf-8").splitlines()

    def called(self, pattern: str) -> list[str]:
        """The calls that have that in them."""
        return [line for line in self.calls if re.search(pattern, line)]

    def file(self, name: str) -> str:
        """What a stand-in kept."""
        return (self.stand / name).read_text("utf-8")

    def workflow(self) -> Any:
        """The workflow, read."""
        return yaml11.read((self.work / ".github/workflows/deploy.yml").read_text("utf-8"))

    def pipeline(self) -> Any:
        """The pipeline of GitLab, read."""
        return yaml11.read((self.work / "out/.gitlab-ci.yml").read_text("utf-8"))

    def checked_out(self, event: Event) -> Path:
        """A copy as the job has it; of a pull request, what it would be once merged."""
        copy = self.temp / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        self.git("clone", "--quiet", str(self.origin), str(copy), at=self.folder)
        if event.name == "pull_request":
            self.git("fetch", "--quiet", str(self.work), "HEAD", at=copy)
            self.git("merge", "--quiet", "--no-ff", "--message", "Merge", "FETCH_HEAD", at=copy)
        else:
            self.git("checkout", "--quiet", event.ref, at=copy)
        return copy

    def run(self, job: str, event: Event, *own: Answer) -> Ended:
        """Run a job of the workflow to its end, with stand-ins that answer so."""
        self.forget()
        self.answers(*own)
        copy, context = self.checked_out(event), event.context(self.temp)
        log, code = "", 0
        for step in self.workflow()["jobs"][job]["steps"]:
            condition = step.get("if")
            if (code != 0 and condition is None) or (condition and not holds(condition, context)):
                continue
            if "uses" in step:
                self._note(step["uses"], step.get("with", {}), context)
                continue
            ended = self.step(step, context, copy)
            log += f"--- {step['name']}\n{ended.log}"
            code = code or ended.code
        return Ended(code, log)

    def _note(self, action: str, given: Mapping[str, Any], context: Mapping[str, str]) -> None:
        words = [f"{key}={filled(str(value), context)}" for key, value in given.items()]
        with (self.stand / "calls").open("a", encoding="utf-8") as calls:
            calls.write(" ".join(["uses", action, *words]) + "\n")

    def step(self, step: Mapping[str, Any], context: Mapping[str, str], copy: Path) -> Ended:
        """Run one step as GitHub does: its text in a file for bash, its environment filled in."""
        added = reversed(self.file("path").split())
        own = {key: filled(str(value), context) for key, value in step.get("env", {}).items()}
        return self.bash(
            filled(step["run"], context),
            copy,
            {
                "PATH": ":".join([*added, str(self.stand / "bin"), os.defpath]),
                "RUNNER_TEMP": str(self.temp),
                "GITHUB_PATH": str(self.stand / "path"),
                "GITHUB_STEP_SUMMARY": str(self.stand / "summary"),
                "GITHUB_REPOSITORY": context["github.repository"],
                **own,
            },
        )

    def bash(self, text: str, copy: Path, environment: Mapping[str, str]) -> Ended:
        """Run a text in a copy of the repository."""
        script = self.temp / "script.sh"
        script.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=copy,
            env={
                **self._bare,
                "USER": "runner",
                "TMPDIR": str(self.temp / "tmp"),
                "DEPLOY_POLL_SECONDS": "0",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Ended(done.returncode, done.stdout + done.stderr)

    def run_on_gitlab(
        self, job: str, event: Event, variables: Mapping[str, str], own: Sequence[Answer] = ()
    ) -> Ended:
        """Run a job of GitLab's pipeline to its end: its commands one after the other in one shell."""
        self.forget()
        self.answers(*own)
        copy, pipeline = self.checked_out(event), self.pipeline()
        commands = [*pipeline["default"]["before_script"], *pipeline[job]["script"]]
        return self.bash(
            "\n".join(commands),
            copy,
            {
                "PATH": f"{self.stand / 'bin'}:{os.defpath}",
                **{key: str(value) for key, value in pipeline[job].get("variables", {}).items()},
                **variables,
            },
        )
