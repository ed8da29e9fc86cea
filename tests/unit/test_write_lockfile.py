"""The lock is plain text that git can merge, and a damaged one is never believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifestgen.errors import ManifestgenError
from manifestgen.write import lockfile, paths
from manifestgen.write.lockfile import Entry

ONE, TWO, THREE = ("1" * 64, "2" * 64, "3" * 64)
LOCK = {
    "k8s/base/api/deployment.yaml": Entry(frozenset({ONE}), "kustomize", None),
    "monitoring/staging/with a space.yml": Entry(frozenset({TWO}), "monitoring", "staging"),
}
TEXT = lockfile.to_bytes(LOCK).decode()
CONFLICT = TEXT.replace(
    f"{ONE} kustomize - k8s/base/api/deployment.yaml\n",
    f"<<<<<<< HEAD\n{ONE} kustomize - k8s/base/api/deployment.yaml\n=======\n"
    f"{THREE} kustomize - k8s/base/api/deployment.yaml\n>>>>>>> feature\n",
)


def test_each_file_has_a_line_of_its_own_sorted_by_path() -> None:
    header, *lines = TEXT.splitlines()
    assert header.startswith("# manifestgen lock 1: ")
    assert lines == [
        f"{ONE} kustomize - k8s/base/api/deployment.yaml",
        f"{TWO} monitoring staging monitoring/staging/with a space.yml",
    ]


names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,9}", fullmatch=True)
entries = st.builds(
    Entry,
    st.frozensets(st.from_regex(r"[0-9a-f]{64}", fullmatch=True), min_size=1, max_size=3),
    names,
    st.none() | names,
)
good_paths = st.text(min_size=1, max_size=20).filter(lambda path: paths.problem(path) is None)


@given(st.dictionaries(good_paths, entries, max_size=8))
def test_a_lock_reads_back_as_it_was_written(lock: dict[str, Entry]) -> None:
    assert lockfile.parse(lockfile.to_bytes(lock), "lock", salvage=False) == lock


def test_a_path_on_two_lines_is_ours_with_either_content() -> None:
    text = TEXT + f"{THREE} kustomize - k8s/base/api/deployment.yaml\n"
    lock = lockfile.parse(text.encode(), "lock", salvage=False)
    assert lock["k8s/base/api/deployment.yaml"].digests == {ONE, THREE}


DAMAGED = {
    "empty": ("", 1),
    "merge conflict": (CONFLICT, 2),
    "json": ('{"version": 1}', 1),
    "binary": ("\x00\x01\x02", 1),
    "another version": (TEXT.replace("lock 1:", "lock 2:"), 1),
    "no header": (TEXT.split("\n", 1)[1], 1),
    "short hash": (TEXT.replace(ONE, "1234"), 2),
    "upper-case hash": (TEXT.replace(TWO, "A" * 64), 3),
    "blank line": (TEXT.replace("\n", "\n\n", 1), 2),
    "windows line ends": (TEXT.replace("\n", "\r\n"), 2),
    "path out of the folder": (TEXT.replace("k8s/base", "../.."), 2),
    "absolute path": (TEXT.replace("k8s/base", "/etc"), 2),
    "path of the lock": (TEXT.replace("k8s/base/api/deployment.yaml", ".manifestgen.lock"), 2),
    "cut off": (TEXT[:-60], 3),
}


@pytest.mark.parametrize(("text", "line"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_lock_is_refused_with_its_line_and_what_to_do(text: str, line: int) -> None:
    with pytest.raises(ManifestgenError) as caught:
        lockfile.parse(text.encode(), "out/.manifestgen.lock", salvage=False)
    (finding,) = caught.value.findings
    assert finding.rule == "output-lock"
    assert finding.location is not None
    assert (finding.location.file, finding.location.line) == ("out/.manifestgen.lock", line)
    assert "--force" in finding.advice


def test_force_saves_both_sides_of_a_merge_conflict() -> None:
    lock = lockfile.parse(CONFLICT.encode(), "lock", salvage=True)
    assert lock["k8s/base/api/deployment.yaml"].digests == {ONE, THREE}
    assert lock.keys() == LOCK.keys()


def test_force_takes_nothing_from_a_lock_of_another_version() -> None:
    assert lockfile.parse(TEXT.replace("lock 1:", "lock 2:").encode(), "lock", salvage=True) == {}


@given(st.binary(max_size=200))
def test_force_survives_any_bytes(data: bytes) -> None:
    lock = lockfile.parse(lockfile.to_bytes(LOCK) + data, "lock", salvage=True)
    assert all(paths.problem(path) is None for path in lock)


def test_a_union_accepts_what_either_side_accepts() -> None:
    new = {
        "k8s/base/api/deployment.yaml": Entry(frozenset({THREE}), "kustomize", "staging"),
        "new": Entry(frozenset({TWO}), "helm", None),
    }
    union = lockfile.union(LOCK, new)
    assert union.keys() == LOCK.keys() | {"new"}
    assert union["k8s/base/api/deployment.yaml"] == Entry(frozenset({ONE, THREE}), "kustomize", "staging")


@pytest.mark.parametrize("name", ["", "a b", "-", "a\nb"])
def test_a_name_that_would_break_a_line_is_refused(name: str) -> None:
    assert lockfile.names_problem(name, None)
    assert lockfile.names_problem("kustomize", name) or name == ""
