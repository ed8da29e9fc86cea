"""Load tests as a user runs them: the generated programs, k6 and Locust themselves, a server on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.loadtests import LoadTests
from support.rendering import rendered

FOLDER: Final = "tests/performance"
TOOLS: Final = ("k6", "locust")
BROKEN: Final = {"k6": 99, "locust": 1}
"""Exit codes where a threshold was broken."""
_LONGEST: Final = 120

Tool = Callable[[str], Path]


class Run(NamedTuple):
    """What a run left: its exit code, what it printed, and the folder that it ran in."""

    code: int
    said: str
    folder: Path


def programs_of(spec: Mapping[str, Any], folder: Path) -> Path:
    """The generated files of a spec, written into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    result = rendered(spec, folder)
    assert not result.findings, result.findings
    for path, artifact in result.artifacts.items():
        if path.startswith(f"{FOLDER}/"):
            (folder / Path(path).name).write_text(artifact.text, encoding="utf-8")
    return folder


def shortened(source: Path, folder: Path, *stages: Mapping[str, Any]) -> Path:
    """A copy of generated programs whose profiles take seconds; all else is as it is generated.

    ``stages`` replace those of each profile: their number of users is that of each class.
    """
    shutil.copytree(source, folder, dirs_exist_ok=True)
    file = folder / "environments.json"
    targets = json.loads(file.read_text("utf-8"))
    for target in targets.values():
        for profile in target["profiles"].values():
            classes = profile["stages"][0]["users"]
            profile["stages"] = [
                {**stage, "users": dict.fromkeys(classes, stage["users"])} for stage in stages
            ]
    file.write_text(json.dumps(targets), encoding="utf-8")
    return folder


def run(
    tool: Tool, name: str, folder: Path, address: str, *more: str, secrets: Mapping[str, str] = {}
) -> Run:
    """Run the program of a tool against ``address``; ``more`` are TARGET=… and PROFILE=…."""
    variables = dict(one.split("=", 1) for one in more)
    commands = {
        "k6": [
            *(tool("k6"), "run", "--quiet", "--no-color", "--no-usage-report"),
            *(word for one in [*more, f"BASE_URL={address}"] for word in ("-e", one)),
            "k6-script.js",
        ],
        "locust": [
            *(tool("locust"), "-f", "locustfile.py", "--headless", "--only-summary"),
            *(word for key, value in variables.items() for word in (f"--{key.lower()}", value)),
            *("--host", address, "--html", "locust-report.html", "--loglevel", "WARNING"),
        ],
    }
    return _done(commands[name], folder, secrets)


def _done(command: Sequence[str | Path], folder: Path, secrets: Mapping[str, str]) -> Run:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", **secrets}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr, folder)


def answers_of(platform: ResolvedPlatform) -> dict[tuple[str, str], int]:
    """What a server answers that has all that the tasks ask for: the first good status of each."""
    return {
        (request.method, request.path or ""): request.status[0]
        for task in load_tests_of(platform).tasks.values()
        for _, request in task.requests
    }


def load_tests_of(platform: ResolvedPlatform) -> LoadTests:
    """The load tests of a platform that has some."""
    tests = platform.spec.load_tests
    assert isinstance(tests, LoadTests)
    return tests
