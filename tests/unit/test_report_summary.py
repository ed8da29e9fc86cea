"""What a render tells about the output folder."""

from __future__ import annotations

from pathlib import Path

from syrupy.assertion import SnapshotAssertion

from manifestgen.report import summary
from manifestgen.write.model import Change, Kept, LockChange, Outdated, Plan, Reason

COMMANDS = summary.Commands("manifestgen render production", "manifestgen render", "specs/platform.yaml")
CURRENT = Plan(
    out=Path("out"),
    created=(),
    changed=(),
    unchanged=("a", "b", "c"),
    removed=(),
    kept=(),
    outdated=(),
    forgotten=(),
    lock=LockChange(b"x", b"x", b"x"),
    leftover=False,
)
STALE = CURRENT._replace(
    created=(Change("k8s/base/api/service.yaml", None, b"new\n", False, False),),
    changed=(Change("helm/shop/values.yaml", b"old\n", b"new\n", False, False),),
    removed=(Change("k8s/base/old/service.yaml", b"old\n", None, False, False),),
    kept=(
        Kept("helm/shop/NOTES.txt", Reason.HAND_EDITED, "helm/shop/NOTES.txt"),
        Kept("scripts/run.sh", Reason.FOREIGN, "scripts/run.sh"),
        Kept("docs/x", Reason.SYMLINK, "docs"),
    ),
    outdated=(
        Outdated("k8s/overlays/staging/x.yaml", "kustomize", "staging"),
        Outdated("helm/x", "helm", None),
    ),
)
MANY = tuple(
    Change(f"k8s/{kind}/app-{number}/service.yaml", None, b"", False, False)
    for kind in ("base", "overlays")
    for number in range(30)
)


def test_the_words_after_a_render(snapshot: SnapshotAssertion) -> None:
    assert summary.rendered(STALE, COMMANDS) == snapshot(name="changes")
    assert summary.rendered(CURRENT, COMMANDS) == snapshot(name="nothing to do")


def test_the_words_of_a_check(snapshot: SnapshotAssertion) -> None:
    assert summary.checked(STALE, COMMANDS) == snapshot(name="stale")
    assert summary.checked(CURRENT, COMMANDS) == snapshot(name="current")


def test_of_many_files_a_render_names_the_folders_and_a_check_every_file() -> None:
    plan = CURRENT._replace(created=MANY)
    assert summary.rendered(plan, COMMANDS).splitlines()[1:] == [
        "  created  k8s/base/ (30)",
        "  created  k8s/overlays/ (30)",
    ]
    assert all(change.path in summary.checked(plan, COMMANDS) for change in MANY)


def test_a_check_does_not_call_a_damaged_lock_or_a_killed_run_current() -> None:
    for plan in (CURRENT._replace(lock=LockChange(b"x", b"y", b"y")), CURRENT._replace(leftover=True)):
        assert "is not what specs/platform.yaml gives" in summary.checked(plan, COMMANDS)
        assert ".manifestgen." in summary.checked(plan, COMMANDS)


def test_names_of_files_are_shown_with_control_characters_escaped() -> None:
    plan = CURRENT._replace(removed=(Change("a\x1b[31m", b"", None, False, False),))
    assert "\x1b" not in summary.rendered(plan, COMMANDS) + summary.checked(plan, COMMANDS)
