"""Templates of a user's own: they win, they can do no harm, and what is wrong in them is a finding."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import manifestgen
from manifestgen import pipeline
from manifestgen.errors import ManifestgenError, errors_in

ROOT = Path(__file__).parents[2]
SPECS = (ROOT / "specs/platform.yaml", *sorted((ROOT / "tests/specs").glob("*.yaml")))
ACCOUNT = "kubernetes/service-account.yaml.j2"
GOOD = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: {{ name | yaml }}}\n"


def findings(folder: Path, repo_root: Path) -> tuple[str, ...]:
    """What is said of the smallest spec with the templates in ``folder``, each as `path: message`."""
    try:
        found = manifestgen.validate(repo_root / "specs/minimal.yaml", templates=folder)
    except ManifestgenError as error:
        found = error.findings
    assert {finding.rule for finding in found} <= {"template-error"}
    return tuple(f"{finding.path}: {finding.message}" for finding in found)


def own(folder: Path, name: str, text: str) -> Path:
    """A folder of templates with one in it."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_template_of_ones_own_wins(tmp_path: Path, repo_root: Path) -> None:
    assert findings(own(tmp_path, ACCOUNT, GOOD), repo_root) == ()


@pytest.mark.parametrize(
    "attack",
    [
        "update.parse_raw('x', proto='pickle', allow_pickle=true)",
        "update.parse_file('/etc/hostname')",
        "update.model_copy()",
        "update['model_dump']()",
        "(update | attr('model_dump'))()",
        "update.__class__.__mro__",
        "''.__class__.__mro__[1].__subclasses__()",
        "'{0.__class__}'.format(update)",
        "pod.init_containers.append(1)",
        "self.__init__.__globals__",
        "cycler.__init__.__globals__",
    ],
)
def test_a_template_reads_fields_and_calls_nothing(attack: str, tmp_path: Path, repo_root: Path) -> None:
    theirs = (repo_root / "templates/kubernetes/deployment.yaml.j2").read_text("utf-8")
    folder = own(tmp_path, "kubernetes/deployment.yaml.j2", f"# {{{{ {attack} }}}}\n{theirs}")
    (told,) = findings(folder, repo_root)
    assert told.startswith("kubernetes/deployment.yaml.j2: ")


def test_a_field_of_the_spec_can_be_read(tmp_path: Path, repo_root: Path) -> None:
    theirs = (repo_root / "templates/kubernetes/deployment.yaml.j2").read_text("utf-8")
    folder = own(tmp_path, "kubernetes/deployment.yaml.j2", f"# {{{{ update.max_surge }}}}\n{theirs}")
    assert findings(folder, repo_root) == ()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path, repo_root: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text(GOOD, encoding="utf-8")
    link = tmp_path / "own" / ACCOUNT
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    (told,) = findings(tmp_path / "own", repo_root)
    assert told == f"{ACCOUNT}: {ACCOUNT} is a link that leads out of the folder of templates"


def test_a_folder_that_is_itself_a_link_is_fine(tmp_path: Path, repo_root: Path) -> None:
    own(tmp_path / "real", ACCOUNT, GOOD)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert findings(tmp_path / "link", repo_root) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: b: c\n", "a colon is not allowed here"),
        ("just text\n", "a map of keys is expected"),
        ("", "the file holds no value"),
        (GOOD + "---\n" + GOOD, "document"),
        ("apiVersion: 5\nkind: 6\nmetadata: 7\n", "what it renders has no apiVersion"),
        ("apiVersion: v1\nkind: X\n", "is named nothing"),
        (GOOD.replace("{{ name | yaml }}", "../../../x"), "is named '../../../x'"),
        (GOOD.replace("{name", "{annotations: {a: b, a: c}, name"), "the key a stands here again"),
        (GOOD.replace("{name", "{annotations: {1: b}, name"), "1"),
        ("&a {apiVersion: v1, kind: X, metadata: {name: x, self: *a}}\n", "alias"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ range(10 ** 9) | length }}", "Range too big"),
        (f"{{% include '{ACCOUNT}' %}}", "recursion"),
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{% if %}", "Expected an expression"),
    ],
)
def test_a_template_that_is_wrong_is_a_finding(text: str, told: str, tmp_path: Path, repo_root: Path) -> None:
    found = findings(own(tmp_path, ACCOUNT, text), repo_root)
    assert found
    assert all(one.startswith(f"{ACCOUNT}: ") for one in found)
    assert any(told in one for one in found), found


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("kustomize/base.yaml.j2", "k8s/base/kustomization.yaml"),
        (
            "monitoring/prometheus/prometheus.yml.j2",
            "monitoring/production/prometheus/prometheus.yml",
        ),
    ],
)
def test_files_that_are_no_objects_are_read_again_too(
    name: str, path: str, tmp_path: Path, repo_root: Path
) -> None:
    (told,) = findings(own(tmp_path, name, "a: b: c\n"), repo_root)
    assert told.startswith(f"{path}: line 1 of what it renders: ")


def test_nothing_is_written_while_a_template_is_wrong(tmp_path: Path, repo_root: Path) -> None:
    folder = own(tmp_path / "own", "kustomize/base.yaml.j2", "a: b: c\n")
    result = manifestgen.render(repo_root / "specs/minimal.yaml", templates=folder, out=tmp_path / "out")
    assert not result.ok
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_all_built_in_templates_pass_the_strict_reading(spec: Path, tmp_path: Path, repo_root: Path) -> None:
    shutil.copytree(repo_root / "templates", tmp_path / "own")
    mine = pipeline.build(spec, templates=tmp_path / "own")
    assert not errors_in(mine.findings)
    theirs = pipeline.build(spec)
    assert {path: one.text for path, one in mine.artifacts.items()} == {
        path: one.text for path, one in theirs.artifacts.items()
    }
