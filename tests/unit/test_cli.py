"""The command line: help, usage, exit codes, start-up. What `render` does is in test_cli_render."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import manifestgen
from manifestgen import __version__, api, cli
from manifestgen.cli.group import COMMANDS
from manifestgen.cli.output import StreamError, wants_colour
from manifestgen.errors import Exit, Finding, ManifestgenError

HEAVY = (
    "pydantic",
    "pydantic_core",
    "jinja2",
    "jsonschema",
    "ruamel",
    "_ruamel_yaml",
    "json",
    "pathlib",
    "dataclasses",
)

Run = Callable[..., int]


@pytest.fixture
def run() -> Run:
    def run(*arguments: str) -> int:
        return cli.run(arguments)

    return run


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_of_every_command_ends_with_an_example(
    run: Run, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*command, "--help") == Exit.OK
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: manifestgen")
    assert f"  manifestgen {' '.join(command)}" in shown.partition("\nExample:\n")[2]


def test_the_version_is_that_of_the_package(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == Exit.OK
    assert capsys.readouterr().out == f"manifestgen {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["render", "--help"]])
def test_help_and_version_load_nothing_but_click(arguments: list[str]) -> None:
    program = f"""
import sys
before = set(sys.modules)
from manifestgen import cli
cli.run({arguments})
print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True, env=_env()
    )
    loaded = done.stderr.splitlines()[-1].split()
    assert "click" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rendr"], "there is no command 'rendr'; did you mean 'render'?"),
        (["render", "--chek"], "Did you mean one of: '--check'"),
        (["render", "--format", "txt"], "'txt' is not one of 'text', 'json', 'github', 'sarif'"),
        (["render", "--stdout", "--check"], "--stdout writes and compares nothing"),
        (["render", "--diff", "--format", "sarif"], "--format sarif takes all of standard output"),
        (["render", "--templates", "nowhere"], "Directory 'nowhere' does not exist"),
        (["render", "--target", "hlem"], "there is no target 'hlem'; did you mean 'helm'?"),
        (["render", "--out", ""], "Invalid value for '--out': the path is empty"),
        (["render", "--spec", ""], "Invalid value for '--spec': the path is empty"),
        (["render", "--templates", ""], "Invalid value for '--templates': the path is empty"),
        (["validate", "--spec="], "Invalid value for '--spec': the path is empty"),
        (["show", "production", "--spec", ""], "Invalid value for '--spec': the path is empty"),
        (["targets", "--templates", ""], "Invalid value for '--templates': the path is empty"),
        (["init", ""], "the path is empty"),
        (["show"], "Missing argument 'ENV'"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(
    run: Run, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == Exit.USAGE
    printed = capsys.readouterr()
    assert message in " ".join(printed.err.split())
    assert printed.out == ""


def _raise(error: BaseException) -> Callable[..., tuple[Finding, ...]]:
    def fail(*_: object, **__: object) -> tuple[Finding, ...]:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (
            ManifestgenError([Finding("x", "kubectl is not there")], Exit.TOOL_MISSING),
            4,
            "kubectl is not there",
        ),
        (ManifestgenError([Finding("x", "it is full", path="out")]), 1, "error: out: it is full [x]"),
        (KeyboardInterrupt(), 130, ""),
        (StreamError(BrokenPipeError(32, "Broken pipe")), 141, ""),
        (
            StreamError(OSError(28, "No space left on device")),
            1,
            "standard output cannot be written: No space left on device",
        ),
        (KeyError("a\x1b[31m"), 3, r"KeyError: 'a\x1b[31m'"),
        (FileNotFoundError(2, "No such file or directory"), 1, "the current folder is no longer there"),
        (RecursionError("too deep"), 3, "RecursionError: too deep"),
    ],
)
def test_what_ends_a_command_early_decides_the_exit_code(
    run: Run,
    error: BaseException,
    code: int,
    told: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("manifestgen.cli.failures._silence", lambda: None)
    monkeypatch.setattr(api, "validate", _raise(error))
    assert run("validate") == code
    printed = capfd.readouterr()
    assert told in printed.err
    assert bool(told) == bool(printed.err.strip())
    assert "Traceback" not in printed.err


def test_a_bug_is_told_with_its_place_and_the_way_to_the_traceback(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "validate", _raise(ZeroDivisionError("oh")))
    assert run("validate") == Exit.BUG
    told = capsys.readouterr().err
    assert f"manifestgen {__version__} has a bug" in told
    assert "in manifestgen/cli/validate.py:" in told
    assert str(Path(api.__file__).parent) not in told
    monkeypatch.setenv("MANIFESTGEN_DEBUG", "1")
    assert run("validate") == Exit.BUG
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def _pipe(*arguments: str, stdout: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "manifestgen", *arguments]
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True, env=_env())


def test_a_reader_that_goes_away_is_no_error_message() -> None:
    with _pipe("schema", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_behind_standard_output_is_told_once() -> None:
    with open("/dev/full", "w") as full, _pipe("schema", stdout=full.fileno()) as process:
        assert process.stderr is not None
        assert process.stderr.read() == "Error: standard output cannot be written: No space left on device\n"
        assert process.wait() == 1


CLOSED = [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"]


def _closed(arguments: str, closed: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = ["sh", "-c", f'"$0" -m manifestgen {arguments} {closed}', sys.executable]
    return subprocess.run(command, cwd=folder, env=_env(), capture_output=True, check=False)


@pytest.mark.parametrize("closed", CLOSED)
def test_closed_streams_are_no_bug(closed: str, tmp_path: Path) -> None:
    manifestgen.init(tmp_path)
    assert _closed("targets", closed, tmp_path).returncode == Exit.OK
    assert _closed("render", closed, tmp_path).returncode == Exit.OK
    assert _closed("render --check", closed, tmp_path).returncode == Exit.OK
    assert _closed("validate --spec nowhere", closed, tmp_path).returncode == Exit.FINDINGS


def test_what_is_wrong_with_the_usage_never_goes_to_standard_output(tmp_path: Path) -> None:
    done = _closed("render --chek", "2>&-", tmp_path)
    assert (done.returncode, done.stdout) == (Exit.USAGE, b"")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder is one that was removed."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()


@pytest.mark.parametrize("arguments", [("init",), ("init", "shop")])
def test_init_in_a_folder_that_is_gone_says_so(
    run: Run, nowhere: None, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == Exit.FINDINGS
    told = capsys.readouterr().err
    assert "it cannot be written: No such file or directory" in told
    assert "standard output" not in told


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "variables", "coloured"),
    [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    stream: io.StringIO, variables: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(stream) is coloured
