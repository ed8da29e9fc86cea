"""What a user reads about a wrong spec: a table of bad specs, each with its golden findings.

A case is ``tests/specs/invalid/<rule>.yaml`` or ``<rule>-<variant>.yaml``: a small spec with one mistake, or
with several. Beside it, ``<same name>.errors.txt`` holds the findings as the terminal shows them, and a
folder of the same name the other files of a spec that has some. After a change that is meant, run this file
with MANIFESTGEN_UPDATE_ERRORS=1: it writes the golden texts again. Read their diff.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from manifestgen import api
from manifestgen.errors import Finding, Severity
from manifestgen.facts.lint import LEVELS
from manifestgen.facts.rules import RULES
from manifestgen.report import text

INVALID: Final = Path(__file__).parents[1] / "specs" / "invalid"
UPDATE: Final = os.environ.get("MANIFESTGEN_UPDATE_ERRORS") == "1"
CASES: Final = sorted(path.stem for path in INVALID.glob("*.yaml"))

ELSEWHERE = {
    "file-size": "too large for a repository: test_pods.py",
    "invalid": "what pydantic says of a mistake that we have no words for; no spec is known that has one",
    "object-path": "names that differ only in case cannot be written in a spec: test_kube_identity.py",
    "crd-schema": "is in a file that the command line names: test_crd_schemas.py",
    "spec-size": "too large for a repository: below",
    "spec-unreadable": "no file at all, a folder, a pipe: below",
    "template-error": "is in a template, not in a spec: test_spec_checks_objects.py",
    "cost-missing": "is asked for on the command line: test_costs.py",
    "alerting-missing": "is asked for on the command line: test_alerts.py",
    "function-config": "is in what a KRM function is given: test_functions.py",
    "function-input": "is in what a KRM function is given: test_functions.py",
    "init-exists": "the command line's own: test_cli.py",
    "init-failed": "the command line's own: test_cli.py",
    "unknown-environment": "is asked for on the command line: test_cli_render.py",
    "unknown-target": "is asked for on the command line: test_cli_render.py",
    **{rule: "is in the output folder: test_write_*.py" for rule in RULES if rule.startswith("output-")},
}
"""Rules that no spec breaks, and where they are tested."""


ELSEWHERE |= {
    rule: "its page shows what breaks it, and what is said of that: test_lint.py"
    for rule in LEVELS
    if rule not in {"autoscaling-request", "disruption-blocks"}
}


def golden(case: str) -> Path:
    return INVALID / f"{case}.errors.txt"


def rules_in(report: str) -> set[str]:
    return set(re.findall(r"\[([a-z0-9-]+)\]$", report, re.MULTILINE))


def assert_inside(findings: tuple[Finding, ...]) -> None:
    """Every finding names a line and a column that its file has, or the place just behind its end."""
    for finding in findings:
        where = finding.location
        assert where is not None, finding
        content = Path(where.file).read_bytes()
        lines = content.decode(
            "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace"
        ).split("\n")
        assert 1 <= where.line <= len(lines), finding
        assert 1 <= where.column <= len(lines[where.line - 1]) + 1, finding


@pytest.mark.parametrize("case", CASES)
def test_a_bad_spec_is_told_in_these_words_and_nothing_is_written(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(INVALID)
    spec, out = Path(f"{case}.yaml"), tmp_path / "out"
    findings = api.render(spec, out=out).findings
    report = text.findings(findings)
    if UPDATE:
        golden(case).write_text(report, "utf-8")
    assert report == golden(case).read_text("utf-8")
    assert any(case == rule or case.startswith(f"{rule}-") for rule in rules_in(report)) or case.startswith(
        "several"
    )
    assert_inside(findings)
    assert not list(tmp_path.iterdir()) or not any(f.severity is Severity.ERROR for f in findings)


def test_the_table_is_whole() -> None:
    assert len(CASES) >= 40
    assert {path.name for path in INVALID.iterdir() if path.is_file()} == {
        name for case in CASES for name in (f"{case}.yaml", golden(case).name)
    }
    assert {path.name for path in INVALID.iterdir() if path.is_dir()} <= set(CASES)


def test_every_rule_has_a_case() -> None:
    shown = set().union(*(rules_in(golden(case).read_text("utf-8")) for case in CASES))
    assert shown | set(ELSEWHERE) == set(RULES)
    assert not shown & set(ELSEWHERE)


def test_no_finding_repeats_what_it_found_to_the_terminal() -> None:
    for case in CASES:
        report = golden(case).read_text("utf-8")
        assert all(line.isprintable() for line in report.splitlines()), case
        assert "hunter2" not in report, f"{case} shows a secret"


@pytest.mark.parametrize(
    "command", [["validate"], ["render", "--out", "OUT"], ["render", "--check", "--out", "OUT"]]
)
@pytest.mark.parametrize("case", ["several", "yaml-alias-bomb", "name-path-traversal"])
def test_the_command_line_says_the_same_and_exits_with_1(
    case: str, command: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = [str(out) if word == "OUT" else word for word in command]
    ran = subprocess.run(
        [sys.executable, "-m", "manifestgen", *arguments, "--spec", f"{case}.yaml"],
        cwd=INVALID,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", golden(case).read_text("utf-8"))
    assert not list(tmp_path.iterdir())


def huge(folder: Path) -> Path:
    path = folder / "platform.yaml"
    path.write_bytes(b"workloads: {}\n" * (50 * 2**20 // 14))
    return path


def too_many_values(folder: Path) -> Path:
    path = folder / "platform.yaml"
    path.write_text(f"kind: [{'1,' * 200_001}]\n")
    return path


def deep(folder: Path) -> Path:
    path = folder / "platform.yaml"
    path.write_text("{a: " * 100_000)
    return path


def many_mistakes(folder: Path) -> Path:
    path = folder / "platform.yaml"
    path.write_text("a: 1\n" * 100_000)
    return path


def folder_itself(folder: Path) -> Path:
    return folder


def pipe(folder: Path) -> Path:
    path = folder / "platform.yaml"
    os.mkfifo(path)
    return path


def missing(folder: Path) -> Path:
    return folder / "none.yaml"


def below_a_file(folder: Path) -> Path:
    (folder / "platform.yaml").write_text("")
    return folder / "platform.yaml" / "x.yaml"


def a_loop_of_symlinks(folder: Path) -> Path:
    (folder / "a.yaml").symlink_to(folder / "b.yaml")
    (folder / "b.yaml").symlink_to(folder / "a.yaml")
    return folder / "a.yaml"


READ_FIRST = (too_many_values, many_mistakes)
"""Small enough to be parsed; a second on an idle machine."""


@pytest.mark.parametrize(
    ("make", "rule", "words"),
    [
        (huge, "spec-size", "the file has 50.0 MiB; a spec may have 5 MiB"),
        (too_many_values, "spec-size", "the file holds more than 200000 values"),
        (deep, "yaml-depth", "maps and lists are nested more than 60 levels deep"),
        (many_mistakes, "yaml-duplicate-key", "the key a stands here again; the first is on line 1"),
        (folder_itself, "spec-unreadable", "it cannot be read: this is a directory, not a file"),
        (pipe, "spec-unreadable", "it cannot be read: this is a pipe or a device, not a file"),
        (missing, "spec-unreadable", "it cannot be read: there is no such file"),
        (below_a_file, "spec-unreadable", "it cannot be read: Not a directory"),
        (a_loop_of_symlinks, "spec-unreadable", "it cannot be read: Too many levels of symbolic links"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_hostile_file_is_refused_at_once(
    make: Callable[[Path], Path], rule: str, words: str, tmp_path: Path
) -> None:
    spec, out = make(tmp_path), tmp_path / "out"
    start = time.perf_counter()
    findings = api.render(spec, out=out).findings
    assert time.perf_counter() - start < (10 if make in READ_FIRST else 1)
    assert (findings[0].rule, findings[0].message) == (rule, words)
    assert not out.exists()
