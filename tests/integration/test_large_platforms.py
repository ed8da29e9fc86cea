"""A second process makes the chart meanwhile: the files are those that one process makes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from manifestgen.targets.aside import Aside, Jobs

ROOT = Path(__file__).parents[2]
WORKLOADS = 40


def run(*arguments: str | Path, prelude: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import sys; {prelude}; from manifestgen.cli import main; main()"
    words = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("large") / "platform.yaml"
    maker = [sys.executable, ROOT / "bench" / "make_spec.py", str(WORKLOADS)]
    file.write_text(subprocess.run(maker, check=True, capture_output=True, text=True).stdout)
    return file


@pytest.mark.slow
def test_two_processes_make_the_files_that_one_makes(spec: Path, tmp_path: Path) -> None:
    two = "import os; os.sched_getaffinity = lambda _: {0, 1}"
    one = "import os; os.sched_getaffinity = lambda _: {0}; os.fork = None"
    assert run("render", "--spec", spec, "--out", tmp_path / "out", prelude=two).returncode == 0
    checked = run("render", "--spec", spec, "--out", tmp_path / "out", "--check", prelude=one)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
@pytest.mark.parametrize("processors", [{0}, {0, 1}])
def test_of_two_targets_that_fail_the_same_is_named_whichever_process_is_faster(
    processors: set[int], tmp_path: Path
) -> None:
    broken = tmp_path / "templates"
    for template in (
        "helm/_helpers.tpl.j2",
        "kustomize/base.yaml.j2",
        "monitoring/alertmanager/alertmanager.yml.j2",
    ):
        (broken / template).parent.mkdir(parents=True, exist_ok=True)
        (broken / template).write_text("{{ nobody.knows }}")
    prelude = f"import os; os.sched_getaffinity = lambda _: {processors}"
    spec = ROOT / "specs" / "platform.yaml"
    done = run("render", "--spec", spec, "--out", tmp_path / "out", "--templates", broken, prelude=prelude)
    assert done.returncode == 1
    assert "helm/_helpers.tpl.j2" in done.stderr, done.stderr


@pytest.mark.parametrize("call", [lambda: "made", lambda: [], lambda: {"a": ("b", None)}])
def test_what_is_made_aside_is_what_the_call_gives(call: Callable[[], object]) -> None:
    with Aside(call) as aside:
        assert aside.result() == call()


def test_a_call_that_fails_aside_gives_nothing() -> None:
    def fail() -> None:
        raise LookupError("as planned")

    with Aside(fail) as aside:
        assert aside.result() is None


def test_what_cannot_be_sent_is_nothing() -> None:
    with Aside(lambda: lambda: 7) as aside:
        assert aside.result() is None


def test_each_job_is_taken_once_by_one_of_two_processes() -> None:
    with Jobs(200) as jobs, Aside(lambda: list(jobs.take())) as aside:
        mine = list(jobs.take())
        theirs = aside.result()
    assert theirs is not None
    assert sorted([*mine, *theirs]) == list(range(200))


def test_more_jobs_than_a_byte_can_tell_are_refused() -> None:
    with pytest.raises(ValueError, match="300 jobs"):
        Jobs(300)


def test_who_leaves_early_waits_for_no_answer() -> None:
    started = time.monotonic()
    with Aside(lambda: time.sleep(60)):
        pass
    assert time.monotonic() - started < 30
