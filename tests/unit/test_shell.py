"""What all generated scripts share: how values enter them, and the prelude."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manifestgen.rendering.shell import word
from support.running import until
from support.shell import Tool, complaints, script

HOSTILE = [
    "",
    "-n",
    "$(touch x)",
    "`touch x`",
    "${HOME}",
    "a'b",
    '"',
    "a\nb",
    "ends\n",
    "\\",
    "it's \\n",
    "!!",
    "*",
    "~",
    "a b",
    "# a",
    "\u2028",
    "\u00a0",
    "“quoted”",
    "’",
    "‘‛′",
    "{{ x }}",
    "日本語",
    "\x1b[0m",
    "a;b&c|d>e",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=20))
@example(HOSTILE)
def test_any_text_reaches_a_program_as_it_is_and_no_line_of_the_script_is_another_ones(
    texts: list[str],
) -> None:
    words = [word(text) for text in texts]
    assert all(line.isprintable() for line in words)
    done = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {' '.join(words)} end"],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C"},
    )
    assert done.stdout.decode().split("\0") == [*texts, "end", ""]


def test_no_word_holds_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        word("a\0b")


_QUOTES = """\
clean_up() {
  :
}

readonly -a TEXTS=(
{% for text in texts %}
  {{ text | sh }}
{% endfor %}
)

begin
printf '%s\\0' "${TEXTS[@]}"
"""


def test_a_script_full_of_hostile_texts_is_clean_and_says_them(tool: Tool, tmp_path: Path) -> None:
    program = script(tmp_path, _QUOTES, {"texts": HOSTILE})
    assert not complaints([program], tool)
    done = subprocess.run(["bash", program], capture_output=True, check=True, cwd=tmp_path)
    assert done.stdout.decode().split("\0") == [*HOSTILE, ""]
    assert not (tmp_path / "x").exists()


_WORKS = """\
clean_up() {
  log info "ended with $1"
}

# A failure in a function, in a command substitution.
broken() {
  false
  printf 'never said'
}

count=0
flaky() {
  count=$((count + 1))
  ((count > 2)) || return 7
}

main() {
  begin
  touch -- "${SCRATCH}/secret"
  case "$1" in
    fails)
      said="$(broken)"
      log info "${said}"
      ;;
    dies) die 'no more' ;;
    misused) misused 'no such option' ;;
    flaky) retry 3 0 flaky ;;
    never) retry 2 0 false ;;
    needs) need cat no-such-program ;;
    waits)
      printf '%s\\n' "${SCRATCH}"
      while true; do sleep 0.1; done
      ;;
    *) ls -l -- "${SCRATCH}" ;;
  esac
}

main "$@"
"""


@pytest.mark.parametrize(
    ("way", "code", "said"),
    [
        ("fails", 1, r"error program.sh: line \d+ failed \(exit code 1\): false"),
        ("dies", 1, "error program.sh: no more"),
        ("misused", 64, "error program.sh: see program.sh --help"),
        ("flaky", 0, r"warn  program.sh: flaky failed \(exit code 7\), attempt 2 of 3; again in 0 s"),
        ("never", 1, r"error program.sh: line \d+ failed"),
        ("needs", 1, "error program.sh: no-such-program is not on PATH"),
        ("lists", 0, "ended with 0"),
    ],
)
def test_however_a_script_ends_it_says_so_with_the_time_and_cleans_up(
    way: str, code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "tmp").mkdir()
    done = subprocess.run(
        ["bash", script(tmp_path, _WORKS), way],
        capture_output=True,
        text=True,
        env={"TMPDIR": str(tmp_path / "tmp"), "PATH": "/usr/bin:/bin", "TZ": "Asia/Tokyo"},
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert re.search(said, done.stderr), done.stderr
    lines = done.stderr.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (info |warn |error) ", line) for line in lines)
    assert lines[-1].endswith(f"ended with {code}")
    assert not list((tmp_path / "tmp").iterdir())
    assert "never said" not in done.stdout
    if way == "lists":
        assert re.search(r"^-rw------- .* secret$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_script_and_it_cleans_up(sent: signal.Signals, tmp_path: Path) -> None:
    process = subprocess.Popen(
        ["bash", script(tmp_path, _WORKS), "waits"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    scratch = Path(process.stdout.readline().strip())
    assert scratch.is_dir()
    process.send_signal(sent)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 128 + sent
    assert f"ended with {128 + sent}" in said
    until(lambda: not scratch.exists(), "the scratch folder is gone", 5)


def test_the_clock_of_the_log_is_utc(tmp_path: Path) -> None:
    before = int(time.time())
    program = script(tmp_path, "clean_up() {\n  log info bye\n}\n\nbegin\n")
    said = subprocess.run(
        ["bash", program], capture_output=True, text=True, check=True, env={"TZ": "Asia/Tokyo"}
    )
    read = time.strptime(said.stderr.split()[0], "%Y-%m-%dT%H:%M:%SZ")
    assert 0 <= time.mktime((*read[:8], 0)) - time.timezone - before < 30


def test_a_program_of_the_prelude_is_clean(tool: Tool, tmp_path: Path) -> None:
    assert not complaints([script(tmp_path, _WORKS)], tool)
