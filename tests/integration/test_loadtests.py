"""Generated load tests, run by k6 and Locust themselves against a real server: passing, failing, hostile."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifestgen.pipeline import load
from manifestgen.resolving import ResolvedPlatform
from support.loadtests import (
    BROKEN,
    FOLDER,
    TOOLS,
    Tool,
    answers_of,
    load_tests_of,
    programs_of,
    run,
    shortened,
)
from support.site import Site, serving
from support.specs import spec_of

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "out" / FOLDER
SECRETS = {
    "LOAD_TEST_USERNAME": "analyst",
    "LOAD_TEST_PASSWORD": "correct horse & 'battery' \"%+\"",
    "LOAD_TEST_ADMIN_TOKEN": "of-the-administrator",
}
SHORT = ({"users": 6, "ramp_seconds": 0, "hold_seconds": 3},)


@pytest.fixture(scope="module")
def staging() -> ResolvedPlatform:
    return load(ROOT / "specs/platform.yaml").environments["staging"]


@pytest.fixture
def api(staging: ResolvedPlatform) -> Iterator[Site]:
    """The API of Corporate Intel, as far as its load tests see it."""
    with serving(answers_of(staging)) as site:
        fields = {"username": SECRETS["LOAD_TEST_USERNAME"], "password": SECRETS["LOAD_TEST_PASSWORD"]}
        site.sign_ins = {"/api/v1/auth/token": fields}
        site.tokens = {SECRETS["LOAD_TEST_ADMIN_TOKEN"]}
        yield site


# --- Corporate Intel ---------------------------------------------------------------------------------


def test_corporate_intel_has_the_classes_and_the_stages_that_its_report_lists(tool: Tool) -> None:
    classes = {"CorporateIntelUser", "AdminUser", "APIStressTest", "SpikeTest", "SoakTest"}
    source = (SHIPPED / "locustfile.py").read_text("utf-8")
    assert set(re.findall(r"^class (\w+)\(_User\)", source, re.MULTILINE)) == classes
    assert len(re.findall(r"^@tag", source, re.MULTILINE)) >= 15
    command = [tool("locust"), "-f", SHIPPED / "locustfile.py", "--list"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}  # out/ is the repository's
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert classes <= set((listed.stdout + listed.stderr).split())
    production = json.loads((SHIPPED / "environments.json").read_text("utf-8"))["production"]
    stages = [sum(stage["users"].values()) for stage in production["profiles"]["load"]["stages"]]
    assert stages == [50, 100, 200, 0]
    limits = {
        one.get("percentile", "failures"): one.get("most_ms", one.get("most"))
        for one in production["thresholds"]
    }
    assert limits == {95: 500, 99: 1000, "failures": 0.001}


@pytest.mark.parametrize("profile", ["load", "smoke", "stress", "spike", "soak"])
def test_k6_reads_every_profile_as_it_is_shipped(profile: str, tool: Tool) -> None:
    command = [
        tool("k6"),
        "inspect",
        "-e",
        "TARGET=staging",
        "-e",
        f"PROFILE={profile}",
        SHIPPED / "k6-script.js",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=SECRETS)
    target = json.loads((SHIPPED / "environments.json").read_text("utf-8"))["staging"]
    stages = target["profiles"][profile]["stages"]
    scenarios = json.loads(said.stdout)["scenarios"]
    assert scenarios.keys() == stages[0]["users"].keys()
    for name, scenario in scenarios.items():
        peak = max(stage["target"] for stage in scenario["stages"])
        assert peak == max(stage["users"][name] for stage in stages)
        assert _seconds(scenario) == sum(one["ramp_seconds"] + one["hold_seconds"] for one in stages)


def _seconds(scenario: dict[str, Any]) -> float:
    units = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
    durations = [re.findall(r"([\d.]+)(ms|h|m|s)", stage["duration"]) for stage in scenario["stages"]]
    return round(sum(float(count) * units[unit] for one in durations for count, unit in one), 6)


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_a_run_against_a_good_api_passes_and_asks_for_everything(
    name: str, tool: Tool, api: Site, staging: ResolvedPlatform, tmp_path: Path
) -> None:
    folder = shortened(SHIPPED, tmp_path, {"users": 12, "ramp_seconds": 1, "hold_seconds": 7})
    done = run(tool, name, folder, api.url, "TARGET=staging", "PROFILE=smoke", secrets=SECRETS)
    assert done.code == 0, done.said
    assert "BROKEN" not in done.said
    asked = {(one.method, one.path) for one in api.asked}
    assert ("POST", "/api/v1/auth/token") in asked
    tasks = load_tests_of(staging).tasks
    seen = {
        name
        for name, task in tasks.items()
        for _, r in task.requests
        if _is_asked(r.method, r.path or "", asked)
    }
    assert len(seen) >= 0.8 * len(tasks), seen  # which tasks there are is by chance
    tokens = {one.headers.get("Authorization") for one in api.asked if one.path != "/api/v1/auth/token"}
    assert tokens == {f"Bearer {token}" for token in api.tokens}
    assert not any(secret in done.said for secret in SECRETS.values())


def _is_asked(method: str, path: str, asked: set[tuple[str, str]]) -> bool:
    pattern = re.compile(re.sub(r"\\\{[a-z0-9-]+\\\}", "[^/]+", re.escape(path)))
    return any(method == one and pattern.fullmatch(other) for one, other in asked)


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("trouble", ["slow", "failing"])
def test_a_broken_threshold_ends_a_run_with_the_exit_code_of_the_tool(
    trouble: str, name: str, tool: Tool, api: Site, tmp_path: Path
) -> None:
    if trouble == "slow":
        api.slow = 0.4  # staging wants 95 of 100 within 300 ms, 99 within 1 s
    else:
        api.failing = True
    folder = shortened(SHIPPED, tmp_path, *SHORT)
    done = run(tool, name, folder, api.url, "TARGET=staging", "PROFILE=load", secrets=SECRETS)
    assert done.code == BROKEN[name], done.said
    broken = "\n".join(line for line in done.said.splitlines() if line.startswith("BROKEN"))
    held = "\n".join(line for line in done.said.splitlines() if line.startswith("ok "))
    durations, failures = r"p\(?95", r"rate<=0\.01|failed requests"
    assert re.search(durations if trouble == "slow" else failures, broken), done.said
    assert re.search(failures if trouble == "slow" else durations, held), done.said


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_a_run_that_fails_too_often_ends_before_its_time(
    name: str, tool: Tool, api: Site, tmp_path: Path
) -> None:
    api.failing = True
    folder = shortened(SHIPPED, tmp_path, {"users": 3, "ramp_seconds": 0, "hold_seconds": 300})
    file = folder / "environments.json"
    file.write_text(
        file.read_text("utf-8").replace('"after_seconds": 60', '"after_seconds": 2'), encoding="utf-8"
    )
    done = run(tool, name, folder, api.url, "TARGET=staging", "PROFILE=load", secrets=SECRETS)
    assert done.code == BROKEN[name], done.said


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize(
    ("chosen", "secrets", "said"),
    [
        ((), SECRETS, r"staging, production"),
        (("TARGET=production", "PROFILE=stress"), SECRETS, r"stress.*one of load, smoke, soak"),
        (("TARGET=staging",), {}, r"LOAD_TEST_USERNAME is not set"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_sent(
    chosen: tuple[str, ...],
    secrets: dict[str, str],
    said: str,
    name: str,
    tool: Tool,
    api: Site,
    tmp_path: Path,
) -> None:
    done = run(tool, name, shortened(SHIPPED, tmp_path, *SHORT), api.url, *chosen, secrets=secrets)
    assert done.code not in (0, BROKEN["k6"]), done.said
    assert re.search(said, done.said), done.said
    assert not api.asked


@pytest.mark.slow
def test_several_processes_of_locust_count_together(tool: Tool, api: Site, tmp_path: Path) -> None:
    api.slow = 0.05
    folder = shortened(SHIPPED, tmp_path, *SHORT)
    file = folder / "environments.json"
    file.write_text(
        file.read_text("utf-8").replace('"slow_seconds": 1,', '"slow_seconds": 0.01,'), encoding="utf-8"
    )
    command = [tool("locust"), "-f", "locustfile.py", "--headless", "--processes", "2", "--only-summary"]
    command += ["--target", "staging", "--profile", "load", "--host", api.url]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **SECRETS},
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    total = re.search(r"^ *(\d+) +0\.00% +([\d.]+)%  All requests$", done.stdout, re.MULTILINE)
    assert total is not None, done.stdout
    assert int(total[1]) > 6
    assert float(total[2]) == pytest.approx(100, abs=15)  # slow ones of the workers


# --- The report of k6 --------------------------------------------------------------------------------


class Page(HTMLParser):
    """The cells of the tables, what is fetched, and whether each element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.fetched: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for key, value in attrs if key in ("src", "href", "srcset", "action")]
        if tag in ("script", "link", "img", "iframe"):
            self.fetched.append(tag)
        if tag != "meta":
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._open and self._open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


@pytest.mark.slow
def test_the_page_of_k6_needs_nothing_from_elsewhere_and_says_what_the_run_said(
    tool: Tool, api: Site, tmp_path: Path
) -> None:
    api.slow = 0.4
    folder = shortened(SHIPPED, tmp_path, *SHORT)
    done = run(tool, "k6", folder, api.url, "TARGET=staging", "PROFILE=smoke", secrets=SECRETS)
    assert done.code == BROKEN["k6"], done.said
    source = (folder / "k6-summary.html").read_text("utf-8")
    page = Page(source)
    assert not page.fetched
    assert not re.search(r"@import|url\(", source)
    assert "Thresholds were broken." in page.text
    verdicts = {row[1]: row[3] for row in page.rows if len(row) == 4}
    assert verdicts["p(95)<=300"] == "broken"
    assert verdicts["p(99)<=1000"] == "held"
    groups = {row[0]: int(row[1]) for row in page.rows if len(row) == 8 and row[0] != "group"}
    names = {"Dashboard", "Organizations", "Analytics", "Search", "Reports", "Administration", "Sign in"}
    assert groups.keys() == names | {"All requests"}
    assert sum(groups[one] for one in names) == groups["All requests"] == len(api.asked)
    summary = json.loads((folder / "k6-summary.json").read_text("utf-8"))
    assert summary["metrics"]["http_reqs"]["values"]["count"] == len(api.asked)


# --- Hostile texts -----------------------------------------------------------------------------------

HOSTILE = [
    "$(touch x)",
    "`touch x`",
    "${1 + 1}",
    "a'b",
    'a"b',
    '"""',
    "'''",
    "*/ x /*",
    "\\",
    "ends with \\",
    "\\n",
    "{x}",
    "{{ x }}",
    "{% raw %}",
    "__proto__",
    "constructor",
    "</td><script>alert(1)</script>",
    "-->",
    "a&b=c;d",
    "100%",
    "%s %d %(name)s",
    "# no comment",
    "// no comment",
    "日本語 😀",
    "None",
    " spaces ",
]
IN_BODIES = [*HOSTILE, "two\nlines", "tab\there", "line\u2028separator", ""]


_TAKEN = (
    "class",
    "list",
    "json",
    "locust",
    "tag",
    "judge",
    "chosen",
    "user",
    "measured",
    "constructor",
    "http",
)
"""Names of tasks that mean something else in one of the programs."""


def _hostile_spec() -> dict[str, Any]:
    """Each hostile text wherever a user may write one, in one batch: all of it is sent at once."""
    batch: dict[str, Any] = {
        f"request-{index}": {
            "method": "POST",
            "path": f"/texts/{index}/{{value}}",
            "parameters": {"value": [text]},
            "query": {text: [text, text]},
            "body": {"text": text, "texts": [IN_BODIES[index]]},
            "status": [201],
        }
        for index, text in enumerate(HOSTILE)
    }
    odd = [text for text in IN_BODIES if text not in HOSTILE]
    batch["odd"] = {
        "method": "PUT",
        "path": "/odd",
        "body": {"texts": odd, "number": 9007199254740993, "": None},
    }
    groups = {
        f"task-{index}": {"group": text, "description": f"{text}\n{text}", "path": "/plain"}
        for index, text in enumerate(HOSTILE)
    }
    groups |= {name: {"group": "Taken", "path": f"/taken/{name}"} for name in _TAKEN}
    tasks = {"import": {"group": "All", "batch": batch, "description": "\n".join(HOSTILE)}, **groups}
    return spec_of(
        workloads={
            "front": {
                "type": "web",
                "image": {"repository": "example.com/front", "tag": "1.0.0"},
                "ports": {"http": 8080},
                "probes": {"readiness": {"http": {"path": "/", "port": "http"}}},
                "services": {"main": {"ports": {"http": 80}}},
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
                "replicas": 2,
            }
        },
        routes={"public": {"hosts": ["shop.example.com"], "workload": "front", "port": "http"}},
        loadTests={
            "route": "public",
            "logins": {
                "someone": {
                    "signIn": {
                        "path": "/sign-in",
                        "fields": dict.fromkeys(HOSTILE, "SECRET"),
                        "token": "data.token",
                    }
                }
            },
            "users": {
                **{
                    name: {"tasks": dict.fromkeys(_TAKEN, 1), "wait": {"min": "1s", "max": "1s"}}
                    for name in ("Counter", "FastHttpUser", "TARGETS", "LOGINS", "Profile", "URL", "GROUPS")
                },
                "Hostile": {
                    "description": "\n".join(HOSTILE),
                    "login": "someone",
                    "wait": {"min": "100ms", "max": "100ms"},
                    "tasks": {"import": 1000, **dict.fromkeys(groups, 1)},
                },
            },
            "tasks": tasks,
            "profiles": {"all": {"description": HOSTILE[0], "stages": [{"users": 24, "hold": "4s"}]}},
        },
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_a_hostile_text_arrives_as_that_text(name: str, tool: Tool, tmp_path: Path) -> None:
    folder = programs_of(_hostile_spec(), tmp_path)
    answers = {("POST", f"/texts/{index}/{{value}}"): 201 for index in range(len(HOSTILE))}
    with serving(
        {**answers, ("PUT", "/odd"): 200, ("GET", "/plain"): 200, ("GET", "/taken/{name}"): 200}
    ) as site:
        secret = "se'cr\"et $(touch x) `touch x` \\ %"
        site.sign_ins = {"/sign-in": dict.fromkeys(HOSTILE, secret)}
        done = run(tool, name, folder, site.url, secrets={"SECRET": secret})
        assert done.code == 0, done.said
        arrived = {one.path: one for one in site.asked}
    for index, text in enumerate(HOSTILE):
        one = arrived[f"/texts/{index}/{text}"]
        assert one.query == ((text, text),)
        assert json.loads(one.body) == {"text": text, "texts": [IN_BODIES[index]]}
    odd = [text for text in IN_BODIES if text not in HOSTILE]
    assert json.loads(arrived["/odd"].body) == {"texts": odd, "number": 9007199254740993, "": None}
    assert not list(folder.glob("x"))
    if name == "k6":
        rows = Page((folder / "k6-summary.html").read_text("utf-8")).rows
        assert set(HOSTILE) <= {row[0] for row in rows}


def test_the_programs_of_a_hostile_spec_are_clean(tool: Tool, tmp_path: Path) -> None:
    folder = programs_of(_hostile_spec(), tmp_path)
    _clean(folder, tool)


# --- All specs ---------------------------------------------------------------------------------------


def _clean(folder: Path, tool: Tool) -> None:
    """Python compiles and has nothing that ruff would say; k6 reads the other for every profile."""
    program = folder / "locustfile.py"
    compile(program.read_text("utf-8"), program.name, "exec")
    rules = "A,ARG,B,C4,E4,E7,E9,F,I,N,PIE,PTH,RET,RUF,SIM,UP,W"
    allowed = (
        "ARG001,RUF001,RUF003,RUF012"  # look-alike letters are texts of the spec; Locust wants plain lists
    )
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        rules,
        "--ignore",
        allowed,
        program,
    ]
    said = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout
    for target, settings in json.loads((folder / "environments.json").read_text("utf-8")).items():
        for profile in settings["profiles"]:
            variables = [f"TARGET={target}", f"PROFILE={profile}"]
            words = [word for one in variables for word in ("-e", one)]
            command = [tool("k6"), "inspect", *words, folder / "k6-script.js"]
            done = subprocess.run(
                [*map(str, command)], capture_output=True, text=True, check=False, env=_ALL_SECRETS
            )
            assert done.returncode == 0, done.stderr


_ALL_SECRETS = {**SECRETS, "SECRET": "x", "EVERYTHING_TOKEN": "x", "EVERYTHING_USER": "x"}


def test_the_shipped_programs_are_clean(tool: Tool) -> None:
    _clean(SHIPPED, tool)


def test_the_programs_of_a_spec_with_every_option_are_clean(tool: Tool, tmp_path: Path) -> None:
    spec = yaml.safe_load((ROOT / "tests/specs/everything.yaml").read_text("utf-8"))
    _clean(programs_of(spec, tmp_path), tool)
