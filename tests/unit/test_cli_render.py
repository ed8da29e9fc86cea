"""What the commands do with a real spec: the one that `init` writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import manifestgen
from manifestgen import cli
from manifestgen.api.starting import SCHEMA, SPEC, platform_name
from manifestgen.errors import Exit

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def project(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the starting spec, and the current one."""
    folder = tmp_path / "shop"
    assert run("init", str(folder))[0] == Exit.OK
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def rendered(project: Path, run: Run) -> Path:
    code, _, err = run("render")
    assert (code, err) == (Exit.OK, "")
    return project / "out"


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_init_writes_is_valid_and_renders(project: Path, run: Run) -> None:
    assert run("validate") == (Exit.OK, "specs/platform.yaml is valid\n", "")
    code, out, err = run("render")
    files = _files(project / "out")
    assert (code, err) == (Exit.OK, "")
    assert out.startswith(f"out: {len(files) - 1} created, 0 changed, 0 removed, 0 left alone\n")
    assert {name.split("/")[0] for name in files} == {"k8s", "helm", "monitoring", ".manifestgen.lock"}
    assert run("render")[1] == f"out: 0 created, 0 changed, 0 removed, {len(files) - 1} left alone\n"
    assert run("render", "--check") == (
        Exit.OK,
        f"out is what specs/platform.yaml gives: {len(files) - 1} files\n",
        "",
    )


def test_init_says_what_comes_next(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "my shop"
    assert run("init", str(folder)) == (
        Exit.OK,
        f"created {folder / SPEC}\ncreated {folder / SCHEMA}\nNext: cd '{folder}' && manifestgen render\n",
        "",
    )


@pytest.mark.parametrize("existing", [SPEC, SCHEMA])
def test_init_overwrites_nothing(tmp_path: Path, run: Run, existing: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / existing).write_text("mine")
    code, out, err = run("init", str(tmp_path))
    assert (code, out) == (Exit.FINDINGS, "")
    assert f"{existing}: it is already there; choose another folder [init-exists]" in err
    assert _files(tmp_path) == {str(existing): b"mine"}


def test_init_says_why_it_cannot_write(tmp_path: Path, run: Run) -> None:
    (tmp_path / "specs").write_text("a file where a folder is needed")
    code, _, err = run("init", str(tmp_path))
    assert code == Exit.FINDINGS
    assert "it cannot be written" in err and "[init-failed]" in err


@pytest.mark.parametrize(
    ("folder", "name"),
    [("shop", "shop"), ("My Shop", "my-platform"), ("x" * 60, "my-platform"), ("9lives", "my-platform")],
)
def test_the_platform_is_called_like_its_folder_where_that_is_a_name(
    tmp_path: Path, folder: str, name: str
) -> None:
    assert platform_name(tmp_path / folder) == name


BROKEN = (
    "specs/platform.yaml:29:5: error: workloads.api.replica: unknown key 'replica'; did you mean 'replicas'?"
)


@pytest.fixture
def broken(project: Path) -> Path:
    _edit(project / SPEC, "    replicas: 2 ", "    replica: 2 ")
    line = (project / SPEC).read_text().split("    replica: 2 ")[0].count("\n") + 1
    return Path(f"specs/platform.yaml:{line}:5")


@pytest.mark.parametrize("command", ["validate", "render"])
def test_a_wrong_spec_is_told_with_its_line_and_writes_nothing(
    project: Path, broken: Path, run: Run, command: str
) -> None:
    before = _files(project)
    code, out, err = run(command)
    assert (code, out) == (Exit.FINDINGS, "")
    assert f"{broken}: error: workloads.api.replica: unknown key 'replica'; did you mean 'replicas'?" in err
    assert _files(project) == before


@pytest.mark.parametrize("command", ["validate", "render"])
@pytest.mark.parametrize("report_format", ["json", "github", "sarif"])
def test_formats_for_machines_go_to_standard_output(
    broken: Path, run: Run, command: str, report_format: str
) -> None:
    code, out, err = run(command, "--format", report_format)
    assert (code, err) == (Exit.FINDINGS, "")
    assert "unknown-key" in out
    if report_format == "github":
        assert out.startswith("::error file=specs/platform.yaml,line=")
    else:
        assert json.loads(out)


def test_an_unknown_environment_is_wrong_usage_with_the_nearest_name(project: Path, run: Run) -> None:
    for command in ("render", "show"):
        code, out, err = run(command, "prodution")
        assert (code, out) == (Exit.USAGE, "")
        assert "there is no environment 'prodution'; did you mean 'production'?" in err
    assert not (project / "out").exists()


@pytest.mark.parametrize("report_format", ["json", "sarif", "github"])
@pytest.mark.parametrize("arguments", [("prodution",), ("--target", "hlem")])
def test_an_unknown_name_is_told_in_the_format_asked_for(
    project: Path, run: Run, report_format: str, arguments: tuple[str, ...]
) -> None:
    code, out, err = run("render", *arguments, "--format", report_format)
    assert (code, err) == (Exit.USAGE, "")
    assert "did you mean" in out
    assert report_format == "github" or json.loads(out)


def test_force_and_check_contradict_each_other(rendered: Path, run: Run) -> None:
    code, out, err = run("render", "--force", "--check")
    assert (code, out) == (Exit.USAGE, "")
    assert "--check writes nothing" in err


def test_check_names_what_is_changed_missing_extra_and_edited(rendered: Path, run: Run) -> None:
    missing, edited = rendered / "k8s/base/kustomization.yaml", next((rendered / "helm").rglob("values.yaml"))
    missing.unlink()
    edited.write_text(edited.read_text() + "# by hand\n")
    _edit(Path(SPEC), "LOG_LEVEL: info", "LOG_LEVEL: debug")
    _edit(Path(SPEC), "    disruptionBudget: {maxUnavailable: 1}\n", "")
    before = _files(rendered)
    code, out, err = run("render", "--check")
    assert (code, err) == (Exit.FINDINGS, "")
    assert out.startswith("out is not what specs/platform.yaml gives: ")
    states = {
        line.split()[-1]: line.rsplit(maxsplit=1)[0].strip() for line in out.splitlines() if line[0] == " "
    }
    assert states[str(missing.relative_to(rendered))] == "missing"
    assert states[str(edited.relative_to(rendered))] == "edited by hand"
    assert {"changed", "extra"} <= set(states.values())
    assert "Run `manifestgen render` and commit the result" in out
    assert _files(rendered) == before


def test_check_tells_machines_the_same(rendered: Path, run: Run) -> None:
    gone = "k8s/base/kustomization.yaml"
    (rendered / gone).unlink()
    code, out, _ = run("render", "--check", "--format", "json")
    report = json.loads(out)
    assert code == Exit.FINDINGS
    assert [(finding["rule"], finding["path"]) for finding in report["findings"]] == [
        ("output-missing", f"out/{gone}")
    ]
    assert report["files"]["created"] == [gone]
    assert report["current"] is False
    _, out, _ = run("render", "--check", "--format", "github")
    assert out.startswith(f"::error file=out/{gone},title=output-missing::out/{gone}: ")
    assert "\nout is not what specs/platform.yaml gives: 1 missing\n" in out


def test_a_file_edited_by_hand_is_kept_and_reported_until_forced(rendered: Path, run: Run) -> None:
    file = rendered / "k8s/base/kustomization.yaml"
    original = file.read_text()
    file.write_text(original + "# mine\n")
    code, out, err = run("render")
    assert code == Exit.FINDINGS
    assert "[output-hand-edited]" in err and ", 1 kept" in out
    assert file.read_text() == original + "# mine\n"
    assert run("render", "--force")[0] == Exit.OK
    assert file.read_text() == original


def test_one_environment_is_rendered_alone_and_the_rest_is_named(rendered: Path, run: Run) -> None:
    before = _files(rendered)
    _edit(Path(SPEC), "api.staging.example.com", "staging.example.com")
    _edit(Path(SPEC), "hosts: [api.example.com]", "hosts: [www.example.com]")
    code, out, err = run("render", "production")
    changed = {name for name, data in _files(rendered).items() if before.get(name) != data}
    assert (code, err) == (Exit.OK, "")
    assert changed
    assert not [name for name in changed if "staging" in name]
    assert "Not asked for, but out of date: " in out and "(staging)" in out and "`manifestgen render`" in out


def test_one_target_is_rendered_alone(project: Path, run: Run) -> None:
    assert run("render", "--target", "kustomize")[0] == Exit.OK
    assert {name.split("/")[0] for name in _files(project / "out")} == {"k8s", ".manifestgen.lock"}


def test_diff_shows_the_change_and_writes_nothing(rendered: Path, run: Run) -> None:
    assert run("render", "--diff") == (Exit.OK, "", "")
    before = _files(rendered)
    _edit(Path(SPEC), "LOG_LEVEL: info", "LOG_LEVEL: debug")
    code, out, err = run("render", "--diff")
    assert (code, err) == (Exit.OK, "")
    assert "\n-  LOG_LEVEL: info\n+  LOG_LEVEL: debug\n" in out
    assert run("render", "--diff", "--check")[0] == Exit.FINDINGS
    assert _files(rendered) == before


def test_stdout_prints_what_render_would_write(project: Path, run: Run) -> None:
    code, out, err = run("render", "--stdout", "--target", "kustomize", "production")
    assert (code, err) == (Exit.OK, "")
    assert not (project / "out").exists()
    run("render", "--target", "kustomize", "production")
    files = {
        name: data for name, data in sorted(_files(project / "out").items()) if name != ".manifestgen.lock"
    }
    assert out == "".join(f"---\n# Source: {name}\n{data.decode()}" for name, data in files.items())


def test_the_locale_changes_no_byte(project: Path, run: Run) -> None:
    _edit(project / SPEC, "description: The server", "description: Der Größte – 🚀")
    outputs = []
    for encoding, locale in (("utf-8", "C.UTF-8"), ("ascii", "C")):
        env = {**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": locale, "PYTHONUTF8": "0"}
        command = [sys.executable, "-m", "manifestgen", "render", "--stdout"]
        outputs.append(subprocess.run(command, capture_output=True, check=True, env=env).stdout)
    assert "Größte – 🚀".encode() in outputs[0]
    assert outputs[0] == outputs[1]


def test_what_show_prints_is_the_same_platform_again(project: Path, run: Run) -> None:
    code, shown, err = run("show", "production")
    assert (code, err) == (Exit.OK, "")
    assert "readOnlyRootFilesystem: true" in shown  # a default
    again = project / "again.yaml"
    again.write_text(shown + "environments:\n  production: {}\n")
    first, second = manifestgen.resolve(SPEC, "production"), manifestgen.resolve(again, "production")
    assert first.spec == second.spec


def test_own_templates_win_and_are_named(project: Path, run: Run, repo_root: Path) -> None:
    own = project / "mine" / "kubernetes" / "service.yaml.j2"
    own.parent.mkdir(parents=True)
    own.write_text("# of our own\n" + (repo_root / "templates/kubernetes/service.yaml.j2").read_text())
    assert run("render", "--templates", "mine")[0] == Exit.OK
    assert (project / "out/k8s/base/api/service.yaml").read_text().startswith("# of our own\n")
    _, out, _ = run("targets", "--templates", "mine")
    assert "kubernetes/service.yaml.j2 (yours)" in out
    assert out.endswith(f"  mine\n  {repo_root / 'templates'}\n")


def test_the_library_does_what_the_command_does(project: Path) -> None:
    assert manifestgen.validate() == ()
    planned = manifestgen.render(check=True)
    assert planned.created and not planned.current and not (project / "out").exists()
    result = manifestgen.render("specs/platform.yaml", ["production"], targets=["helm", "kustomize"])
    assert result.ok and result.created == tuple(
        name for name in sorted(_files(project / "out")) if "lock" not in name
    )
    assert manifestgen.resolve(environment="production").spec.namespace == "shop"
    with pytest.raises(manifestgen.ManifestgenError, match="there is no target 'hlem'"):
        manifestgen.render(targets=["hlem"])


def test_the_library_gives_the_files_and_the_diff_that_the_command_prints(rendered: Path, run: Run) -> None:
    chosen = ("production", "--target", "kustomize")
    _edit(Path(SPEC), "LOG_LEVEL: info", "LOG_LEVEL: debug")
    before = _files(rendered)
    result = manifestgen.render(environments=["production"], targets=["kustomize"], check=True)
    assert run("render", *chosen, "--diff")[1] == result.diff != ""
    assert run("render", *chosen, "--stdout")[1] == "".join(
        f"---\n# Source: {path}\n{artifact.text}" for path, artifact in result.artifacts.items()
    )
    assert {(made.target, made.environment) for made in result.artifacts.values()} == {
        ("kustomize", None),
        ("kustomize", "production"),
    }
    assert _files(rendered) == before
    written = manifestgen.render(environments=["production"], targets=["kustomize"])
    assert written.diff == result.diff
    assert manifestgen.render(environments=["production"], targets=["kustomize"]).diff == ""


def test_a_wrong_spec_has_neither_files_nor_a_diff(broken: Path) -> None:
    result = manifestgen.render()
    assert (dict(result.artifacts), result.diff) == ({}, "")


def test_the_library_gives_the_schema_that_the_command_prints(run: Run) -> None:
    assert json.loads(run("schema")[1]) == manifestgen.schema()
    manifestgen.schema().clear()
    assert manifestgen.schema() != {}


def test_the_library_lists_the_targets_that_the_command_lists(project: Path, run: Run) -> None:
    own = project / "mine" / "kubernetes" / "service.yaml.j2"
    own.parent.mkdir(parents=True)
    own.write_text("# of our own\n")
    targets = manifestgen.list_targets(templates="mine")
    listing = run("targets", "--templates", "mine")[1]
    for target in targets:
        assert f"{target.name:<12}  {target.summary}\n" in listing
        assert all(f"  {name}" in listing and file.is_file() for name, file in target.templates.items())
    assert targets[0].templates["kubernetes/service.yaml.j2"] == Path("mine/kubernetes/service.yaml.j2")
    assert [target.name for target in manifestgen.list_targets()] == [target.name for target in targets]


def test_the_library_starts_a_spec_and_overwrites_none(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    files = manifestgen.init(folder)
    assert files == (folder / SPEC, folder / SCHEMA)
    assert manifestgen.validate(files[0]) == ()
    with pytest.raises(manifestgen.ManifestgenError, match="init-exists"):
        manifestgen.init(folder)


@pytest.mark.parametrize(
    "call",
    [
        lambda: manifestgen.render(out=""),
        lambda: manifestgen.render(""),
        lambda: manifestgen.render(templates=""),
        lambda: manifestgen.validate(""),
        lambda: manifestgen.resolve(""),
        lambda: manifestgen.list_targets(templates=""),
        lambda: manifestgen.init(""),
    ],
)
def test_the_library_takes_no_empty_path_for_the_current_folder(
    project: Path, call: Callable[[], object]
) -> None:
    before = _files(project)
    with pytest.raises(ValueError, match="the path is empty"):
        call()
    assert _files(project) == before


def test_the_library_gives_findings_as_values(broken: Path) -> None:
    result = manifestgen.render()
    assert not result.ok and result.created == ()
    assert result.findings == manifestgen.validate()
    assert str(result.findings[0].location) == str(broken)


def test_importing_the_package_costs_nothing() -> None:
    program = """
import sys
before = set(sys.modules)
import manifestgen
print(*sorted(set(sys.modules) - before - {"__future__", "typing"}))
"""
    command = [sys.executable, "-S", "-c", program]
    path = os.pathsep.join(part for part in sys.path if part)
    env = {**os.environ, "PYTHONPATH": path}
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout.split()
    assert [name for name in loaded if name.startswith("manifestgen")] == ["manifestgen"]
    assert not {"pydantic", "jinja2", "click", "ruamel", "jsonschema", "pathlib"}.intersection(loaded)


def test_public_names_are_what_they_are_called_whatever_was_imported() -> None:
    """A subpackage called like a public function would take its place once it is imported."""
    program = """
import pkgutil, sys, manifestgen, manifestgen.api
assert {module.name for module in pkgutil.iter_modules(manifestgen.__path__)}.isdisjoint(manifestgen.__all__)
assert all(not isinstance(getattr(manifestgen, name), type(sys)) for name in manifestgen.__all__)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
