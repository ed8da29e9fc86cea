"""What a plan says of each kind of file, and that applying it does just that."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from manifestgen.artifact import Artifact, as_tree
from manifestgen.errors import ManifestgenError
from manifestgen.write import Plan, Selection, apply, plan, report, stale, unified

ALL = Selection()


def tree(files: Mapping[str, str]) -> dict[str, Artifact]:
    """Artifacts of ``helm/`` or Kustomize; under ``staging/`` or ``production/`` of that environment."""
    return as_tree(
        Artifact(
            path,
            text,
            "helm" if path.startswith("helm/") else "kustomize",
            next((env for env in ("staging", "production") if path.startswith(f"{env}/")), None),
            executable=path.endswith(".sh"),
        )
        for path, text in files.items()
    )


def look(files: Mapping[str, str], out: Path, *, force: bool = False, select: Selection = ALL) -> Plan:
    return plan(tree(files), out, select=select, force=force)


def render(files: Mapping[str, str], out: Path, *, force: bool = False, select: Selection = ALL) -> Plan:
    made = look(files, out, force=force, select=select)
    apply(made)
    return made


def summary(made: Plan) -> dict[str, Any]:
    """What is not empty, by paths."""
    lists = {
        "created": [change.path for change in made.created],
        "changed": [change.path for change in made.changed],
        "unchanged": list(made.unchanged),
        "removed": [change.path for change in made.removed],
        "forgotten": list(made.forgotten),
        "outdated": [outdated.path for outdated in made.outdated],
        "kept": {kept.path: kept.reason.value for kept in made.kept},
    }
    return {name: paths for name, paths in lists.items() if paths}


def on_disk(out: Path) -> dict[str, str]:
    """Every file but the lock, and every empty folder (with a slash)."""
    found = {}
    for folder, folders, files in os.walk(out):
        relative = Path(folder).relative_to(out).as_posix()
        if not folders and not files and folder != str(out):
            found[f"{relative}/"] = ""
        for name in files:
            found[(Path(relative) / name).as_posix()] = (Path(folder) / name).read_text()
    found.pop(".manifestgen.lock", None)
    return found


def lock_lines(out: Path) -> list[str]:
    return (out / ".manifestgen.lock").read_text().splitlines()


def edit(name: str, text: str) -> Callable[[Path], None]:
    def do(out: Path) -> None:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text)

    return do


def delete(name: str) -> Callable[[Path], None]:
    return lambda out: (out / name).unlink()


def nothing(out: Path) -> None:
    pass


FIRST = {"a/one.yaml": "1\n", "a/two.yaml": "2\n", "b/three.yaml": "3\n"}
SECOND = {"a/one.yaml": "1\n", "a/two.yaml": "two\n", "c/four.yaml": "4\n"}
EDITED, FOREIGN = "output-hand-edited", "output-foreign-file"

# name: (what is rendered first, what a person then does, what is rendered next, what the plan says,
#        what is on disk in the end)
CASES: dict[
    str, tuple[dict[str, str], Callable[[Path], None], dict[str, str], dict[str, Any], dict[str, str]]
] = {
    "an empty folder": ({}, nothing, FIRST, {"created": list(FIRST)}, FIRST),
    "nothing new": (FIRST, nothing, FIRST, {"unchanged": list(FIRST)}, FIRST),
    "a new spec": (
        FIRST,
        nothing,
        SECOND,
        {
            "created": ["c/four.yaml"],
            "changed": ["a/two.yaml"],
            "unchanged": ["a/one.yaml"],
            "removed": ["b/three.yaml"],
        },
        SECOND,
    ),
    "nothing is produced any more": (FIRST, nothing, {}, {"removed": list(FIRST)}, {}),
    "edited by hand": (
        FIRST,
        edit("a/two.yaml", "mine\n"),
        SECOND,
        {
            "created": ["c/four.yaml"],
            "unchanged": ["a/one.yaml"],
            "removed": ["b/three.yaml"],
            "kept": {"a/two.yaml": EDITED},
        },
        {**SECOND, "a/two.yaml": "mine\n"},
    ),
    "edited by hand to what the spec gives": (
        FIRST,
        edit("a/two.yaml", "two\n"),
        SECOND,
        {"created": ["c/four.yaml"], "unchanged": ["a/one.yaml", "a/two.yaml"], "removed": ["b/three.yaml"]},
        SECOND,
    ),
    "edited by hand and no longer produced": (
        FIRST,
        edit("b/three.yaml", "mine\n"),
        SECOND,
        {
            "created": ["c/four.yaml"],
            "changed": ["a/two.yaml"],
            "unchanged": ["a/one.yaml"],
            "kept": {"b/three.yaml": EDITED},
        },
        {**SECOND, "b/three.yaml": "mine\n"},
    ),
    "deleted by hand": (
        FIRST,
        delete("a/one.yaml"),
        FIRST,
        {"created": ["a/one.yaml"], "unchanged": ["a/two.yaml", "b/three.yaml"]},
        FIRST,
    ),
    "deleted by hand and no longer produced": (
        FIRST,
        delete("b/three.yaml"),
        SECOND,
        {
            "created": ["c/four.yaml"],
            "changed": ["a/two.yaml"],
            "unchanged": ["a/one.yaml"],
            "forgotten": ["b/three.yaml"],
        },
        SECOND,
    ),
    "a foreign file elsewhere": (
        FIRST,
        edit("b/README", "mine\n"),
        SECOND,
        {
            "created": ["c/four.yaml"],
            "changed": ["a/two.yaml"],
            "unchanged": ["a/one.yaml"],
            "removed": ["b/three.yaml"],
        },
        {**SECOND, "b/README": "mine\n"},
    ),
    "a foreign file in our place": (
        FIRST,
        edit("c/four.yaml", "mine\n"),
        SECOND,
        {
            "changed": ["a/two.yaml"],
            "unchanged": ["a/one.yaml"],
            "removed": ["b/three.yaml"],
            "kept": {"c/four.yaml": FOREIGN},
        },
        {**SECOND, "c/four.yaml": "mine\n"},
    ),
    "a foreign file that is what the spec gives": (
        FIRST,
        edit("c/four.yaml", "4\n"),
        SECOND,
        {
            "changed": ["a/two.yaml"],
            "unchanged": ["a/one.yaml", "c/four.yaml"],
            "removed": ["b/three.yaml"],
        },
        SECOND,
    ),
    "a file becomes a folder": (
        {"a": "1\n"},
        nothing,
        {"a/b/c": "2\n", "a/d": "3\n"},
        {"created": ["a/b/c", "a/d"], "removed": ["a"]},
        {"a/b/c": "2\n", "a/d": "3\n"},
    ),
    "a folder becomes a file": (
        {"a/b/c": "2\n", "a/d": "3\n"},
        nothing,
        {"a": "1\n"},
        {"created": ["a"], "removed": ["a/b/c", "a/d"]},
        {"a": "1\n"},
    ),
    "a folder with a foreign file does not become a file": (
        {"a/b/c": "2\n"},
        edit("a/mine", "mine\n"),
        {"a": "1\n"},
        {"kept": {"a": "output-blocked"}, "removed": ["a/b/c"]},
        {"a/mine": "mine\n"},
    ),
    "an edited file does not become a folder": (
        {"a": "1\n"},
        edit("a", "mine\n"),
        {"a/b": "2\n"},
        {"kept": {"a": EDITED, "a/b": "output-blocked"}},
        {"a": "mine\n"},
    ),
}


@pytest.mark.parametrize(("before", "person", "after", "expected", "left"), CASES.values(), ids=CASES.keys())
def test_each_kind_of_file_is_told_apart(
    tmp_path: Path,
    before: dict[str, str],
    person: Callable[[Path], None],
    after: dict[str, str],
    expected: dict[str, Any],
    left: dict[str, str],
) -> None:
    out = tmp_path / "out"
    render(before, out)
    if out.exists():
        person(out)
    made = look(after, out)
    assert summary(made) == expected
    apply(made)
    assert on_disk(out) == left
    strangers = {kept.path for kept in made.kept if kept.reason.value != EDITED}
    edited = {kept.path for kept in made.kept} - strangers
    assert {line.split(" ", 3)[3] for line in lock_lines(out)[1:]} == after.keys() - strangers | edited
    again = look(after, out)
    assert not again.needs_writing
    assert [kept.path for kept in again.kept] == [kept.path for kept in made.kept]
    assert again.is_current == (not made.kept)


@pytest.mark.parametrize(("before", "person", "after", "expected", "left"), CASES.values(), ids=CASES.keys())
def test_force_makes_the_tree_what_the_spec_gives(
    tmp_path: Path,
    before: dict[str, str],
    person: Callable[[Path], None],
    after: dict[str, str],
    expected: dict[str, Any],
    left: dict[str, str],
) -> None:
    out = tmp_path / "out"
    render(before, out)
    if out.exists():
        person(out)
    render(after, out, force=True)
    ours = {path: text for path, text in on_disk(out).items() if text != "mine\n"}
    blocked = {path for path, reason in expected.get("kept", {}).items() if path == "a" and reason != EDITED}
    assert ours == {path: text for path, text in after.items() if path not in blocked}
    assert look(after, out).is_current == (not blocked)


def test_planning_writes_nothing(tmp_path: Path) -> None:
    made = look(FIRST, tmp_path / "out")
    assert not made.is_current
    assert list(tmp_path.iterdir()) == []


def test_a_plan_with_nothing_to_do_touches_nothing(tmp_path: Path) -> None:
    render(FIRST, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))}
    made = render(FIRST, tmp_path)
    assert made.is_current
    assert {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))} == before


def test_only_the_files_that_change_are_written(tmp_path: Path) -> None:
    render(FIRST, tmp_path)
    inodes = {path: (tmp_path / path).stat().st_ino for path in FIRST}
    render({**FIRST, "a/two.yaml": "two\n"}, tmp_path)
    kept = {path for path, inode in inodes.items() if (tmp_path / path).stat().st_ino == inode}
    assert kept == {"a/one.yaml", "b/three.yaml"}


def test_a_hand_edit_is_reported_until_it_is_settled(tmp_path: Path) -> None:
    render(FIRST, tmp_path)
    edit("a/two.yaml", "mine\n")(tmp_path)
    for text in ("two\n", "zwei\n"):
        made = render({**FIRST, "a/two.yaml": text}, tmp_path)
        assert [finding.rule for finding in report(made)] == [EDITED]
    edit("a/two.yaml", "2\n")(tmp_path)
    assert summary(render({**FIRST, "a/two.yaml": "zwei\n"}, tmp_path))["changed"] == ["a/two.yaml"]
    assert look({**FIRST, "a/two.yaml": "zwei\n"}, tmp_path).is_current


def test_the_executable_bit_is_part_of_a_file(tmp_path: Path) -> None:
    files = {"run.sh": "#!/bin/sh\n", "a.yaml": "1\n"}
    render(files, tmp_path)
    assert os.access(tmp_path / "run.sh", os.X_OK)
    (tmp_path / "run.sh").chmod(0o644)
    (tmp_path / "a.yaml").chmod(0o755)
    made = look(files, tmp_path)
    assert summary(made) == {"changed": ["a.yaml", "run.sh"]}
    assert [finding.rule for finding in stale(made)] == ["output-changed", "output-changed"]
    assert "new mode 100755\n" in list(unified(made))
    apply(made)
    assert (tmp_path / "run.sh").stat().st_mode & 0o111
    assert not (tmp_path / "a.yaml").stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("umask", "plain", "executable", "folder"),
    [(0o022, 0o644, 0o755, 0o755), (0o077, 0o600, 0o700, 0o700), (0, 0o644, 0o755, 0o777)],
)
def test_modes_follow_the_umask(tmp_path: Path, umask: int, plain: int, executable: int, folder: int) -> None:
    out = tmp_path / "out"
    previous = os.umask(umask)
    try:
        render({"bin/run.sh": "", "a.yaml": ""}, out)
        assert look({"bin/run.sh": "", "a.yaml": ""}, out).is_current
    finally:
        os.umask(previous)
    modes = {
        name: (out / name).stat().st_mode & 0o777
        for name in ("a.yaml", "bin/run.sh", "bin", ".manifestgen.lock")
    }
    assert modes == {"a.yaml": plain, "bin/run.sh": executable, "bin": folder, ".manifestgen.lock": plain}


BOTH = {"base.yaml": "b\n", "staging/s.yaml": "s\n", "production/p.yaml": "p\n", "helm/Chart.yaml": "h\n"}
NEXT = {"base.yaml": "B\n", "staging/t.yaml": "t\n", "production/p.yaml": "P\n", "helm/Chart.yaml": "H\n"}


def test_rendering_one_environment_leaves_the_others_and_their_lock_lines(tmp_path: Path) -> None:
    render(BOTH, tmp_path)
    before = [line for line in lock_lines(tmp_path) if " staging " in line]
    made = render(NEXT, tmp_path, select=Selection(environments=frozenset({"production"})))
    assert summary(made) == {
        "changed": ["base.yaml", "helm/Chart.yaml", "production/p.yaml"],
        "outdated": ["staging/s.yaml", "staging/t.yaml"],
    }
    left = on_disk(tmp_path)
    assert left["staging/s.yaml"] == "s\n"
    assert "staging/t.yaml" not in left
    assert [line for line in lock_lines(tmp_path) if " staging " in line] == before


def test_rendering_one_target_leaves_the_others(tmp_path: Path) -> None:
    render(BOTH, tmp_path)
    made = render(NEXT, tmp_path, select=Selection(targets=frozenset({"helm"})))
    assert summary(made) == {
        "changed": ["helm/Chart.yaml"],
        "outdated": ["base.yaml", "production/p.yaml", "staging/s.yaml", "staging/t.yaml"],
    }
    assert on_disk(tmp_path) == {**BOTH, "helm/Chart.yaml": "H\n"}


def test_an_environment_that_was_never_rendered_is_not_out_of_date(tmp_path: Path) -> None:
    production = Selection(environments=frozenset({"production"}))
    made = render(BOTH, tmp_path, select=production)
    assert summary(made) == {"created": ["base.yaml", "helm/Chart.yaml", "production/p.yaml"]}
    assert look(BOTH, tmp_path, select=production).is_current


def test_a_file_that_moves_to_another_environment_is_not_removed(tmp_path: Path) -> None:
    shared = {"x.yaml": Artifact("x.yaml", "1\n", "kustomize")}
    apply(plan(shared, tmp_path, select=ALL, force=False))
    moved = {"x.yaml": Artifact("x.yaml", "1\n", "kustomize", "staging")}
    made = plan(moved, tmp_path, select=Selection(environments=frozenset({"production"})), force=False)
    assert made.is_current
    made = plan(moved, tmp_path, select=ALL, force=False)
    assert [finding.rule for finding in stale(made)] == ["output-lock"]
    apply(made)
    assert " kustomize staging x.yaml" in lock_lines(tmp_path)[1]


def test_without_a_lock_equal_files_are_adopted_and_others_are_foreign(tmp_path: Path) -> None:
    render(FIRST, tmp_path)
    (tmp_path / ".manifestgen.lock").unlink()
    edit("a/two.yaml", "mine\n")(tmp_path)
    made = look(FIRST, tmp_path)
    assert summary(made) == {"unchanged": ["a/one.yaml", "b/three.yaml"], "kept": {"a/two.yaml": FOREIGN}}
    assert [finding.rule for finding in report(made)] == [FOREIGN, "output-lock"]
    apply(made)
    assert [line.split()[-1] for line in lock_lines(tmp_path)[1:]] == ["a/one.yaml", "b/three.yaml"]
    assert summary(look(FIRST, tmp_path, force=True))["changed"] == ["a/two.yaml"]


def test_force_saves_what_it_can_of_a_lock_with_a_merge_conflict(tmp_path: Path) -> None:
    render(FIRST, tmp_path)
    lock = tmp_path / ".manifestgen.lock"
    lock.write_text(lock.read_text().replace("\n", "\n<<<<<<< HEAD\n", 1))
    with pytest.raises(ManifestgenError, match="merge conflict"):
        look(SECOND, tmp_path)
    render(SECOND, tmp_path, force=True)
    assert on_disk(tmp_path) == SECOND
    assert look(SECOND, tmp_path).is_current


def test_a_lock_cannot_make_us_delete_what_is_not_ours(tmp_path: Path) -> None:
    out = tmp_path / "out"
    render(FIRST, out)
    victim = tmp_path / "victim"
    victim.write_text("1\n")
    lock = out / ".manifestgen.lock"
    lock.write_text(lock.read_text().replace("a/one.yaml", "../victim"))
    with pytest.raises(ManifestgenError):
        look({}, out)
    render({}, out, force=True)
    assert victim.read_text() == "1\n"


def test_the_bytes_on_disk_do_not_depend_on_the_order_of_the_artifacts(tmp_path: Path) -> None:
    artifacts = tree(BOTH)
    apply(plan(artifacts, tmp_path / "one", select=ALL, force=False))
    backwards = dict(reversed(artifacts.items()))
    apply(plan(backwards, tmp_path / "two", select=ALL, force=False))
    assert lock_lines(tmp_path / "one") == lock_lines(tmp_path / "two")
    assert on_disk(tmp_path / "one") == on_disk(tmp_path / "two") == BOTH


@pytest.mark.parametrize(
    ("artifacts", "rule"),
    [
        ([Artifact("../x", "", "helm")], "output-path"),
        ([Artifact("a/.git/config", "", "helm")], "output-path"),
        ([Artifact("x", "", "helm", "two words")], "output-path"),
        ([Artifact("x", "", "-")], "output-path"),
        ([Artifact("X.yaml", "", "helm"), Artifact("x.yaml", "", "helm")], "output-path"),
        ([Artifact("x", "\ud800", "helm")], "output-text"),
    ],
)
def test_what_must_not_be_written_is_refused_before_anything_is(
    tmp_path: Path, artifacts: list[Artifact], rule: str
) -> None:
    good = Artifact("good.yaml", "1\n", "helm")
    with pytest.raises(ManifestgenError) as caught:
        plan(as_tree([*artifacts, good]), tmp_path / "out", select=ALL, force=True)
    assert [finding.rule for finding in caught.value.findings] == [rule]
    assert list(tmp_path.iterdir()) == []


def test_a_leftover_of_a_killed_run_is_stale_and_goes(tmp_path: Path) -> None:
    render(FIRST, tmp_path)
    edit(".manifestgen.tmp/files/a/one.yaml", "half")(tmp_path)
    made = look(FIRST, tmp_path)
    assert [finding.rule for finding in stale(made)] == ["output-extra"]
    apply(made)
    assert on_disk(tmp_path) == FIRST


def test_an_overtaken_plan_is_not_carried_out(tmp_path: Path) -> None:
    render(FIRST, tmp_path)
    made = look(SECOND, tmp_path)
    edit("a/two.yaml", "mine, just saved\n")(tmp_path)
    with pytest.raises(ManifestgenError) as caught:
        apply(made)
    assert [finding.rule for finding in caught.value.findings] == ["output-busy"]
    assert on_disk(tmp_path) == {**FIRST, "a/two.yaml": "mine, just saved\n"}
