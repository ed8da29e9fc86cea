"""Files that are no spec are refused at once, with a reason."""

import os
import time
from pathlib import Path

import pytest

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.yamlio.load import load_file, load_text, read_spec
from manifestgen.yamlio.read import LARGEST_SPEC


def finding(path: Path | str) -> Finding:
    with pytest.raises(ManifestgenError) as error:
        read_spec(path)
    (found,) = error.value.findings
    assert found.message.isprintable()
    assert found.advice
    return found


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"a: 1\r\n")
    assert read_spec(path) == b"a: 1\r\n"
    assert load_file(path).plain() == {"a": 1}
    assert load_file(path).location.file == str(path)


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"#" * LARGEST_SPEC)
    assert len(read_spec(path)) == LARGEST_SPEC
    path.write_bytes(b"#" * (LARGEST_SPEC + 1))
    assert finding(path).rule == "spec-size"


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 2**30)
    start = time.monotonic()
    found = finding(path)
    assert time.monotonic() - start < 0.5
    assert found.rule == "spec-size"
    assert "51200.0 MiB" in found.message


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"")
    before = path.stat()
    path.write_bytes(b"#" * (LARGEST_SPEC + 1))
    monkeypatch.setattr(os, "fstat", lambda _: before)
    assert finding(path).rule == "spec-size"


def test_a_large_text_is_refused_too() -> None:
    with pytest.raises(ManifestgenError, match="spec-size"):
        load_text("#" * (LARGEST_SPEC + 1), "spec.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = finding(tmp_path / "none.yaml")
    assert found.rule == "spec-unreadable"
    assert found.path.endswith("none.yaml")
    assert "no such file" in found.message


def test_a_directory_is_no_spec(tmp_path: Path) -> None:
    assert "a directory" in finding(tmp_path).message


def test_a_pipe_that_nobody_writes_to_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    start = time.monotonic()
    assert "a pipe" in finding(path).message
    assert time.monotonic() - start < 1


def test_a_device_is_no_spec() -> None:
    assert "a device" in finding("/dev/zero").message


def test_a_file_in_a_file_is_no_spec(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("a: 1")
    assert finding(tmp_path / "spec.yaml" / "x").rule == "spec-unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text("a: 1")
    path.chmod(0)
    assert "permission denied" in finding(path).message


def test_a_denied_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert "permission denied" in finding(tmp_path / "spec.yaml").message


@pytest.mark.parametrize("name", ["a\0b", "x\x1b[31m.yaml", "n" * 5000, "loop"])
def test_a_strange_name_gets_a_finding_that_can_be_shown(name: str, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert finding(str(tmp_path / name)).rule == "spec-unreadable"


def test_a_linked_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("a: 1")
    (tmp_path / "spec.yaml").symlink_to("real.yaml")
    assert read_spec(tmp_path / "spec.yaml") == b"a: 1"
