"""The exact words of every message that no other golden file holds, each provoked as a user would.

Only what the operating system says is made up. Other golden files: tests/specs/invalid (what a spec gets
wrong), test_report*.py and test_write_words.py (how findings and files are listed).
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from manifestgen import __version__, api, cli, write
from manifestgen.artifact import Artifact, as_tree
from manifestgen.cli.group import COMMANDS
from manifestgen.cli.output import StreamError
from manifestgen.errors import Exit, ManifestgenError
from manifestgen.facts.rules import RULES
from manifestgen.kube.identity import object_paths
from manifestgen.kube.objects import KubeObject
from manifestgen.report import text
from manifestgen.resolving.wording import explain
from manifestgen.write import Selection
from manifestgen.yamlio.load import load_text
from support.specs import as_json, spec_of

pytestmark = pytest.mark.usefixtures("warm_renders")

Run = Callable[..., str]
Break = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; what it prints and its exit code, without what differs between machines."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("MANIFESTGEN_DEBUG", raising=False)

    def run(*arguments: str) -> str:
        code = cli.run(arguments)
        printed = capfd.readouterr()
        shown = f"$ manifestgen {' '.join(arguments)}\n{printed.out}{printed.err}exit code {int(code)}"
        return shown.replace(__version__, "<version>")

    return run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the spec that `init` writes, and the current one."""
    folder = tmp_path / "shop"
    api.init(folder)
    monkeypatch.chdir(folder)
    return folder


def told(error: ManifestgenError) -> str:
    return text.findings(error.findings)


# --- Help and wrong usage --------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help(run: Run, command: str, snapshot: SnapshotAssertion) -> None:
    assert run(*filter(None, [command]), "--help") == snapshot


WRONG_USAGE = (
    ("rendr",),
    ("deploy",),
    ("--verbose",),
    ("init", "a", "b"),
    ("init", ""),
    ("init", "specs/platform.yaml"),
    ("validate", "production"),
    ("validate", "--spec"),
    ("validate", "--spec", ""),
    ("validate", "--format", "xml"),
    ("validate", "--templates", "nowhere"),
    ("render", "--chek"),
    ("render", "--out", ""),
    ("render", "--spec", ""),
    ("render", "--templates", ""),
    ("render", "--templates", "specs/platform.yaml"),
    ("render", "--stdout", "--check"),
    ("render", "--force", "--stdout"),
    ("render", "--force", "--check"),
    ("render", "--format", "json", "--diff"),
    ("render", "--target", "hlem"),
    ("render", "--target", "argocd"),
    ("render", "--target", ""),
    ("render", "prodution"),
    ("render", "qa", "--format", "github"),
    ("render", "qa", "--format", "json"),
    ("render", "--target", "hlem", "--format", "github"),
    ("show",),
    ("show", "a", "b"),
    ("show", "qa"),
    ("show", "production", "--spec", ""),
    ("schema", "extra"),
    ("targets", "extra"),
    ("targets", "--templates", ""),
)


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage(
    run: Run, project: Path, arguments: tuple[str, ...], snapshot: SnapshotAssertion
) -> None:
    shown = run(*arguments)
    assert shown == snapshot
    assert shown.endswith(f"exit code {int(Exit.USAGE)}")
    assert not (project / "out").exists()


def test_alerts_where_nobody_is_told(run: Run, project: Path, snapshot: SnapshotAssertion) -> None:
    shown = run("alerts", "list", "production")
    assert shown == snapshot
    assert shown.endswith(f"exit code {int(Exit.FINDINGS)}")


def test_the_cost_where_nothing_has_a_price(run: Run, project: Path, snapshot: SnapshotAssertion) -> None:
    shown = run("cost", "production")
    assert shown == snapshot
    assert shown.endswith(f"exit code {int(Exit.FINDINGS)}")


# --- What ends a command early ----------------------------------------------------------------------


def test_a_bug(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(api, "validate", fail)
    shown = run("validate")
    assert shown.endswith(f"exit code {int(Exit.BUG)}")
    assert re.sub(r"\.py:\d+", ".py:<line>", shown) == snapshot


def test_standard_output_that_cannot_be_written(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StreamError(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    monkeypatch.setattr("manifestgen.cli.failures._silence", lambda: None)
    monkeypatch.setattr("manifestgen.cli.output.put_document", full)
    assert run("schema") == snapshot


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder is one that was removed."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()


@pytest.mark.parametrize("arguments", [("init",), ("init", "shop"), ("render",)], ids=" ".join)
def test_a_current_folder_that_is_gone(
    run: Run, nowhere: None, arguments: tuple[str, ...], snapshot: SnapshotAssertion
) -> None:
    shown = run(*arguments)
    assert shown == snapshot
    assert shown.endswith(f"exit code {int(Exit.FINDINGS)}")


# --- The spec ----------------------------------------------------------------------------------------


def _missing(spec: Path) -> None:
    spec.unlink()


def _folder(spec: Path) -> None:
    spec.unlink()
    spec.mkdir()


def _too_large(spec: Path) -> None:
    with spec.open("r+b") as file:
        file.truncate(50 * 2**20)


def _too_many_values(spec: Path) -> None:
    spec.write_text("a:\n" + "- 1\n" * 200_001)


@pytest.mark.parametrize("spoil", [_missing, _folder, _too_large, _too_many_values])
def test_a_spec_that_is_no_spec(
    run: Run, project: Path, spoil: Callable[[Path], None], snapshot: SnapshotAssertion
) -> None:
    spoil(project / "specs/platform.yaml")
    shown = run("validate")
    assert shown == snapshot
    assert shown.endswith(f"exit code {int(Exit.FINDINGS)}")


@contextmanager
def _forbidden(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file that this user may not read; root, who may run these tests, may read everything."""
    real_open, real_access = os.open, os.access

    def opened(path: Any, *rest: Any, **named: Any) -> int:
        if str(path) == name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
        return real_open(path, *rest, **named)

    def access(path: Any, *rest: Any, **named: Any) -> bool:
        return str(path) != name and real_access(path, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", opened)
        patch.setattr(os, "access", access)
        yield


@pytest.mark.parametrize("report_format", ["text", "json", "github", "sarif"])
def test_a_spec_that_may_not_be_read(
    run: Run,
    project: Path,
    report_format: str,
    monkeypatch: pytest.MonkeyPatch,
    snapshot: SnapshotAssertion,
) -> None:
    with _forbidden("specs/platform.yaml", monkeypatch):
        shown = run("validate", "--format", report_format)
    assert shown == snapshot
    assert shown.endswith(f"exit code {int(Exit.FINDINGS)}")


def test_a_value_that_only_pydantic_has_words_for(snapshot: SnapshotAssertion) -> None:
    """No spec is known that gives such a mistake: rule invalid."""
    node = load_text("a: 1\n", "specs/platform.yaml")
    details: Any = {"type": "of_a_later_pydantic", "msg": "Input should be something else"}
    assert explain(details, node) == snapshot


# --- Objects and templates ----------------------------------------------------------------------------

TEMPLATES = {
    "object-invalid": "apiVersion: v1\nkind: Service\nmetadata: {name: {{ name }}}\nspec: {port: 1}\n",
    "object-unknown-kind": "apiVersion: v9\nkind: Service\nmetadata: {name: {{ name }}}\n",
    "template-error: unknown name": "{{ nme }}",
    "template-error: syntax": "{% if %}",
    "template-error: unknown filter": "{{ name | no_such_filter }}",
    "template-error: unsafe": "{{ ''.__class__.__mro__ }}",
    "template-error: division": "{{ 1 // 0 }}",
    "template-error: no YAML": "a: [",
}


@pytest.mark.parametrize("case", TEMPLATES)
def test_a_template_of_ones_own(run: Run, project: Path, case: str, snapshot: SnapshotAssertion) -> None:
    own = project / "mine/kubernetes/service.yaml.j2"
    own.parent.mkdir(parents=True)
    own.write_text(TEMPLATES[case])
    shown = run("validate", "--templates", "mine")
    assert shown == snapshot
    assert f"[{case.partition(':')[0]}]" in shown


def _service(api_version: str) -> KubeObject:
    manifest = {"apiVersion": api_version, "kind": "Service", "metadata": {"name": "api"}}
    return KubeObject(manifest, "", "api", "x.j2", ("workloads", "api"))


def test_two_objects_for_one_file(snapshot: SnapshotAssertion) -> None:
    with pytest.raises(ManifestgenError) as caught:
        object_paths([_service("v1"), _service("serving.knative.dev/v1")])
    assert told(caught.value) == snapshot


# --- The output folder --------------------------------------------------------------------------------


def _fails(where: Any, name: str, code: int) -> Break:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(where, name, fail)

    return patch


def _may_not_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_, **__: False)


REFUSALS: dict[str, Break] = {
    "output-disk-full: no space": _fails(os, "write", errno.ENOSPC),
    "output-disk-full: quota": _fails(os, "write", errno.EDQUOT),
    "output-failed: staging": _fails(os, "write", errno.EIO),
    "output-failed: committing": _fails(os, "rename", errno.EIO),
    "output-not-writable: read-only": _fails(os, "mkdir", errno.EROFS),
    "output-not-writable: mount": _fails(os, "rename", errno.EXDEV),
    "output-not-writable: no locks": _fails(fcntl, "flock", errno.ENOLCK),
    "output-not-writable: folder": _may_not_be_written,
    "output-busy: locked": _fails(fcntl, "flock", errno.EWOULDBLOCK),
    "output-path: too long": _fails(os, "rename", errno.ENAMETOOLONG),
    "output-symlink: circle": _fails(os, "rename", errno.ELOOP),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_the_system_refuses(
    run: Run, project: Path, case: str, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    (project / "out").mkdir()
    with monkeypatch.context() as patch:
        REFUSALS[case](patch)
        shown = run("render")
    assert shown == snapshot
    assert f"[{case.partition(':')[0]}]" in shown
    assert shown.endswith(f"exit code {int(Exit.FINDINGS)}")


@pytest.mark.parametrize("report_format", ["json", "github"])
def test_what_the_system_refuses_is_told_in_the_format_asked_for(
    run: Run,
    project: Path,
    report_format: str,
    monkeypatch: pytest.MonkeyPatch,
    snapshot: SnapshotAssertion,
) -> None:
    with monkeypatch.context() as patch:
        _fails(os, "write", errno.ENOSPC)(patch)
        assert run("render", "--format", report_format) == snapshot


OUT_FOLDERS = {
    "output-not-a-folder": "specs/platform.yaml",
    "output-not-a-folder: below a file": "specs/platform.yaml/out",
    "output-path": "x" * 300,
    "output-symlink": "circle",
}


@pytest.mark.parametrize("case", OUT_FOLDERS)
def test_an_output_folder_that_is_none(
    run: Run, project: Path, case: str, snapshot: SnapshotAssertion
) -> None:
    (project / "circle").symlink_to("circle")
    shown = run("render", "--out", OUT_FOLDERS[case])
    assert shown == snapshot
    assert f"[{case.partition(':')[0]}]" in shown


def test_an_output_folder_that_may_not_be_read(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    (project / "out").mkdir()
    with _forbidden("out", monkeypatch):
        assert run("render", "--check") == snapshot


def test_a_folder_that_changes_meanwhile(
    project: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    request = api.Request()
    found = api.rendered(request)
    assert found.artifacts is not None
    planned = api.plan(request, found.artifacts, found.select)
    first = project / "out" / planned.created[0].path
    first.parent.mkdir(parents=True)
    first.write_text("mine\n")
    with pytest.raises(ManifestgenError) as caught:
        write.apply(planned)
    assert told(caught.value) == snapshot


PATHS = (
    ("../outside.yaml",),
    ("/etc/passwd",),
    ("a\nb.yaml",),
    (".manifestgen.lock",),
    (".git/hooks/pre-commit",),
    ("a /b",),
    ("x" * 300,),
    ("a/" * 2500 + "b",),
    ("a.yaml", "A.yaml"),
    ("a", "a/b.yaml"),
)


def _refused(*artifacts: Artifact) -> str:
    with pytest.raises(ManifestgenError) as caught:
        write.plan(as_tree(artifacts), Path("out"), select=Selection(), force=False)
    return told(caught.value)


def test_paths_that_are_not_written(snapshot: SnapshotAssertion) -> None:
    shown = "".join(_refused(*(Artifact(path, "", "helm") for path in paths)) for paths in PATHS)
    assert shown.count("[output-path]") == len(PATHS)
    assert re.sub(r"(a/|x){99,}", r"\1(and so on)", shown) == snapshot


def test_a_text_that_is_not_written(snapshot: SnapshotAssertion) -> None:
    assert _refused(Artifact("k8s/a.yaml", "\ud800", "kustomize")) == snapshot


# --- What is in other files, or too large for a file --------------------------------------------------


def test_a_schema_of_a_custom_resource_that_is_none(
    run: Run, project: Path, snapshot: SnapshotAssertion
) -> None:
    (project / "crds/example.com").mkdir(parents=True)
    (project / "crds/example.com/widget_v1.json").write_text('{"type": "objekt"}')
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "one"}, "spec": {}}
    (project / "spec.yaml").write_text(as_json(spec_of(manifests={"one": {"object": widget}})))
    assert run("validate", "--spec", "spec.yaml", "--crd-schemas", "crds") == snapshot


def test_files_larger_than_a_config_map(run: Run, project: Path, snapshot: SnapshotAssertion) -> None:
    workload = {
        "type": "worker",
        "image": {"repository": "example.com/app", "tag": "1.0.0"},
        "replicas": 1,
        "resources": {},
        "files": {"/etc/large": "x" * 1_100_000},
    }
    (project / "spec.yaml").write_text(as_json(spec_of(workloads={"app": workload})))
    assert run("validate", "--spec", "spec.yaml") == snapshot


# --- init -----------------------------------------------------------------------------------------------


def test_what_init_says(run: Run, project: Path, snapshot: SnapshotAssertion) -> None:
    (project / "full").mkdir()
    (project / "full/specs").write_text("a file where a folder is needed")
    assert run("init") == snapshot(name="exists")
    assert run("init", "my shop") == snapshot(name="a name with a space")
    assert run("init", "--", "-x") == snapshot(name="a name with a dash")
    assert run("init", "full") == snapshot(name="failed")


# --- Completeness ----------------------------------------------------------------------------------------


def test_every_rule_has_its_words_in_a_golden_file() -> None:
    """As text, as one of the formats for machines, or, of what no spec gives, as the value that it is."""
    tests = Path(__file__).parents[1]
    pages = (tests.parent / "docs" / "rules").glob("*.md")
    golden = [*tests.rglob("*.ambr"), *tests.rglob("*.errors.txt"), *pages]
    words = "\n".join(file.read_text("utf-8") for file in golden)
    missing = [rule for rule in RULES if f"[{rule}]" not in words and f"rule='{rule}'" not in words]
    assert missing == []
