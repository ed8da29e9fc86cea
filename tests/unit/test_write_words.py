"""How a plan reads: its findings and its diff."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from manifestgen.artifact import Artifact, as_tree
from manifestgen.errors import Finding, Severity
from manifestgen.write import Change, Plan, Selection, apply, plan, report, stale, unified
from manifestgen.write.model import LockChange

ALL = Selection()

FIRST = {"changed.yaml": "one\ntwo\nthree\n", "extra.yaml": "1\n", "edited.yaml": "a\nb\n", "old.yaml": "1\n"}
SECOND = {
    "changed.yaml": "one\nzwei\nthree\n",
    "edited.yaml": "a\nB\n",
    "missing.yaml": "1\n",
    "foreign.yaml": "ours\n",
    "folder.yaml": "ours\n",
    "link/a.yaml": "ours\n",
    "link/b.yaml": "ours\n",
    "file/a.yaml": "ours\n",
}


def look(files: dict[str, str], out: Path) -> Plan:
    return plan(as_tree(Artifact(*file, "kustomize") for file in files.items()), out, select=ALL, force=False)


@pytest.fixture
def everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A plan that meets every kind of file there is."""
    monkeypatch.chdir(tmp_path)
    out = Path("out")
    apply(look(FIRST, out))
    (out / "edited.yaml").write_text("a\nmine\n")
    (out / "old.yaml").write_text("mine\n")
    (out / "foreign.yaml").write_text("mine\n")
    (out / "folder.yaml").mkdir()
    (out / "link").symlink_to("/etc")
    (out / "file").write_text("mine\n")
    (out / ".manifestgen.tmp").mkdir()
    return look(SECOND, out)


def lines(findings: tuple[Finding, ...]) -> str:
    return "\n".join(
        f"{found.location or found.path}: {found.severity}: {found.message}; {found.advice} [{found.rule}]"
        for found in findings
    )


def test_what_a_check_says_of_each_kind_of_file(everything: Plan, snapshot: SnapshotAssertion) -> None:
    assert lines(stale(everything)) == snapshot


def test_what_a_render_reports_is_only_what_it_keeps(everything: Plan) -> None:
    assert [(Path(found.path).name, found.rule) for found in report(everything)] == [
        ("edited.yaml", "output-hand-edited"),
        ("file", "output-blocked"),
        ("folder.yaml", "output-blocked"),
        ("foreign.yaml", "output-foreign-file"),
        ("link", "output-symlink"),
        ("old.yaml", "output-hand-edited"),
    ]


def test_the_lock_is_named_when_it_alone_is_stale(tmp_path: Path) -> None:
    apply(look(FIRST, tmp_path))
    lock = tmp_path / ".manifestgen.lock"
    lock.write_text(lock.read_text() + lock.read_text().splitlines(keepends=True)[-1].replace("e", "f", 1))
    assert [finding.rule for finding in stale(look(FIRST, tmp_path))] == ["output-lock"]
    lock.unlink()
    (finding,) = stale(look(FIRST, tmp_path))
    assert (finding.path, finding.message) == (str(lock), "the lock is missing")


def test_a_missing_lock_among_foreign_files_is_a_note_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "changed.yaml").write_text("mine\n")
    assert [finding.severity for finding in report(look(FIRST, tmp_path))] == [Severity.ERROR, Severity.NOTE]


def test_a_current_tree_has_nothing_to_say(tmp_path: Path) -> None:
    apply(look(FIRST, tmp_path))
    made = look(FIRST, tmp_path)
    assert (stale(made), report(made), list(unified(made))) == ((), (), [])


def test_the_diff_reads_as_git_writes_it(everything: Plan, snapshot: SnapshotAssertion) -> None:
    assert "".join(unified(everything)) == snapshot


def of_changes(*changes: Change) -> Plan:
    return Plan(
        out=Path("out"),
        created=tuple(change for change in changes if change.before is None),
        changed=tuple(change for change in changes if None not in (change.before, change.after)),
        unchanged=(),
        removed=tuple(change for change in changes if change.after is None),
        kept=(),
        outdated=(),
        forgotten=(),
        lock=LockChange(None, None, None),
        leftover=False,
    )


def test_nothing_in_an_edited_file_talks_to_the_terminal() -> None:
    change = Change("a", b"\x1b]0;title\x07\x9b\r\nkept\ttab\n", b"", False, False)
    text = "".join(unified(of_changes(change)))
    assert "\\x1b]0;title\\x07" in text
    assert "\\x0d\n" in text
    assert "kept\ttab\n" in text
    assert text.replace("\n", "").replace("\t", "").isprintable()


BEFORE = {
    "same.yaml": "1\n",
    "a b/changed.yaml": "".join(f"line {number}\n" for number in range(30)),
    "removed.sh": "#!/bin/sh\n",
    "empty": "",
    "no-newline": "one\ntwo",
    "separators": "a\u2028b\nc\n",
}
AFTER = {
    "same.yaml": "1\n",
    "a b/changed.yaml": "".join(f"line {number}\n" for number in range(30) if number not in (3, 20)),
    "new/created.sh": "#!/bin/sh\necho new\n",
    "new/empty": "",
    "empty": "no longer\n",
    "no-newline": "one\ntwo\n",
    "separators": "a\u2028B\nc\n",
}


def scripts(files: dict[str, str]) -> dict[str, Artifact]:
    return as_tree(Artifact(*file, "x", None, file[0].endswith(".sh")) for file in files.items())


def test_git_applies_the_diff(tmp_path: Path) -> None:
    for name in ("ours", "git"):
        apply(plan(scripts(BEFORE), tmp_path / name, select=ALL, force=False))
    made = plan(scripts(AFTER), tmp_path / "ours", select=ALL, force=False)
    patch = "".join(unified(made))
    subprocess.run(["git", "apply", "-"], cwd=tmp_path / "git", input=patch.encode(), check=True)
    apply(made)
    # Git has no lock to bring up to date; all else is equal.
    again = plan(scripts(AFTER), tmp_path / "git", select=ALL, force=False)
    assert not again.changes
    assert not again.kept


@given(st.binary(max_size=60), st.text(max_size=60))
def test_any_bytes_can_be_shown(before: bytes, after: str) -> None:
    data = after.encode(errors="replace")
    text = list(unified(of_changes(Change("a", before, data, False, True))))
    assert all(line.endswith("\n") for line in text)
    assert all(ord(char) >= 0x20 or char in "\t\n" for line in text for char in line)
